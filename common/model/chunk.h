// Runs, chunks and what is kept about them: plain facts, no behaviour. coordinator/core decides, the store keeps.
#ifndef TIKHAUL_COMMON_MODEL_CHUNK_H_
#define TIKHAUL_COMMON_MODEL_CHUNK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/model/window.h"

namespace tikhaul {

using ChunkId = int64_t;

enum class ChunkState { kReady, kRunning, kDone, kSplit, kCancelled, kDead };
enum class RunKind { kBackfill, kIncrement };
enum class RunState { kRunning, kDone, kPartial, kCancelled };  // kPartial: finished with dead letters

// Same members as tikhaul.v1.FailureClass; see proto/tikhaul/v1/ingest.proto.
enum class FailureClass {
  kTransient = 1,
  kThrottled,
  kAuth,
  kPermission,
  kPermanent,
  kTooBig,
  kDrift,
  kCrash,
  kStore,
  kReleased,
  kTruncated,
  kUnreachable,
  kUnknownCode,
};

// What is known of an advertiser x endpoint: not asked yet; open; the account has not granted the token this endpoint;
// the account itself is closed to the token, deleted or unknown.
enum class AccessState { kUnknown, kOpen, kNoGrant, kAccountDead };
// By which road a chunk's rows come: page by page, or in one text that the API makes meanwhile (an asynchronous report,
// tiktok-api.md 5).
enum class Road { kPages, kTask };

// How far a figure is from its last change (design: finality). Ordered.
enum class Finality { kProvisional, kSettling, kFinal };

// Failures so far, by what they were. Only the first three count against a chunk.
struct Attempts {
  int transient = 0;
  int drift = 0;
  int crash = 0;
  int deliveries = 0;  // grants, for the ledger; many make broken streams count
};

struct Chunk {
  ChunkId id = 0;  // 0: not yet stored
  std::string run_id;
  std::string extract;
  std::string connection;
  std::string advertiser;
  Window window;
  // Metrics of a report, a comma between them, that alone are read, for rows that are there; empty: whole rows.
  std::string only_metrics = {};
  ChunkState state = ChunkState::kReady;
  uint64_t epoch = 0;  // grows with every grant and every loss of ownership decided here
  int priority = 0;    // smaller first: 0 increments, 1 backfills
  absl::Time not_before = absl::InfinitePast();
  Attempts attempts;
  std::string owner;  // worker name while running
  std::optional<FailureClass> last_failure;
  std::string last_error;
  ChunkId parent = 0;  // the chunk it was split from
  uint64_t calls = 0;  // API calls spent on it so far, all attempts
  absl::Time hinted_at = absl::InfinitePast();
};

struct Run {
  std::string id;  // deterministic: the same request is the same run
  std::string extract;
  RunKind kind = RunKind::kBackfill;
  RunState state = RunState::kRunning;
  std::string request;                 // what was asked, for people
  absl::CivilDay first_day, last_day;  // widest over its advertisers
  absl::Time created = absl::InfinitePast();
  std::optional<absl::Time> finished;
};

struct ChunkCounts {
  uint64_t ready = 0, running = 0, done = 0, split = 0, cancelled = 0, dead = 0;
  uint64_t waiting = 0;  // part of ready: not_before lies in the future
  uint64_t rows = 0;     // committed by the done ones
  uint64_t calls = 0;
};

struct Advertiser {
  std::string id;
  std::string connection;
  std::string name;
  std::string timezone;  // IANA
  std::string currency;
  std::string status;
  absl::Time created = absl::InfinitePast();
};

// Days [first, last] of an extract and advertiser that are committed. Intervals of one pair neither touch nor overlap.
struct Coverage {
  absl::CivilDay first;
  absl::CivilDay last;
  friend bool operator==(const Coverage&, const Coverage&) = default;
};

struct Cursor {
  std::string extract;
  std::string advertiser;
  absl::CivilDay first_day;               // start of the wanted history
  std::optional<absl::CivilDay> through;  // last day of the contiguous committed prefix
  std::optional<absl::CivilDay> cursor;   // the same, but never past a provisional day
  absl::Time updated = absl::InfinitePast();
};

struct LedgerEntry {
  ChunkId chunk = 0;
  std::string run_id;
  std::string extract;
  std::string advertiser;
  Window window;
  uint64_t epoch = 0;
  uint64_t promised_rows = 0;
  uint64_t rows = 0;
  uint64_t distinct_keys = 0;
  uint64_t pages = 0;
  uint64_t calls = 0;
  uint64_t digest = 0;  // of the rows as sent, whatever their order
  std::vector<std::string> request_ids;
  Road road = Road::kPages;
  int attempts = 0;
  std::string worker;
  Finality finality = Finality::kProvisional;  // of the window's newest day, after it was read
  absl::Time claimed = absl::InfinitePast();   // reading began; unknown of probes and of what older versions read
  absl::Time committed = absl::InfinitePast();
  uint64_t inserted = 0, updated = 0, removed = 0, unchanged = 0;
  // No chunk read the window: the API's totals of the advertiser, asked for under request_ids, are zero, so there are
  // no rows.
  bool by_probe = false;
  std::string only_metrics = {};  // as in Chunk: proof of these columns, not of the days
};

struct DeadLetter {
  ChunkId chunk = 0;
  FailureClass reason = FailureClass::kPermanent;
  int code = 0;
  int http_status = 0;
  std::string message;
  std::string request_id;
  std::string exchange;  // without secrets
  absl::Time died = absl::InfinitePast();
};

// Read at claim and dispatch. `name` is empty for scope "all".
struct Pause {
  std::string scope;  // "all", "connection", "extract", "run"
  std::string name;
  std::string reason;      // "operator", or why the coordinator did it
  bool automatic = false;  // lifted by the coordinator when the cause is gone
  absl::Time since = absl::InfinitePast();
};

// One field of the permission matrix.
struct Access {
  std::string advertiser;
  std::string endpoint;  // its path: "campaign/get/"
  AccessState state = AccessState::kUnknown;
  int code = 0;                                // of the last refusal
  std::string message;                         // of the last refusal, in the API's words
  absl::Time since = absl::InfinitePast();     // in this state
  absl::Time checked = absl::InfinitePast();   // the API's last answer that told
  absl::Time retry_at = absl::InfinitePast();  // of closed ones: not asked before
  int refusals = 0;                            // in a row
};

struct Drift {
  std::string extract;
  std::string kind;  // "unknown field", "unparsed value"
  std::string name;
  uint64_t count = 0;
  absl::Time first_seen = absl::InfinitePast();
  absl::Time last_seen = absl::InfinitePast();
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_MODEL_CHUNK_H_
