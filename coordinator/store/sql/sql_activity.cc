// When advertisers were active.
#include "coordinator/store/sql/sql_store.h"

namespace tikhaul {

absl::StatusOr<std::vector<ActivitySpan>> SqlReader::ListActivity(const std::string& advertiser) {
  return ReadAll<ActivitySpan>(
      db_.Query("SELECT first_day, last_day, active, exact, asked_at, request_id FROM tikhaul_activity "
                "WHERE advertiser = ? ORDER BY first_day",
                advertiser),
      [](SqlRow& row) {
        ActivitySpan span;
        row.Read(span.first, span.last, span.active, span.exact, span.asked, span.request_id);
        return span;
      });
}

absl::Status SqlWriter::PutActivity(const std::string& advertiser, const std::vector<ActivitySpan>& spans) {
  RETURN_IF_ERROR(db_.Execute("DELETE FROM tikhaul_activity WHERE advertiser = ?", advertiser).status());
  for (const ActivitySpan& span : spans) {
    RETURN_IF_ERROR(db_.Execute("INSERT INTO tikhaul_activity (advertiser, first_day, last_day, active, exact, "
                                "asked_at, request_id) VALUES (?, ?, ?, ?, ?, ?, ?)",
                                advertiser, span.first, span.last, span.active, span.exact, Instant{span.asked},
                                span.request_id)
                        .status());
  }
  return absl::OkStatus();
}

}  // namespace tikhaul
