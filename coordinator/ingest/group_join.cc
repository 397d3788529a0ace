#include "coordinator/ingest/group_join.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "common/base/json_members.h"
#include "common/base/status_macros.h"
#include "coordinator/ingest/row_copy.h"

namespace tikhaul {
namespace {

constexpr size_t kKept = 2;  // _extra and _raw, the last columns of every group

// One spool per group; the keys of different parts differ.
using Part = std::vector<const ChunkSpool*>;

std::vector<size_t> KeyColumns(const GroupColumns& columns) {
  std::vector<size_t> keys;
  for (size_t i = 0; i < columns.key.size(); ++i) {
    if (columns.key[i]) keys.push_back(i);
  }
  return keys;
}

absl::Status Differ(absl::string_view how) {
  return absl::FailedPreconditionError(
      absl::StrCat("asked for other metrics of the same rows, the API answered with other rows: ", how));
}

// Parts a group's rows by their keys.
class Parter {
 public:
  Parter(const GroupColumns& columns, uint64_t buffer_bytes, std::vector<ChunkSpool*> into)
      : columns_(columns), keys_(KeyColumns(columns)), buffer_bytes_(buffer_bytes), into_(std::move(into)) {
    for (size_t i = 0; i < into_.size(); ++i) open_.push_back(EmptyBatch(columns_.types));
  }

  absl::Status Run(const ChunkSpool& spool) {
    ChunkSpool::Reader reader = spool.Read();
    for (;;) {
      ASSIGN_OR_RETURN(const RowBatch* const batch, reader.Next());
      if (batch == nullptr) break;
      if (batch->rows == 0) continue;
      const uint64_t most_rows = std::max<uint64_t>(1, buffer_bytes_ * batch->rows / (batch->ByteSize() + 1));
      for (size_t row = 0; row < batch->rows; ++row) RETURN_IF_ERROR(Put(*batch, row, most_rows));
    }
    for (size_t part = 0; part < open_.size(); ++part) RETURN_IF_ERROR(Flush(part));
    return absl::OkStatus();
  }

 private:
  absl::Status Put(const RowBatch& batch, size_t row, uint64_t most_rows) {
    key_.clear();
    AppendKey(batch, keys_, row, &key_);
    const size_t part = StableHash(key_) % open_.size();
    bool fits = open_[part].rows < most_rows;
    for (size_t i = 0; fits && i < batch.columns.size(); ++i) {
      fits = Fits(open_[part].columns[i], batch.columns[i], row);
    }
    if (!fits) RETURN_IF_ERROR(Flush(part));
    RowBatch& open = open_[part];
    for (size_t i = 0; i < batch.columns.size(); ++i) AppendCell(open.columns[i], batch.columns[i], row);
    ++open.rows;
    return absl::OkStatus();
  }

  absl::Status Flush(size_t part) {
    if (open_[part].rows == 0) return absl::OkStatus();
    return into_[part]->Append(std::exchange(open_[part], EmptyBatch(columns_.types)));
  }

  const GroupColumns& columns_;
  const std::vector<size_t> keys_;
  const uint64_t buffer_bytes_;
  const std::vector<ChunkSpool*> into_;
  std::vector<RowBatch> open_;
  std::string key_;
};

class JoinedRows : public RowSource {
 public:
  explicit JoinedRows(std::vector<JoinInput> inputs) : inputs_(std::move(inputs)), groups_(inputs_.size()) {
    for (size_t group = 0; group < inputs_.size(); ++group) {
      const GroupColumns& columns = *inputs_[group].columns;
      groups_[group].keys = KeyColumns(columns);
      for (size_t i = 0; i + kKept < columns.names.size(); ++i) {
        if (group > 0 && columns.key[i]) continue;
        AddColumn(columns.names[i], columns.types[i]);
        groups_[group].taken.push_back(i);
      }
    }
    AddColumn("_extra", ColumnType::kJson);
    AddColumn("_raw", ColumnType::kJson);
  }

  // Makes the parts: the inputs themselves when they fit.
  absl::Status Prepare(SpoolPool& pool, uint64_t join_bytes) {
    uint64_t bytes = 0;
    for (const JoinInput& input : inputs_) bytes += input.spool->memory_bytes() + input.spool->disk_bytes();
    const size_t count = bytes / std::max<uint64_t>(join_bytes, 1) + 1;
    parts_.resize(count);
    for (const JoinInput& input : inputs_) {
      if (count == 1) {
        parts_[0].push_back(input.spool);
        continue;
      }
      std::vector<ChunkSpool*> into;
      for (Part& part : parts_) {
        owned_.push_back(pool.NewSpool());
        into.push_back(owned_.back().get());
        part.push_back(into.back());
      }
      RETURN_IF_ERROR(Parter(*input.columns, join_bytes / count, std::move(into)).Run(*input.spool));
    }
    return absl::OkStatus();
  }

  const std::vector<std::string>& columns() const override { return names_; }

  absl::StatusOr<const RowBatch*> Next() override {
    while (next_batch_ == groups_[0].batches.size()) {
      if (next_part_ == parts_.size()) return nullptr;
      RETURN_IF_ERROR(Load(parts_[next_part_++]));
    }
    RETURN_IF_ERROR(JoinBatch());
    return &joined_;
  }

 private:
  struct Position {
    uint32_t batch = 0, row = 0;
    uint64_t taken_for = 0;  // number of the first group's row it was joined to; 0: none yet
  };
  struct Group {
    std::vector<size_t> keys;
    std::vector<size_t> taken;  // columns that go into the joined rows
    std::vector<RowBatch> batches;
    absl::flat_hash_map<std::string, Position> index;  // of all groups but the first
  };

  void AddColumn(const std::string& name, ColumnType type) {
    names_.push_back(name);
    types_.push_back(type);
  }

  absl::Status Load(const Part& part) {
    for (size_t group = 0; group < groups_.size(); ++group) {
      if (part[group]->rows() != part[0]->rows()) {
        return Differ(absl::StrCat(part[0]->rows(), " and ", part[group]->rows(), " of them"));
      }
      groups_[group].batches.clear();
      groups_[group].index.clear();
      ChunkSpool::Reader reader = part[group]->Read();
      for (;;) {
        ASSIGN_OR_RETURN(const RowBatch* const batch, reader.Next());
        if (batch == nullptr) break;
        groups_[group].batches.push_back(*batch);
        if (group > 0) RETURN_IF_ERROR(Index(groups_[group]));
      }
    }
    next_batch_ = next_row_ = 0;
    return absl::OkStatus();
  }

  absl::Status Index(Group& group) {
    const RowBatch& batch = group.batches.back();
    for (size_t row = 0; row < batch.rows; ++row) {
      key_.clear();
      AppendKey(batch, group.keys, row, &key_);
      const Position position{static_cast<uint32_t>(group.batches.size() - 1), static_cast<uint32_t>(row)};
      if (!group.index.emplace(key_, position).second) return Differ("one came twice");
    }
    return absl::OkStatus();
  }

  // The rest of the first group's batch, or as much of it as fits into one.
  absl::Status JoinBatch() {
    const RowBatch& first = groups_[0].batches[next_batch_];
    joined_ = EmptyBatch(types_);
    for (; next_row_ < first.rows; ++next_row_) {
      RETURN_IF_ERROR(Find(first, next_row_));
      if (!FoundFits()) return absl::OkStatus();
      AppendFound();
      ++row_number_;
    }
    next_row_ = 0;
    ++next_batch_;
    return absl::OkStatus();
  }

  // Sets found_: where each group has the row. May be called twice for one row, when the first time it did not fit.
  absl::Status Find(const RowBatch& first, size_t row) {
    key_.clear();
    AppendKey(first, groups_[0].keys, row, &key_);
    found_.assign(1, {&first, row});
    for (size_t group = 1; group < groups_.size(); ++group) {
      const auto at = groups_[group].index.find(key_);
      if (at == groups_[group].index.end()) return Differ("one came with some metrics only");
      if (at->second.taken_for != row_number_ && at->second.taken_for != 0) return Differ("one came twice");
      at->second.taken_for = row_number_;
      found_.emplace_back(&groups_[group].batches[at->second.batch], at->second.row);
    }
    return absl::OkStatus();
  }

  bool FoundFits() const {
    size_t out = 0;
    for (size_t group = 0; group < groups_.size(); ++group) {
      const auto& [batch, row] = found_[group];
      for (const size_t i : groups_[group].taken) {
        if (!Fits(joined_.columns[out++], batch->columns[i], row)) return false;
      }
    }
    return true;
  }

  void AppendFound() {
    size_t out = 0;
    for (size_t group = 0; group < groups_.size(); ++group) {
      const auto& [batch, row] = found_[group];
      for (const size_t i : groups_[group].taken) AppendCell(joined_.columns[out++], batch->columns[i], row);
    }
    for (size_t kept = kKept; kept > 0; --kept) AppendKept(kept, joined_.columns[out++]);
    ++joined_.rows;
  }

  // Members that several groups kept, of the key for example, count once.
  void AppendKept(size_t from_end, Column& column) {
    std::vector<JsonMember> members;
    for (const auto& [batch, row] : found_) {
      const Column& kept = batch->columns[batch->columns.size() - from_end];
      if (!kept.HasValue(row)) continue;
      for (const JsonMember& member : MembersOf(kept.Text(row)).value_or(std::vector<JsonMember>())) {
        const bool known = std::any_of(members.begin(), members.end(),
                                       [&](const JsonMember& other) { return other.name == member.name; });
        if (!known) members.push_back(member);
      }
    }
    if (members.empty()) return column.AppendNull();
    column.AppendText(ObjectOf(members));
  }

  const std::vector<JoinInput> inputs_;
  std::vector<Group> groups_;
  std::vector<std::string> names_;
  std::vector<ColumnType> types_;
  std::vector<std::unique_ptr<ChunkSpool>> owned_;
  std::vector<Part> parts_;
  size_t next_part_ = 0, next_batch_ = 0, next_row_ = 0;
  uint64_t row_number_ = 1;  // of the first group, over all parts
  std::vector<std::pair<const RowBatch*, size_t>> found_;
  std::string key_;
  RowBatch joined_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowSource>> JoinGroups(std::vector<JoinInput> inputs, SpoolPool& pool,
                                                      uint64_t join_bytes) {
  auto rows = std::make_unique<JoinedRows>(std::move(inputs));
  RETURN_IF_ERROR(rows->Prepare(pool, join_bytes));
  return rows;
}

}  // namespace tikhaul
