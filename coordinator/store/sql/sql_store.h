// The bookkeeping of every store that speaks SQL: all of StoreReader and StoreTransaction but the row tables, which
// each back end keeps in its own way. The methods are spread over files by topic: sql_chunks.cc,
// sql_insert_chunks.cc, sql_dispatch.cc, sql_runs.cc, sql_proof.cc, sql_records.cc, sql_access.cc, sql_activity.cc,
// sql_restatements.cc, sql_members.cc, sql_calendar.cc.
#ifndef TIKHAUL_COORDINATOR_STORE_SQL_SQL_STORE_H_
#define TIKHAUL_COORDINATOR_STORE_SQL_SQL_STORE_H_

#include <string>
#include <vector>

#include "coordinator/store/sql/sql_session.h"
#include "coordinator/store/store.h"

namespace tikhaul {

// Not thread-safe. Borrows the session, which must be inside a transaction as long as the reader lives.
class SqlReader : public virtual StoreReader {
 public:
  explicit SqlReader(SqlSession& db) : db_(db) {}

  absl::StatusOr<std::optional<Chunk>> GetChunk(ChunkId id) override;
  absl::StatusOr<std::vector<Chunk>> ListChunks(const ChunkFilter& filter, ChunkId after, size_t limit) override;
  absl::StatusOr<std::vector<Chunk>> ListDispatchable(Dispatchable which, absl::Time now, absl::Time hinted_before,
                                                      size_t limit) override;
  absl::StatusOr<std::optional<absl::Time>> NextNotBefore(absl::Time now) override;
  absl::StatusOr<ChunkCounts> CountChunks(const std::string& run_id, std::optional<absl::Time> waiting_at) override;
  absl::StatusOr<std::map<std::string, ChunkCounts>> CountChunksByExtract() override;

  absl::StatusOr<std::optional<Run>> GetRun(const std::string& id) override;
  absl::StatusOr<std::vector<Run>> ListRuns(const std::string& extract, size_t limit_finished) override;
  absl::StatusOr<std::vector<Run>> FindRuns(const RunFilter& filter, size_t limit) override;
  absl::StatusOr<std::vector<StoredExtract>> ListExtracts() override;
  absl::StatusOr<std::vector<Advertiser>> ListAdvertisers() override;
  absl::StatusOr<std::optional<Advertiser>> GetAdvertiser(const std::string& id) override;

  absl::StatusOr<std::vector<Pause>> ListPauses() override;
  absl::StatusOr<std::vector<Access>> ListAccess(bool open_too) override;
  absl::StatusOr<std::optional<Access>> GetAccess(const std::string& endpoint, const std::string& advertiser) override;
  absl::StatusOr<std::vector<Drift>> ListDrift() override;
  absl::StatusOr<std::vector<DeadLetter>> ListDeadLetters(const ChunkFilter& filter, ChunkId after,
                                                          size_t limit) override;
  absl::StatusOr<uint64_t> CountDeadLetters() override;
  absl::StatusOr<QuotaUsed> GetQuotaUsed(const std::string& app) override;
  absl::StatusOr<uint32_t> GetSliceIds(const std::string& extract, const std::string& advertiser) override;
  absl::StatusOr<std::optional<Road>> GetRoad(const std::string& extract, const std::string& advertiser,
                                              int version) override;
  absl::StatusOr<Seat> GetSeat(int number) override;
  absl::StatusOr<std::optional<KeptAnswer>> GetAnswer(const std::string& key) override;

  absl::StatusOr<std::vector<Coverage>> ListCoverage(const std::string& extract,
                                                     const std::string& advertiser) override;
  absl::StatusOr<std::vector<Coverage>> ListCoverageWithin(const std::string& extract, const std::string& advertiser,
                                                           absl::CivilDay first, absl::CivilDay last) override;
  absl::StatusOr<std::vector<CoveredDays>> ListCoveredDays(const CalendarPart& part) override;
  absl::StatusOr<std::vector<ReadDays>> ListReadDays(const CalendarPart& part) override;
  absl::StatusOr<std::vector<OpenDays>> ListOpenDays(const CalendarPart& part) override;
  absl::StatusOr<std::optional<Cursor>> GetCursor(const std::string& extract, const std::string& advertiser) override;
  absl::StatusOr<std::vector<Cursor>> ListCursors(const std::string& extract) override;
  absl::StatusOr<std::vector<LedgerEntry>> ListLedger(const LedgerFilter& filter, size_t offset, size_t limit) override;
  absl::StatusOr<std::optional<double>> RowsPerDay(const std::string& extract, const std::string& advertiser) override;
  absl::StatusOr<std::vector<ActivitySpan>> ListActivity(const std::string& advertiser) override;

  absl::StatusOr<std::vector<Verification>> ListVerifications() override;
  absl::StatusOr<std::vector<Restatement>> ListRestatements(const RestatementFilter& filter, size_t offset,
                                                            size_t limit) override;
  absl::StatusOr<std::vector<Movement>> ListMovement(const std::string& extract, const std::string& advertiser,
                                                     absl::Time since) override;

 private:
  SqlSession& db_;
};

// As SqlReader. A back end's transaction inherits both.
class SqlWriter : public StoreTransaction {
 public:
  explicit SqlWriter(SqlSession& db) : db_(db) {}

  absl::Status PutExtract(const StoredExtract& extract) override;
  absl::Status PutAdvertiser(const Advertiser& advertiser) override;

  absl::Status InsertRun(const Run& run) override;
  absl::Status UpdateRun(const Run& run) override;
  absl::StatusOr<uint64_t> InsertChunks(const std::vector<Chunk>& chunks) override;
  absl::Status UpdateChunk(const Chunk& chunk) override;
  absl::Status MarkHinted(const std::vector<ChunkId>& chunks, absl::Time at) override;
  absl::Status ForgetHints() override;
  absl::Status PutSeat(int number, const Seat& seat) override;
  absl::Status Postpone(const std::string& endpoint, const std::string& advertiser, absl::Time until) override;
  absl::StatusOr<uint64_t> CancelChunks(const std::string& run_id) override;

  absl::Status AddLedger(const LedgerEntry& entry) override;
  absl::Status AddRestatement(const Restatement& restatement) override;
  absl::Status ForgetRestatements(const std::string& extract, const std::string& advertiser,
                                  absl::Time before) override;
  absl::Status PutCoverage(const std::string& extract, const std::string& advertiser,
                           const std::vector<Coverage>& coverage) override;
  absl::Status PutCursor(const Cursor& cursor) override;
  absl::Status PutActivity(const std::string& advertiser, const std::vector<ActivitySpan>& spans) override;

  absl::Status PutDeadLetter(const DeadLetter& letter) override;
  absl::Status RemoveDeadLetter(ChunkId chunk) override;
  absl::Status PutPause(const Pause& pause) override;
  absl::Status RemovePause(const std::string& scope, const std::string& name) override;
  absl::Status PutAccess(const Access& access) override;
  absl::Status SetScout(const std::string& endpoint, const std::string& advertiser, ChunkId chunk) override;
  absl::Status AddDrift(const Drift& drift) override;
  absl::Status PutQuotaUsed(const std::string& app, const QuotaUsed& used) override;
  absl::Status PutSliceIds(const std::string& extract, const std::string& advertiser, uint32_t ids) override;
  absl::Status PutVerification(const Verification& verification) override;
  absl::Status PutRoad(const std::string& extract, const std::string& advertiser, int version, Road road) override;
  absl::Status PutAnswer(const KeptAnswer& answer) override;
  absl::Status ForgetAnswers(absl::Time before) override;

 private:
  SqlSession& db_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_SQL_SQL_STORE_H_
