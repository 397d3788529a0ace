#include "coordinator/extract_registry.h"

#include <google/protobuf/util/json_util.h>

#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

WindowKind WindowKindOf(const v1::Extract& extract) {
  if (LongestWindowDays(extract) == 0) return WindowKind::kWhole;
  return GranularityOf(extract) == Granularity::kEntity ? WindowKind::kCreated : WindowKind::kDays;
}

absl::Duration LagDuration(Lag lag) {
  switch (lag) {
    case Lag::kFast:
      return absl::Minutes(30);
    case Lag::kHours11:
      return absl::Hours(11);
    case Lag::kHours16:
      return absl::Hours(16);
    case Lag::kHours24:
      return absl::Hours(24);
    case Lag::kHours48:
      return absl::Hours(48);
  }
  return absl::Hours(48);
}

std::string SpecJson(const v1::Extract& extract) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  // A message without Any members always has a JSON form.
  if (!google::protobuf::util::MessageToJsonString(extract, &json, options).ok()) json.clear();
  return json;
}

// What decides the rows: a change makes a new version, after which a backfill reads the history again.
std::string DataSpec(v1::Extract extract) {
  extract.clear_schedule();
  extract.clear_look_back_days();
  extract.clear_look_back_auto();
  extract.clear_look_back_limit_days();
  extract.clear_look_back_check_days();
  extract.clear_restatement_days();
  extract.clear_backfill_days();
  extract.clear_asynchronous();
  extract.clear_connections();
  extract.clear_advertisers();
  const std::map<std::string, std::string> options(extract.options().begin(), extract.options().end());
  extract.clear_options();  // maps have no fixed order in JSON
  std::string spec = SpecJson(extract);
  for (const auto& [name, value] : options) absl::StrAppend(&spec, " ", name, "=", value);
  return spec;
}

// Section 5: the sandbox has no asynchronous reports.
RoadsOpen RoadsOf(const v1::Extract& spec, bool sandbox) {
  const bool possible = !sandbox && WhyNoTask(spec).empty();
  if (!possible || spec.asynchronous() == v1::ASYNCHRONOUS_NEVER) return RoadsOpen::kPages;
  return spec.asynchronous() == v1::ASYNCHRONOUS_ALWAYS ? RoadsOpen::kTask : RoadsOpen::kBoth;
}

absl::StatusOr<RegisteredExtract> RegisterOne(const v1::Extract& spec,
                                              const std::map<std::string, StoredExtract>& known, bool sandbox,
                                              StoreTransaction& tx) {
  RegisteredExtract extract{.spec = spec,
                            .table = SchemaOf(spec),
                            .granularity = GranularityOf(spec),
                            .window_kind = WindowKindOf(spec),
                            .longest_window_days = LongestWindowDays(spec),
                            .day_column = DayColumnOf(spec),
                            .lag = LagDuration(LagOf(spec)),
                            .audience = FindStream(spec.stream())->report_type == "AUDIENCE",
                            .endpoint = std::string(FindStream(spec.stream())->path),
                            .reach = FindStream(spec.stream())->reach,
                            .roads = RoadsOf(spec, sandbox)};
  StoredExtract stored{.name = spec.name(),
                       .table = spec.table(),
                       .spec = DataSpec(spec),
                       .version = 1,
                       .key = ShapeKey(spec),
                       .endpoint = extract.endpoint};
  if (const auto found = known.find(spec.name()); found != known.end()) {
    const StoredExtract& before = found->second;
    if (before.key != stored.key && before.table == stored.table) {
      return absl::FailedPreconditionError(absl::StrCat(
          "extract \"", spec.name(), "\" was ", before.key, " and is now ", stored.key,
          ": rows of both cannot share the table \"", stored.table,
          "\". Give the extract another name or another `table`, or restore its level, dimensions and mode"));
    }
    stored.version = before.spec == stored.spec ? before.version : before.version + 1;
  }
  RETURN_IF_ERROR(tx.EnsureTable(extract.table));
  RETURN_IF_ERROR(tx.PutExtract(stored));
  extract.version = stored.version;
  return extract;
}

}  // namespace

v1::Extract SpecFor(const RegisteredExtract& extract, const std::string& only_metrics) {
  v1::Extract spec = extract.spec;
  if (only_metrics.empty()) return spec;
  spec.clear_metrics();
  for (absl::string_view metric : absl::StrSplit(only_metrics, ',')) spec.add_metrics(std::string(metric));
  return spec;
}

absl::StatusOr<ExtractRegistry> ExtractRegistry::Register(const v1::Config& config, Store& store) {
  ExtractRegistry registry;
  RETURN_IF_ERROR(store.Write([&](StoreTransaction& tx) -> absl::Status {
    registry.extracts_.clear();
    ASSIGN_OR_RETURN(const std::vector<StoredExtract> list, tx.ListExtracts());
    std::map<std::string, StoredExtract> known;
    for (const StoredExtract& stored : list) known[stored.name] = stored;
    for (const v1::Extract& spec : config.extracts()) {
      ASSIGN_OR_RETURN(RegisteredExtract extract, RegisterOne(spec, known, config.api().sandbox(), tx));
      registry.extracts_.push_back(std::move(extract));
    }
    return absl::OkStatus();
  }));
  return registry;
}

const RegisteredExtract* ExtractRegistry::Find(absl::string_view name) const {
  for (const RegisteredExtract& extract : extracts_) {
    if (extract.spec.name() == name) return &extract;
  }
  return nullptr;
}

absl::StatusOr<std::vector<const RegisteredExtract*>> ExtractRegistry::Select(
    const std::vector<std::string>& names) const {
  std::vector<const RegisteredExtract*> selected;
  if (names.empty()) {
    for (const RegisteredExtract& extract : extracts_) selected.push_back(&extract);
    return selected;
  }
  for (const std::string& name : names) {
    const RegisteredExtract* extract = Find(name);
    if (extract == nullptr) {
      std::vector<std::string> known;
      for (const RegisteredExtract& candidate : extracts_) known.push_back(candidate.spec.name());
      const std::string nearest = NearestWord(name, known);
      return absl::NotFoundError(
          absl::StrCat("no extract \"", name, "\" in the configuration",
                       nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
    }
    selected.push_back(extract);
  }
  return selected;
}

}  // namespace tikhaul
