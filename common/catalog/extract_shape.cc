#include "common/catalog/extract_shape.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/catalog/report_parts.h"
#include "common/catalog/stream_of.h"
#include "common/model/names.h"

namespace tikhaul {
namespace {

class SchemaBuilder {
 public:
  explicit SchemaBuilder(const v1::Extract& extract) : extract_(extract), stream_(StreamOf(extract)) {}

  TableSchema Build() {
    schema_.name = extract_.table().empty() ? extract_.name() : extract_.table();
    schema_.mode = ModeOf(extract_);
    AddKey("advertiser_id", ColumnType::kString);
    if (stream_.kind == StreamKind::kReport) {
      AddReport();
    } else {
      AddFields();
    }
    AddOurs();
    return std::move(schema_);
  }

 private:
  void Add(absl::string_view name, ColumnType type, bool key = false) {
    schema_.columns.push_back({.name = std::string(name), .type = type, .key = key});
  }
  void AddKey(absl::string_view name, ColumnType type) { Add(name, type, true); }

  void AddReport() {
    if (GranularityOf(extract_) == Granularity::kNone) {
      AddKey("_window_start", ColumnType::kDate);
      Add("_window_end", ColumnType::kDate);
    }
    const ReportParts parts = PartsOf(stream_, extract_);
    if (parts.time != nullptr) AddKey(parts.time->name, parts.time->type);
    if (parts.level != kAdvertiserLevel) AddKey(parts.id->name, parts.id->type);
    for (const DimensionSpec* dimension : parts.breakdowns) AddKey(dimension->name, dimension->type);
    for (const MetricSpec* metric : parts.metrics) Add(metric->name, metric->type);
  }

  void AddFields() {
    for (const FieldSpec& field : stream_.fields) {
      Add(field.name, field.type, field.key);
      schema_.columns.back().is_volatile = field.is_volatile;
    }
    schema_.history = extract_.history();
  }

  void AddOurs() {
    if (GranularityOf(extract_) == Granularity::kHour) Add("_utc_start", ColumnType::kTimestamp);
    Add("_currency", ColumnType::kString);
    Add("_timezone", ColumnType::kString);
    const bool report = stream_.kind == StreamKind::kReport;
    if (report) Add("_finality", ColumnType::kString);
    if (!report && schema_.mode == WriteMode::kMerge) Add("_gone_at", ColumnType::kTimestamp);
    Add("_run_id", ColumnType::kString, schema_.mode == WriteMode::kAppend);
    Add("_extracted_at", ColumnType::kTimestamp);
    Add("_extra", ColumnType::kJson);
    Add("_raw", ColumnType::kJson);
  }

  const v1::Extract& extract_;
  const StreamSpec& stream_;
  TableSchema schema_;
};

}  // namespace

const StreamSpec& StreamOf(const v1::Extract& extract) {
  const StreamSpec* stream = FindStream(extract.stream());
  if (stream == nullptr) std::abort();  // the caller promised an extract without problems
  return *stream;
}

WriteMode ModeOf(const v1::Extract& extract) {
  switch (extract.mode()) {
    case v1::WRITE_MODE_MERGE:
      return WriteMode::kMerge;
    case v1::WRITE_MODE_APPEND:
      return WriteMode::kAppend;
    case v1::WRITE_MODE_REPLACE:
      return WriteMode::kReplace;
    default:
      return StreamOf(extract).default_mode;
  }
}

Granularity GranularityOf(const v1::Extract& extract) {
  const StreamSpec& stream = StreamOf(extract);
  if (stream.kind == StreamKind::kEntity) return Granularity::kEntity;
  if (stream.kind == StreamKind::kTree) return Granularity::kTree;
  if (extract.lifetime()) return Granularity::kLifetime;
  const DimensionSpec* time = PartsOf(stream, extract).time;
  if (time == nullptr) return Granularity::kNone;
  return time->type == ColumnType::kDate ? Granularity::kDay : Granularity::kHour;
}

int LongestWindowDays(const v1::Extract& extract) {
  switch (GranularityOf(extract)) {
    case Granularity::kHour:
      return 1;
    case Granularity::kDay:
      return 30;
    case Granularity::kNone:
      return 365;
    case Granularity::kEntity:
      return (StreamOf(extract).filters & kCreationFilter) != 0 &&
                     (StreamOf(extract).created_windows || extract.backfill_days() > 0)
                 ? kLongestCreatedWindow
                 : 0;
    case Granularity::kLifetime:
    case Granularity::kTree:
      return 0;
  }
  return 0;
}

Lag LagOf(const v1::Extract& extract) {
  const StreamSpec& stream = StreamOf(extract);
  if (stream.kind != StreamKind::kReport) return Lag::kFast;
  const ReportParts parts = PartsOf(stream, extract);
  Lag slowest = Lag::kFast;
  for (const DimensionSpec* dimension : parts.Dimensions()) slowest = std::max(slowest, dimension->lag);
  for (const MetricSpec* metric : parts.metrics) slowest = std::max(slowest, metric->lag);
  return slowest;
}

TableSchema SchemaOf(const v1::Extract& extract) { return SchemaBuilder(extract).Build(); }

std::string DayColumnOf(const v1::Extract& extract) {
  switch (GranularityOf(extract)) {
    case Granularity::kHour:
      return "stat_time_hour";
    case Granularity::kDay:
      return "stat_time_day";
    case Granularity::kNone:
      return "_window_start";
    case Granularity::kEntity:
      return (StreamOf(extract).filters & kCreationFilter) != 0 ? "create_time" : "";
    case Granularity::kLifetime:
    case Granularity::kTree:
      return "";
  }
  return "";
}

std::string ShapeKey(const v1::Extract& extract) {
  const TableSchema schema = SchemaOf(extract);
  std::vector<std::string> keys;
  for (const TableColumn& column : schema.columns) {
    if (column.key) keys.push_back(column.name);
  }
  return absl::StrCat(extract.stream(), extract.level().empty() ? "" : absl::StrCat(" by ", extract.level()), ", key ",
                      absl::StrJoin(keys, "+"), ", mode ", Name(schema.mode));
}

}  // namespace tikhaul
