// Restatements and what follows from them.
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "coordinator/store/sql/sql_store.h"
#include "coordinator/store/sql/where.h"

namespace tikhaul {
namespace {

struct StoredRestatement {
  int64_t id = 0;
  Restatement facts;
};

StoredRestatement ReadRestatement(SqlRow& row) {
  StoredRestatement stored;
  Restatement& facts = stored.facts;
  DayChange& change = facts.change;
  row.Read(stored.id, facts.extract, facts.advertiser, change.day, facts.run_id, facts.chunk, facts.epoch,
           facts.settled, facts.age_days, facts.finality_before, change.inserted, change.updated, change.removed);
  return stored;
}

RestatedMetric ReadMetric(SqlRow& row) {
  RestatedMetric metric;
  std::optional<std::string> before, after, difference, moved;
  row.Read(metric.metric, metric.rows, metric.filled, before, after, difference, moved);
  if (before.has_value() && after.has_value() && difference.has_value() && moved.has_value()) {
    metric.sums = RestatedSums{.before = *before, .after = *after, .difference = *difference, .moved = *moved};
  }
  return metric;
}

Movement ReadMovement(SqlRow& row) {
  Movement movement;
  row.Read(movement.age_days, movement.metric, movement.days, movement.moved);
  return movement;
}

}  // namespace

absl::StatusOr<std::vector<Restatement>> SqlReader::ListRestatements(const RestatementFilter& filter, size_t offset,
                                                                     size_t limit) {
  Where where;
  where.AddUnlessEmpty("extract = ?", filter.extract);
  where.AddUnlessEmpty("advertiser = ?", filter.advertiser);
  if (filter.first_day.has_value()) where.Add("day >= ?", FormatDay(*filter.first_day));
  if (filter.last_day.has_value()) where.Add("day <= ?", FormatDay(*filter.last_day));
  if (filter.least_age_days > 0) where.Add(absl::StrCat("age_days >= ", filter.least_age_days));
  ASSIGN_OR_RETURN(
      const std::vector<StoredRestatement> stored,
      ReadAll<StoredRestatement>(
          where.Query(db_,
                      "SELECT id, extract, advertiser, day, run_id, chunk, epoch, settled_at, age_days, "
                      "finality_before, inserted, updated, removed FROM tikhaul_restatement",
                      " ORDER BY day DESC, settled_at DESC, id DESC LIMIT ? OFFSET ?", LimitValue(limit), offset),
          ReadRestatement));
  std::vector<Restatement> restatements;
  for (const StoredRestatement& one : stored) {
    restatements.push_back(one.facts);
    ASSIGN_OR_RETURN(
        restatements.back().change.metrics,
        ReadAll<RestatedMetric>(db_.Query("SELECT metric, rows, filled, sum_before, sum_after, difference, moved FROM "
                                          "tikhaul_restatement_metric WHERE restatement = ? ORDER BY metric",
                                          one.id),
                                ReadMetric));
  }
  return restatements;
}

absl::StatusOr<std::vector<Movement>> SqlReader::ListMovement(const std::string& extract, const std::string& advertiser,
                                                              absl::Time since) {
  return ReadAll<Movement>(
      db_.Query("SELECT age_days, metric, count(*), sum(CAST(moved AS DOUBLE PRECISION)) FROM tikhaul_restatement JOIN "
                "tikhaul_restatement_metric ON restatement = id WHERE extract = ? AND advertiser = ? AND settled_at "
                ">= ? AND finality_before <> 'provisional' AND moved IS NOT NULL AND rows > filled "
                "GROUP BY age_days, metric ORDER BY age_days, metric",
                extract, advertiser, Instant{since}),
      ReadMovement);
}

absl::Status SqlWriter::AddRestatement(const Restatement& restatement) {
  const DayChange& change = restatement.change;
  ASSIGN_OR_RETURN(
      const int64_t id,
      db_.ExecuteInt("INSERT INTO tikhaul_restatement (extract, advertiser, day, run_id, chunk, epoch, "
                     "settled_at, age_days, finality_before, inserted, updated, removed) "
                     "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
                     restatement.extract, restatement.advertiser, change.day, restatement.run_id, restatement.chunk,
                     restatement.epoch, Instant{restatement.settled}, restatement.age_days, restatement.finality_before,
                     change.inserted, change.updated, change.removed));
  for (const RestatedMetric& metric : change.metrics) {
    const auto sum = [&](std::string RestatedSums::*member) {
      return metric.sums.has_value() ? std::optional<std::string>((*metric.sums).*member) : std::nullopt;
    };
    RETURN_IF_ERROR(db_.Execute("INSERT INTO tikhaul_restatement_metric (restatement, metric, rows, filled, "
                                "sum_before, sum_after, difference, moved) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                                id, metric.metric, metric.rows, metric.filled, sum(&RestatedSums::before),
                                sum(&RestatedSums::after), sum(&RestatedSums::difference), sum(&RestatedSums::moved))
                        .status());
  }
  return absl::OkStatus();
}

absl::Status SqlWriter::ForgetRestatements(const std::string& extract, const std::string& advertiser,
                                           absl::Time before) {
  constexpr absl::string_view kOld =
      " FROM tikhaul_restatement WHERE extract = ? AND advertiser = ? AND settled_at < ?";
  RETURN_IF_ERROR(
      db_.Execute(absl::StrCat("DELETE FROM tikhaul_restatement_metric WHERE restatement IN (SELECT id", kOld, ")"),
                  extract, advertiser, Instant{before})
          .status());
  return db_.Execute(absl::StrCat("DELETE", kOld), extract, advertiser, Instant{before}).status();
}

}  // namespace tikhaul
