// What a MemoryStore holds. States are values that share what they have in common: a transaction works on a copy, which
// costs only what it changes, and committing or rolling back is keeping or dropping the copy.
#ifndef TIKHAUL_TESTS_SIMULATION_MEMORY_STATE_H_
#define TIKHAUL_TESTS_SIMULATION_MEMORY_STATE_H_

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include "coordinator/store/store.h"

namespace tikhaul {

// Shared until it is changed. Copies may be read by several threads; one of them is changed by one thread.
template <typename T>
class Cow {
 public:
  Cow() : value_(std::make_shared<T>()) {}
  explicit Cow(T value) : value_(std::make_shared<T>(std::move(value))) {}

  const T& operator*() const { return *value_; }
  const T* operator->() const { return value_.get(); }
  T& Edit() {
    if (value_.use_count() > 1) value_ = std::make_shared<T>(*value_);
    return *value_;
  }
  // Both are copies of one value that neither has changed since.
  bool Shares(const Cow& other) const { return value_ == other.value_; }

 private:
  std::shared_ptr<T> value_;
};

// A cell: nothing, a number, a decimal's nearest double (its exact text, where a double does not hold it, is in _raw,
// as in SQLite: docs/adr/0002), or text, days and instants among it.
using Value = std::variant<std::monostate, int64_t, double, std::string>;
using Row = std::vector<Value>;

struct MemoryTable {
  WriteMode mode = WriteMode::kMerge;
  std::vector<std::string> columns;  // grows, but never changes otherwise
  std::vector<ColumnType> types;
  std::vector<std::string> key;  // names, in order
  bool keeps_history = false;
  std::vector<size_t> versioned;                                // columns whose change makes a version
  std::map<Row, std::shared_ptr<const Row>, std::less<>> rows;  // by key

  // -1: there is none.
  int Find(absl::string_view column) const {
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i] == column) return static_cast<int>(i);
    }
    return -1;
  }
};

struct MemoryAccess {
  Access access;
  ChunkId scout = 0;
};

struct MemoryMember {
  Member member;  // whether it is expired says the clock of whoever asks
  absl::Duration expires_at = absl::InfiniteDuration();
};

struct MemoryState {
  using Pair = std::pair<std::string, std::string>;  // extract and advertiser, where nothing else is said

  Cow<std::map<ChunkId, std::shared_ptr<const Chunk>>> chunks;
  ChunkId last_chunk = 0;
  Cow<std::map<std::string, Run>> runs;
  Cow<std::map<std::string, StoredExtract>> extracts;
  Cow<std::map<std::string, Advertiser>> advertisers;
  Cow<std::map<Pair, Pause>> pauses;                                              // scope and name
  Cow<std::map<Pair, MemoryAccess>> accesses;                                     // advertiser and endpoint
  Cow<std::map<std::tuple<std::string, std::string, std::string>, Drift>> drift;  // extract, name, kind
  Cow<std::map<Pair, std::vector<Coverage>>> coverage;
  Cow<std::map<Pair, Cursor>> cursors;
  Cow<std::vector<std::shared_ptr<const LedgerEntry>>> ledger;  // as added
  Cow<std::map<std::string, std::vector<ActivitySpan>>> activity;
  Cow<std::vector<std::shared_ptr<const Restatement>>> restatements;  // as added
  Cow<std::map<ChunkId, DeadLetter>> dead_letters;
  Cow<std::map<std::pair<std::string, absl::CivilDay>, QuotaUsed>> quota;
  Cow<std::map<Pair, uint32_t>> slices;
  Cow<std::map<Pair, std::pair<int, Road>>> roads;  // version and road
  Cow<std::map<Pair, Verification>> verifications;
  Cow<std::map<std::string, KeptAnswer>> answers;  // by key
  Cow<std::map<std::string, Cow<MemoryTable>>> tables;
  Cow<std::set<std::string>> foreign;  // tables of somebody else
  Cow<std::map<std::string, MemoryMember>> members;
  int64_t last_term = 0;
  Cow<std::vector<Seat>> seats = Cow<std::vector<Seat>>(std::vector<Seat>(kSeats));
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SIMULATION_MEMORY_STATE_H_
