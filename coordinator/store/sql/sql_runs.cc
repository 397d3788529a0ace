// Runs, and what they are about: extracts and advertisers.
#include "absl/strings/str_cat.h"
#include "coordinator/store/sql/sql_store.h"
#include "coordinator/store/sql/where.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kSelectRun =
    "SELECT id, extract, kind, state, request, first_day, last_day, created_at, finished_at FROM tikhaul_run";

Run ReadRun(SqlRow& row) {
  Run run;
  row.Read(run.id, run.extract, run.kind, run.state, run.request, run.first_day, run.last_day, run.created,
           run.finished);
  return run;
}

std::optional<Instant> FinishedAt(const Run& run) {
  return run.finished.has_value() ? std::optional(Instant{*run.finished}) : std::nullopt;
}

constexpr absl::string_view kSelectAdvertiser =
    "SELECT id, connection, name, timezone, currency, status, created_at FROM tikhaul_advertiser";

Advertiser ReadAdvertiser(SqlRow& row) {
  Advertiser advertiser;
  row.Read(advertiser.id, advertiser.connection, advertiser.name, advertiser.timezone, advertiser.currency,
           advertiser.status, advertiser.created);
  return advertiser;
}

}  // namespace

absl::StatusOr<std::optional<Run>> SqlReader::GetRun(const std::string& id) {
  return ReadOne<Run>(db_.Query(absl::StrCat(kSelectRun, " WHERE id = ?"), id), ReadRun);
}

absl::StatusOr<std::vector<Run>> SqlReader::ListRuns(const std::string& extract, size_t limit_finished) {
  std::vector<Run> runs;
  for (const bool running : {true, false}) {
    Where where;
    where.Add(running ? "state = ?" : "state <> ?", Name(RunState::kRunning));
    where.AddUnlessEmpty("extract = ?", extract);
    const int64_t limit = LimitValue(running ? 0 : limit_finished);
    ASSIGN_OR_RETURN(
        const std::vector<Run> some,
        ReadAll<Run>(where.Query(db_, kSelectRun, " ORDER BY created_at DESC NULLS LAST, id LIMIT ?", limit), ReadRun));
    runs.insert(runs.end(), some.begin(), some.end());
  }
  return runs;
}

absl::StatusOr<std::vector<Run>> SqlReader::FindRuns(const RunFilter& filter, size_t limit) {
  Where where;
  where.AddUnlessEmpty("extract = ?", filter.extract);
  if (filter.kind.has_value()) where.Add("kind = ?", *filter.kind);
  if (filter.state.has_value()) where.Add("state = ?", *filter.state);
  if (filter.after.has_value()) {
    const auto& [created, id] = *filter.after;
    where.Add("created_at <= ?", Instant{created});
    where.Add("(created_at < ?", Instant{created});
    where.AddOr("id > ?)", id);
  }
  return ReadAll<Run>(
      where.Query(db_, kSelectRun, " ORDER BY created_at DESC NULLS LAST, id LIMIT ?", LimitValue(limit)), ReadRun);
}

absl::Status SqlWriter::InsertRun(const Run& run) {
  // Not by the error of a key that is taken, after which PostgreSQL gives the transaction up.
  ASSIGN_OR_RETURN(
      const uint64_t inserted,
      db_.Execute("INSERT INTO tikhaul_run (id, extract, kind, state, request, first_day, last_day, created_at, "
                  "finished_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
                  run.id, run.extract, run.kind, run.state, run.request, run.first_day, run.last_day,
                  Instant{run.created}, FinishedAt(run)));
  return inserted == 1 ? absl::OkStatus()
                       : absl::AlreadyExistsError(absl::StrCat("there is a run ", run.id, " already"));
}

absl::Status SqlWriter::UpdateRun(const Run& run) {
  ASSIGN_OR_RETURN(const uint64_t changed,
                   db_.Execute("UPDATE tikhaul_run SET extract = ?, kind = ?, state = ?, request = ?, first_day = ?, "
                               "last_day = ?, created_at = ?, finished_at = ? WHERE id = ?",
                               run.extract, run.kind, run.state, run.request, run.first_day, run.last_day,
                               Instant{run.created}, FinishedAt(run), run.id));
  return changed == 1 ? absl::OkStatus() : absl::NotFoundError(absl::StrCat("there is no run ", run.id));
}

absl::StatusOr<std::vector<StoredExtract>> SqlReader::ListExtracts() {
  return ReadAll<StoredExtract>(
      db_.Query("SELECT name, table_name, spec, version, shape_key, endpoint FROM tikhaul_extract ORDER BY name"),
      [](SqlRow& row) {
        StoredExtract extract;
        row.Read(extract.name, extract.table, extract.spec, extract.version, extract.key, extract.endpoint);
        return extract;
      });
}

absl::Status SqlWriter::PutExtract(const StoredExtract& extract) {
  return db_
      .Execute(PutSql("tikhaul_extract", {"name"}, {"table_name", "spec", "version", "shape_key", "endpoint"}),
               extract.name, extract.table, extract.spec, extract.version, extract.key, extract.endpoint)
      .status();
}

absl::StatusOr<std::vector<Advertiser>> SqlReader::ListAdvertisers() {
  return ReadAll<Advertiser>(db_.Query(absl::StrCat(kSelectAdvertiser, " ORDER BY connection, id")), ReadAdvertiser);
}

absl::StatusOr<std::optional<Advertiser>> SqlReader::GetAdvertiser(const std::string& id) {
  return ReadOne<Advertiser>(db_.Query(absl::StrCat(kSelectAdvertiser, " WHERE id = ?"), id), ReadAdvertiser);
}

absl::Status SqlWriter::PutAdvertiser(const Advertiser& advertiser) {
  return db_
      .Execute(
          PutSql("tikhaul_advertiser", {"id"}, {"connection", "name", "timezone", "currency", "status", "created_at"}),
          advertiser.id, advertiser.connection, advertiser.name, advertiser.timezone, advertiser.currency,
          advertiser.status, Instant{advertiser.created})
      .status();
}

}  // namespace tikhaul
