#include "coordinator/ingest/chunk_rows.h"

#include <utility>

#include "common/wire/column_groups.h"
#include "common/wire/row_batch_wire.h"
#include "coordinator/ingest/group_join.h"

namespace tikhaul {
namespace {

GroupColumns ColumnsFor(const v1::ReadPlan& plan, uint32_t group) {
  GroupColumns columns;
  for (const v1::ColumnPlan* column : ColumnsOfGroup(plan, group)) {
    columns.names.push_back(column->name());
    columns.types.push_back(FromWire(column->type()).value_or(ColumnType::kString));
    columns.key.push_back(column->key());
  }
  for (const char* kept : {"_extra", "_raw"}) {
    columns.names.emplace_back(kept);
    columns.types.push_back(ColumnType::kJson);
    columns.key.push_back(false);
  }
  return columns;
}

// A spool's batches as they are.
class SpooledRows : public RowSource {
 public:
  SpooledRows(const GroupColumns& columns, const ChunkSpool& spool) : columns_(columns.names), reader_(spool.Read()) {}
  const std::vector<std::string>& columns() const override { return columns_; }
  absl::StatusOr<const RowBatch*> Next() override { return reader_.Next(); }

 private:
  const std::vector<std::string> columns_;
  ChunkSpool::Reader reader_;
};

}  // namespace

ChunkRows::ChunkRows(const v1::ReadPlan& plan, SpoolPool& pool) : pool_(pool) {
  for (uint32_t group = 0; group < GroupsOf(plan); ++group) {
    groups_.push_back({ColumnsFor(plan, group), pool_.NewSpool()});
  }
}

absl::StatusOr<std::unique_ptr<RowSource>> ChunkRows::Read() const {
  if (groups_.size() == 1) return std::make_unique<SpooledRows>(groups_[0].columns, *groups_[0].spool);
  std::vector<JoinInput> inputs;
  for (const Group& group : groups_) inputs.push_back({&group.columns, group.spool.get()});
  return JoinGroups(std::move(inputs), pool_, kJoinBytes);
}

}  // namespace tikhaul
