// The store: the truth about runs, chunks, rows, cursors and proof. One interface, one contract suite, several back
// ends.
//
// The store keeps and finds; it decides nothing. What may happen to a chunk is decided by coordinator/core and written
// here inside one transaction, so that rows, ledger, cursor and chunk state change together or not at all.
#ifndef TIKHAUL_COORDINATOR_STORE_STORE_H_
#define TIKHAUL_COORDINATOR_STORE_STORE_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/decimal_sum.h"
#include "common/base/secret.h"
#include "common/model/activity.h"
#include "common/model/calendar.h"
#include "common/model/chunk.h"
#include "common/model/member.h"
#include "common/model/restatement.h"
#include "common/model/row_batch.h"
#include "common/model/table.h"

namespace tikhaul {

// An extract as configured, remembered so that a later change of its shape is seen.
struct StoredExtract {
  std::string name;
  std::string table;
  std::string spec;      // JSON of the config message
  int version = 1;       // grows when the spec changes
  std::string key;       // what must never change for one table: mode, level and key columns, as text
  std::string endpoint;  // path of the API that it reads
};

struct ChunkFilter {
  std::string run_id;   // empty: any
  std::string extract;  // empty: any
  std::string advertiser;
  std::optional<ChunkState> state;
  std::optional<FailureClass> last_failure;
};

struct RunFilter {
  std::string extract = {};  // empty: any
  std::optional<RunKind> kind = {};
  std::optional<RunState> state = {};
  std::optional<std::pair<absl::Time, std::string>> after = {};  // creation and id of a run: those behind it
};

struct LedgerFilter {
  std::string extract;
  std::string advertiser;
  std::optional<absl::CivilDay> first_day, last_day;  // entries whose window overlaps
  bool only_by_probe = false;
  bool fills_too = false;  // entries with only_metrics as well
};

struct RestatementFilter {
  std::string extract = {};
  std::string advertiser = {};
  std::optional<absl::CivilDay> first_day = {}, last_day = {};
  int least_age_days = 0;
};

// Which rows a chunk owns alone: rows of the advertiser, and where `day_column` is set, only those whose day lies in
// [first, last]. For kMerge and kReplace, owned rows that the chunk did not bring are removed or marked gone. A row
// that the chunk brings but does not own is written all the same.
struct RowScope {
  std::string advertiser;
  std::string day_column;  // a kDate, kLocalHour or kTimestamp column of the table; empty: all rows of the advertiser
  absl::CivilDay first, last;
};

// Cells that are the same in all rows of a chunk, by column name: _run_id, _currency, advertiser_id ...
struct ConstantCell {
  std::string column;
  std::optional<std::string> text;  // for text columns
  std::optional<int64_t> number;    // for number columns; neither: null
};

// Gives the rows of a chunk, batch by batch.
class RowSource {
 public:
  virtual ~RowSource() = default;
  // The names of the batch columns, in order; each names a column of the table.
  virtual const std::vector<std::string>& columns() const = 0;
  // The next batch; nullptr after the last. The batch is valid until the next call.
  virtual absl::StatusOr<const RowBatch*> Next() = 0;
};

// The first answer to a call of the admin service that carried an idempotency key.
struct KeptAnswer {
  std::string key;
  std::string call;     // which: the name of the request's message
  std::string request;  // digest of the request
  std::string answer;   // JSON of the answer's message
  absl::Time kept = absl::InfinitePast();
};

// Calls an app has spent, for opening the quota again after Redis forgot it.
struct QuotaUsed {
  absl::CivilDay utc_day;
  uint64_t calls = 0;        // on that day
  uint64_t last_minute = 0;  // in the minute before `recorded`
  absl::Time recorded = absl::InfinitePast();
};

// kMarkGone sets _gone_at, where it is null, to the constant _extracted_at: the first read that did not return the row.
enum class Vanished { kRemove, kMarkGone, kKeep };

struct SettleRequest {
  TableSchema table;
  RowScope scope;
  Vanished vanished = Vanished::kRemove;  // for kMerge; kReplace always removes, kAppend never
  std::vector<ConstantCell> constants;
  // For kMerge: days of the scope that were read before, in normal form (core/coverage.h). What this read changes on
  // them is counted, at the cost of the changed rows.
  std::vector<Coverage> read_before = {};
};

struct SettleCounts {
  uint64_t rows = 0;           // given
  uint64_t distinct_keys = 0;  // of them; when a key comes twice the later row counts
  uint64_t inserted = 0, updated = 0, unchanged = 0;
  uint64_t removed = 0;  // removed or newly marked gone
  // Of SettleRequest::read_before, the days on which something changed, by day. A key that comes twice may count
  // with each of its rows.
  std::vector<DayChange> changes = {};
};

// Sums over rows of one advertiser, for SumRows.
struct SumRequest {
  TableSchema table;
  std::string advertiser;
  // A kDate or kLocalHour column; only rows whose day lies in [first, last] count. Empty: all rows, whose day is then
  // absl::CivilDay().
  std::string day_column;
  absl::CivilDay first, last;
  std::vector<std::string> group_columns;  // sums for each combination of their values
  std::vector<std::string> sum_columns;    // kInt64 or kDecimal
};

struct RowSums {
  absl::CivilDay day;
  std::string run_id;               // of tables of mode append: sums per run; else empty
  std::vector<std::string> groups;  // values of group_columns, as text
  uint64_t rows = 0;
  std::vector<DecimalSum> sums;           // by sum_columns; cells without a value add nothing
  std::vector<uint64_t> unreadable = {};  // by sum_columns: cells whose value was kept in _raw and is no number
};

// Objects of an entity table.
struct ObjectCounts {
  uint64_t present = 0;
  uint64_t gone = 0;  // no longer returned by the API
};

// When an extract's rows of an advertiser were last held against the API, and with which result.
struct Verification {
  std::string extract;
  std::string advertiser;
  absl::Time verified = absl::InfinitePast();
  std::optional<absl::CivilDay> first_day, last_day;  // none for extracts without days
  uint64_t equal = 0;                                 // figures compared that were equal
  uint64_t explained = 0, flagged = 0;                // differences
};

// Columns to fill in rows that are there.
struct FillRequest {
  TableSchema table;
  RowScope scope;                    // with a day column
  std::vector<std::string> columns;  // not of the key
  std::vector<ConstantCell> constants;
  absl::Time not_after;  // rows whose _extracted_at is later have these columns from a newer read
};

struct FillCounts {
  uint64_t rows = 0;           // given
  uint64_t distinct_keys = 0;  // of them
  uint64_t updated = 0, unchanged = 0;
  // Days on which the rows given are not those that are there: one is missing or one too many, on either side.
  std::vector<absl::CivilDay> other_days;
};

// kLost: only chunks that had a worker, lost it or were given back by it, and were not hinted since.
enum class Dispatchable { kAll, kLost };

// Reading. Every call sees one consistent state; across calls only inside Store::Read and Store::Write.
// Lists are ordered as each comment says; `limit` 0 means all. Instants are kept to the second, but Chunk::not_before,
// Chunk::hinted_at and QuotaUsed::recorded to the microsecond.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual absl::StatusOr<std::optional<Chunk>> GetChunk(ChunkId id) = 0;
  // By id, those after `after`.
  virtual absl::StatusOr<std::vector<Chunk>> ListChunks(const ChunkFilter& filter, ChunkId after, size_t limit) = 0;
  // Ready chunks that may run at `now`, not hinted since `hinted_before`, of runs, extracts, connections and
  // advertisers that are not paused: by priority, then newest window first, then id. Of an access that is not open,
  // none before its retry_at and none while its scout is running or was hinted since `hinted_before`.
  virtual absl::StatusOr<std::vector<Chunk>> ListDispatchable(Dispatchable which, absl::Time now,
                                                              absl::Time hinted_before, size_t limit) = 0;
  // The earliest not_before of a ready chunk that lies after `now`.
  virtual absl::StatusOr<std::optional<absl::Time>> NextNotBefore(absl::Time now) = 0;
  // Those that wait at `waiting_at` are counted one by one; without it they are left at 0.
  virtual absl::StatusOr<ChunkCounts> CountChunks(const std::string& run_id, std::optional<absl::Time> waiting_at) = 0;

  // Of all runs; rows, calls and those that wait are left at 0.
  virtual absl::StatusOr<std::map<std::string, ChunkCounts>> CountChunksByExtract() = 0;

  virtual absl::StatusOr<std::optional<Run>> GetRun(const std::string& id) = 0;
  // Running ones first, then the finished, newest first.
  virtual absl::StatusOr<std::vector<Run>> ListRuns(const std::string& extract, size_t limit_finished) = 0;
  // Newest first, those of one second by id.
  virtual absl::StatusOr<std::vector<Run>> FindRuns(const RunFilter& filter, size_t limit) = 0;

  virtual absl::StatusOr<std::vector<StoredExtract>> ListExtracts() = 0;  // by name
  virtual absl::StatusOr<std::vector<Advertiser>> ListAdvertisers() = 0;  // by connection, id
  virtual absl::StatusOr<std::optional<Advertiser>> GetAdvertiser(const std::string& id) = 0;
  virtual absl::StatusOr<std::vector<Pause>> ListPauses() = 0;                // oldest first
  virtual absl::StatusOr<std::vector<Access>> ListAccess(bool open_too) = 0;  // by advertiser, endpoint
  virtual absl::StatusOr<std::optional<Access>> GetAccess(const std::string& endpoint,
                                                          const std::string& advertiser) = 0;
  virtual absl::StatusOr<std::vector<Drift>> ListDrift() = 0;  // by extract, name
  virtual absl::StatusOr<std::vector<Coverage>> ListCoverage(const std::string& extract,
                                                             const std::string& advertiser) = 0;  // by day
  // The same, cut to [first, last].
  virtual absl::StatusOr<std::vector<Coverage>> ListCoverageWithin(const std::string& extract,
                                                                   const std::string& advertiser, absl::CivilDay first,
                                                                   absl::CivilDay last) = 0;
  // For calendars: windows of days that touch the part, by advertiser. Covered ones are then in order of days; reads
  // have the newest last day first, of these the newest commit; open ones are in order of first and last day, then
  // state.
  virtual absl::StatusOr<std::vector<CoveredDays>> ListCoveredDays(const CalendarPart& part) = 0;
  virtual absl::StatusOr<std::vector<ReadDays>> ListReadDays(const CalendarPart& part) = 0;
  virtual absl::StatusOr<std::vector<OpenDays>> ListOpenDays(const CalendarPart& part) = 0;
  virtual absl::StatusOr<std::optional<Cursor>> GetCursor(const std::string& extract,
                                                          const std::string& advertiser) = 0;
  virtual absl::StatusOr<std::vector<Cursor>> ListCursors(const std::string& extract) = 0;  // by extract, advertiser
  // Newest window first, then newest commit; pages by `offset`.
  virtual absl::StatusOr<std::vector<LedgerEntry>> ListLedger(const LedgerFilter& filter, size_t offset,
                                                              size_t limit) = 0;
  // Rows that the newest ledger entries of reads of whole rows of an extract and advertiser promise for a day or read,
  // on average; nothing when there are none.
  virtual absl::StatusOr<std::optional<double>> RowsPerDay(const std::string& extract,
                                                           const std::string& advertiser) = 0;
  // By day; spans do not overlap.
  virtual absl::StatusOr<std::vector<ActivitySpan>> ListActivity(const std::string& advertiser) = 0;
  // Newest day first, then newest; pages by `offset`.
  virtual absl::StatusOr<std::vector<Restatement>> ListRestatements(const RestatementFilter& filter, size_t offset,
                                                                    size_t limit) = 0;
  // By age and metric, of restatements since `since` of days that were not provisional before. Texts and columns that
  // were only filled do not count.
  virtual absl::StatusOr<std::vector<Movement>> ListMovement(const std::string& extract, const std::string& advertiser,
                                                             absl::Time since) = 0;
  virtual absl::StatusOr<std::vector<DeadLetter>> ListDeadLetters(const ChunkFilter& filter, ChunkId after,
                                                                  size_t limit) = 0;  // by chunk
  virtual absl::StatusOr<uint64_t> CountDeadLetters() = 0;
  // As last recorded for the app; all zero when nothing is.
  virtual absl::StatusOr<QuotaUsed> GetQuotaUsed(const std::string& app) = 0;
  // By how many ids at a time the requests of the pair are narrowed; 0: they are not.
  virtual absl::StatusOr<uint32_t> GetSliceIds(const std::string& extract, const std::string& advertiser) = 0;

  // Exact sums, given one by one in the order of day, run and groups. A failed status of `take` ends it.
  // INVALID_ARGUMENT when the request names columns that the table lacks or that cannot be added.
  virtual absl::Status SumRows(const SumRequest& request, absl::FunctionRef<absl::Status(const RowSums&)> take) = 0;
  // Of a table with _gone_at or of mode replace, without objects whose create_time, where the table has it, lies after
  // `created_until`.
  virtual absl::StatusOr<ObjectCounts> CountObjects(const TableSchema& table, const std::string& advertiser,
                                                    absl::Time created_until) = 0;
  // Values of `id_column` in the advertiser's rows of `table` that its rows of `objects` lack; in order.
  virtual absl::StatusOr<std::vector<std::string>> ListUnknownIds(const std::string& table, const std::string& objects,
                                                                  const std::string& id_column,
                                                                  const std::string& advertiser, size_t limit) = 0;
  virtual absl::StatusOr<std::vector<Verification>> ListVerifications() = 0;  // by extract, advertiser
  // The road that the pair turned out to need, as long as the extract is of that version; nothing: either.
  virtual absl::StatusOr<std::optional<Road>> GetRoad(const std::string& extract, const std::string& advertiser,
                                                      int version) = 0;
  // `number` from 0 to kSeats - 1.
  virtual absl::StatusOr<Seat> GetSeat(int number) = 0;
  virtual absl::StatusOr<std::optional<KeptAnswer>> GetAnswer(const std::string& key) = 0;
};

// Reading and changing inside one transaction. The base is virtual so that a back end's transaction can inherit how its
// reader reads.
class StoreTransaction : public virtual StoreReader {
 public:
  virtual absl::Status PutExtract(const StoredExtract& extract) = 0;
  // Makes the row table, or adds the columns it lacks, and the same for its history table, which is kept by every later
  // change of the row table as long as table.history is set. FAILED_PRECONDITION, with the mend, when a table of that
  // name is not ours, or has another key or another type for a column.
  virtual absl::Status EnsureTable(const TableSchema& table) = 0;
  virtual absl::Status PutAdvertiser(const Advertiser& advertiser) = 0;

  // ALREADY_EXISTS when the id is taken.
  virtual absl::Status InsertRun(const Run& run) = 0;
  virtual absl::Status UpdateRun(const Run& run) = 0;
  // Ids are given by the store. A chunk of the same run, extract, advertiser, window and metrics that is not split
  // is left alone. Returns how many were new.
  virtual absl::StatusOr<uint64_t> InsertChunks(const std::vector<Chunk>& chunks) = 0;
  // Writes every member but id and what names the chunk (run, extract, advertiser, window, metrics). NOT_FOUND for
  // unknown ids.
  virtual absl::Status UpdateChunk(const Chunk& chunk) = 0;
  virtual absl::Status MarkHinted(const std::vector<ChunkId>& chunks, absl::Time at) = 0;
  // Forgets when chunks were hinted, so that all are pushed again.
  virtual absl::Status ForgetHints() = 0;
  virtual absl::Status PutSeat(int number, const Seat& seat) = 0;
  // Sets not_before of the ready chunks of an advertiser and of all extracts that read this endpoint.
  virtual absl::Status Postpone(const std::string& endpoint, const std::string& advertiser, absl::Time until) = 0;
  // Ready and running chunks of the run become cancelled, their epochs grow.
  virtual absl::StatusOr<uint64_t> CancelChunks(const std::string& run_id) = 0;

  // Brings the rows of a chunk into its table (see RowScope). Two rows are the same when they agree in the key, and
  // unchanged when they agree in all else but _run_id and _extracted_at; unchanged rows are not touched. Columns of the
  // schema that neither rows nor constants bring become null; columns of the table that the schema no longer has keep
  // their values. INVALID_ARGUMENT when rows, constants or scope do not fit the schema.
  virtual absl::StatusOr<SettleCounts> SettleRows(const SettleRequest& request, RowSource& rows) = 0;
  // Sets _finality of all rows of the scope.
  virtual absl::Status SetFinality(const TableSchema& table, const RowScope& scope, Finality finality) = 0;
  // Writes these columns of the rows that are there, and what _raw keeps of them; nothing else of any row is touched,
  // no row is made or removed. INVALID_ARGUMENT when rows or request do not fit the table, or the table is appended to.
  virtual absl::StatusOr<FillCounts> FillRows(const FillRequest& request, RowSource& rows) = 0;
  virtual absl::Status AddLedger(const LedgerEntry& entry) = 0;
  virtual absl::Status AddRestatement(const Restatement& restatement) = 0;
  // Forgets those of the pair that were settled before `before`.
  virtual absl::Status ForgetRestatements(const std::string& extract, const std::string& advertiser,
                                          absl::Time before) = 0;
  // Replaces the intervals of the pair.
  virtual absl::Status PutCoverage(const std::string& extract, const std::string& advertiser,
                                   const std::vector<Coverage>& coverage) = 0;
  virtual absl::Status PutCursor(const Cursor& cursor) = 0;
  // Replaces the advertiser's spans.
  virtual absl::Status PutActivity(const std::string& advertiser, const std::vector<ActivitySpan>& spans) = 0;

  virtual absl::Status PutDeadLetter(const DeadLetter& letter) = 0;
  virtual absl::Status RemoveDeadLetter(ChunkId chunk) = 0;
  virtual absl::Status PutPause(const Pause& pause) = 0;
  virtual absl::Status RemovePause(const std::string& scope, const std::string& name) = 0;
  // Leaves the scout as it was.
  virtual absl::Status PutAccess(const Access& access) = 0;
  // The chunk that goes alone, to see whether the access is open. Open ones are left as they are.
  virtual absl::Status SetScout(const std::string& endpoint, const std::string& advertiser, ChunkId chunk) = 0;
  // Adds `count` to what is known of (extract, kind, name).
  virtual absl::Status AddDrift(const Drift& drift) = 0;
  virtual absl::Status PutQuotaUsed(const std::string& app, const QuotaUsed& used) = 0;
  virtual absl::Status PutSliceIds(const std::string& extract, const std::string& advertiser, uint32_t ids) = 0;
  // Replaces what is kept of the pair.
  virtual absl::Status PutVerification(const Verification& verification) = 0;
  virtual absl::Status PutRoad(const std::string& extract, const std::string& advertiser, int version, Road road) = 0;
  // Replaces what is kept under the key.
  virtual absl::Status PutAnswer(const KeptAnswer& answer) = 0;
  // Forgets those that were kept before `before`.
  virtual absl::Status ForgetAnswers(absl::Time before) = 0;
};

// Thread-safe. Codes of every failure of the medium itself: RESOURCE_EXHAUSTED (disk full), UNAVAILABLE (locked, gone,
// read error), DATA_LOSS (damaged). A failed transaction leaves nothing behind.
class Store {
 public:
  virtual ~Store() = default;
  // Runs `work` in one transaction: committed when it returns OK, rolled back otherwise. Transactions behave as if they
  // ran one at a time; `work` must not call Write of the same store. A back end may run `work` again from its
  // beginning, after a try that left nothing behind: it must set its results anew, and make a RowSource inside.
  virtual absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) = 0;
  // As Write, for work that settles many rows: a back end that can lets several go on at once, as long as they have not
  // changed the bookkeeping. So they should do that at the end.
  virtual absl::Status WriteRows(const std::function<absl::Status(StoreTransaction&)>& work) { return Write(work); }
  // Runs `work` on one consistent state, beside writers.
  virtual absl::Status Read(const std::function<absl::Status(StoreReader&)>& work) = 0;

  // --- The coordinators that share the store, of which this is one from the moment the store is open ---
  // A coordinator that is evicted changes nothing from then on until it has joined again: every Write checks that, and
  // whoever evicts it waits for its open transactions, or ends them.
  // This coordinator's id as a member.
  virtual std::string Self() const = 0;
  // Says that this coordinator lives, for the next `membership` (StoreOptions), and gives the roll. One that was
  // evicted joins again, under a new term and without seats. Not to be called inside a transaction.
  virtual absl::StatusOr<Roll> Renew() = 0;
  // Ends the membership of a member that is expired, and frees its seats. False: it lives.
  virtual absl::StatusOr<bool> Evict(const std::string& member) = 0;
  // Ends this coordinator's membership, for one that stops; nothing can be written after it.
  virtual absl::Status Resign() = 0;

  // Random, made with the store: names this installation, its hint stream among others.
  virtual std::string InstanceId() const = 0;
  // "SQLite file /path/x.db", for people.
  virtual std::string Describe() const = 0;
};

using PasswordSource = std::function<absl::StatusOr<Secret>()>;

struct StoreOptions {
  std::string url;                               // "sqlite:/path" or "postgresql://..."; the latter may hold a password
  std::string schema = "tikhaul";                // PostgreSQL: where all tables lie
  PasswordSource password = {};                  // PostgreSQL: asked at each connection, instead of one in the URL
  int connections = 8;                           // PostgreSQL: at most, beside the one that holds the store
  std::string address = {};                      // where others reach this coordinator (common/model/member.h)
  bool passive = false;                          // this coordinator only answers, and leaves the seats to others
  absl::Duration membership = absl::Seconds(8);  // PostgreSQL: how long a coordinator that says nothing counts as alive
  bool migrate = true;  // bring a store of an older tikhaul to this one's schema; false: refuse it
};

// Creates or migrates. FAILED_PRECONDITION: a store of another program, of a newer tikhaul, or a file held by
// another coordinator; UNAVAILABLE: a server that cannot be reached. The message says the mend, and holds no password.
absl::StatusOr<std::unique_ptr<Store>> OpenStore(const StoreOptions& options);
inline absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& url) {
  return OpenStore(StoreOptions{.url = url});
}

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_STORE_STORE_H_
