// How a MemoryState is read and changed. The methods are spread over files by topic: memory_chunks.cc,
// memory_records.cc, memory_proof.cc, memory_members.cc, memory_tables.cc, memory_settle.cc, memory_sums.cc,
// memory_calendar.cc.
#ifndef TIKHAUL_TESTS_SIMULATION_MEMORY_TRANSACTION_H_
#define TIKHAUL_TESTS_SIMULATION_MEMORY_TRANSACTION_H_

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/memory_state.h"

namespace tikhaul {

// Borrows the state.
class MemoryReader : public virtual StoreReader {
 public:
  explicit MemoryReader(const MemoryState& state) : state_(state) {}

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

  absl::Status SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) override;
  absl::StatusOr<ObjectCounts> CountObjects(const TableSchema& table, const std::string& advertiser,
                                            absl::Time created_until) override;
  absl::StatusOr<std::vector<std::string>> ListUnknownIds(const std::string& table, const std::string& objects,
                                                          const std::string& id_column, const std::string& advertiser,
                                                          size_t limit) override;

 private:
  const MemoryState& state_;
};

// As MemoryReader.
class MemoryTransaction : public MemoryReader, public StoreTransaction {
 public:
  explicit MemoryTransaction(MemoryState& state) : MemoryReader(state), state_(state) {}

  absl::Status PutExtract(const StoredExtract& extract) override;
  absl::Status PutAdvertiser(const Advertiser& advertiser) override;
  absl::Status EnsureTable(const TableSchema& table) override;

  absl::Status InsertRun(const Run& run) override;
  absl::Status UpdateRun(const Run& run) override;
  absl::StatusOr<uint64_t> InsertChunks(const std::vector<Chunk>& chunks) override;
  absl::Status UpdateChunk(const Chunk& chunk) override;
  absl::Status MarkHinted(const std::vector<ChunkId>& chunks, absl::Time at) override;
  absl::Status ForgetHints() override;
  absl::Status PutSeat(int number, const Seat& seat) override;
  absl::Status Postpone(const std::string& endpoint, const std::string& advertiser, absl::Time until) override;
  absl::StatusOr<uint64_t> CancelChunks(const std::string& run_id) override;

  absl::StatusOr<SettleCounts> SettleRows(const SettleRequest& request, RowSource& rows) override;
  absl::Status SetFinality(const TableSchema& table, const RowScope& scope, Finality finality) override;
  absl::StatusOr<FillCounts> FillRows(const FillRequest& request, RowSource& rows) override;
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
  absl::Status EnsureOneTable(const TableSchema& table);

  MemoryState& state_;
};

// Instants as stores keep them.
inline absl::Time ToSecond(absl::Time time) {
  const bool finite = time != absl::InfinitePast() && time != absl::InfiniteFuture();
  return finite ? absl::FromUnixSeconds(absl::ToUnixSeconds(time)) : time;
}
inline absl::Time ToMicrosecond(absl::Time time) {
  const bool finite = time != absl::InfinitePast() && time != absl::InfiniteFuture();
  return finite ? absl::FromUnixMicros(absl::ToUnixMicros(time)) : time;
}

// Those from `offset` on, at most `limit` (0: all).
template <typename T>
std::vector<T> PageOf(std::vector<T> list, size_t offset, size_t limit) {
  list.erase(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(offset, list.size())));
  if (limit > 0 && list.size() > limit) list.erase(list.begin() + static_cast<std::ptrdiff_t>(limit), list.end());
  return list;
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_MEMORY_TRANSACTION_H_
