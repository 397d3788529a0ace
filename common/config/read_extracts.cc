#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "common/catalog/extract_shape.h"
#include "common/catalog/json_text.h"
#include "common/config/config_reader.h"
#include "common/config/values.h"

namespace tikhaul {
namespace {

// tiktok-api.md 9, item 7, advises 7 days; 4.8: rows may change for a click window of up to 28.
constexpr uint32_t kFirstLookBack = 7, kDefaultLookBackLimit = 28, kDefaultLookBackCheck = 7;
// The look-back is learned from the last weeks.
constexpr uint32_t kShortestRestatements = 35, kDefaultRestatementDays = 400;

v1::WriteMode ToMessage(WriteMode mode) {
  switch (mode) {
    case WriteMode::kMerge:
      return v1::WRITE_MODE_MERGE;
    case WriteMode::kAppend:
      return v1::WRITE_MODE_APPEND;
    case WriteMode::kReplace:
      return v1::WRITE_MODE_REPLACE;
  }
  return v1::WRITE_MODE_UNSPECIFIED;
}

const PresetSpec* FindPreset(const StreamSpec& stream, absl::string_view name) {
  for (const PresetSpec& preset : stream.presets) {
    if (preset.name == name) return &preset;
  }
  return nullptr;
}

// Reads one extract. Metrics wait until the stream is known, because presets hang on it.
class ExtractReader {
 public:
  ExtractReader(YamlReader& yaml, YamlValue value) : yaml_(yaml), value_(std::move(value)) {
    value_.label = absl::StrCat("extract \"", NameIn(value_.node), "\"");
    places_.line = value_.line;
  }

  ReadExtract Read() {
    places_.keys = yaml_.Map(value_, Keys(), {"name", "stream"});
    const StreamSpec* stream = FindStream(message_.stream());
    if (stream != nullptr) {
      ResolveMetrics(*stream);
      FillDefaults(*stream);
    }
    if (message_.table().empty() && places_.keys.count("table") == 0) TableFromName();
    // What is missing altogether has been said.
    if (places_.keys.count("stream") != 0 && !message_.stream().empty()) CheckByCatalogue();
    DropOwnId();
    return {std::move(message_), std::move(places_)};
  }

 private:
  template <typename Set>
  YamlReader::Handler TextInto(Set set) {
    return yaml_.Into(AsIs, set);
  }

  std::vector<YamlReader::Key> Keys() {
    v1::Extract& m = message_;
    return {
        {"name", yaml_.Into(ParseName, [&](const std::string& name) { m.set_name(name); })},
        {"stream", TextInto([&](const std::string& stream) { m.set_stream(stream); })},
        {"table", yaml_.Into(ParseTable, [&](const std::string& table) { m.set_table(table); })},
        {"level", TextInto([&](const std::string& level) { m.set_level(level); })},
        {"dimensions", Listed("dimensions", AsIs, [&](const std::string& name) { m.add_dimensions(name); })},
        {"metrics", [&](const YamlValue& value) { metrics_ = value; }},
        {"filters", [&](const YamlValue& value) { ReadFilters(value); }},
        {"mode", yaml_.Into(ParseMode, [&](v1::WriteMode mode) { m.set_mode(mode); })},
        {"look_back", yaml_.Into(ParseLookBack,
                                 [&](const LookBackSetting& given) {
                                   m.set_look_back_days(given.days);
                                   m.set_look_back_auto(given.is_auto);
                                 })},
        {"look_back_limit", yaml_.Into(DaysBetween(kFirstLookBack, kLongestLookBackDays),
                                       [&](uint32_t days) { m.set_look_back_limit_days(days); })},
        {"look_back_check", yaml_.Into(DaysBetween(1, 90), [&](uint32_t days) { m.set_look_back_check_days(days); })},
        {"restatements", yaml_.Into(DaysBetween(kShortestRestatements, kLongestBackfillDays),
                                    [&](uint32_t days) { m.set_restatement_days(days); })},
        {"backfill", yaml_.Into(ParseBackfill, [&](uint32_t days) { backfill_ = days; })},
        {"schedule", yaml_.Into(ParseSchedule, [&](const std::string& schedule) { m.set_schedule(schedule); })},
        {"lifetime", yaml_.Into(ParseYesNo, [&](bool lifetime) { m.set_lifetime(lifetime); })},
        {"include_deleted", yaml_.Into(ParseYesNo, [&](bool include) { m.set_exclude_deleted(!include); })},
        {"asynchronous",
         yaml_.Into(ParseAsynchronous, [&](v1::Asynchronous asynchronous) { m.set_asynchronous(asynchronous); })},
        {"history", yaml_.Into(ParseYesNo, [&](bool history) { m.set_history(history); })},
        {"connections", Listed("connections", AsIs, [&](const std::string& name) { m.add_connections(name); })},
        {"advertisers",
         Listed("advertisers", ParseAdvertiserId, [&](const std::string& id) { m.add_advertisers(id); })},
        {"options", [&](const YamlValue& value) { ReadOptions(value); }},
    };
  }

  // A list of values that `parse` reads; the lines of those it takes are remembered.
  template <typename Parse, typename Add>
  YamlReader::Handler Listed(const std::string& key, Parse parse, Add add) {
    return [this, key, parse, add](const YamlValue& value) {
      for (const YamlValue& element : yaml_.List(value)) {
        yaml_.Into(parse, [&](const std::string& text) {
          add(text);
          places_.elements[key].push_back(element.line);
        })(element);
      }
    };
  }

  void ReadFilters(const YamlValue& value) {
    for (YamlValue element : yaml_.List(value)) {
      v1::Filter filter;
      element.label = value_.label + ": filter";
      yaml_.Map(element,
                {
                    {"field", TextInto([&](std::string field) { filter.set_field_name(field); })},
                    {"type", TextInto([&](std::string type) { filter.set_filter_type(type); })},
                    {"value", [&](const YamlValue& given) { ReadFilterValue(given, filter); }},
                },
                {"field", "value"});
      if (filter.filter_type().empty()) filter.set_filter_type("IN");
      if (filter.field_name().empty() || filter.filter_value().empty()) continue;
      *message_.add_filters() = filter;
      places_.elements["filters"].push_back(element.line);
    }
  }

  // A list becomes JSON text, as the API wants it (tiktok-api.md 4.5).
  void ReadFilterValue(const YamlValue& value, v1::Filter& filter) {
    if (!value.node.IsSequence()) {
      TextInto([&](const std::string& text) { filter.set_filter_value(text); })(value);
      return;
    }
    std::vector<std::string> texts;
    for (const YamlValue& element : yaml_.List(value)) {
      if (const auto text = yaml_.Text(element)) texts.push_back(*text);
    }
    filter.set_filter_value(JsonArray(texts));
  }

  void ReadOptions(const YamlValue& value) {
    if (!value.node.IsMap()) return yaml_.Problem(value, "expected keys with values");
    std::map<std::string, int> lines;  // by name, as CheckExtract counts options
    for (const auto& entry : value.node) {
      const int line = entry.first.Mark().line + 1;
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const YamlValue option{.node = entry.second, .line = line, .label = absl::StrCat(value.label, ".", name)};
      if (!lines.emplace(name, line).second) yaml_.Problem(option, "stands twice");
      ReadOptionValue(option, name);
    }
    for (const auto& [name, line] : lines) {
      if (message_.options().count(name) != 0) places_.elements["options"].push_back(line);
    }
  }

  // A list becomes JSON text, as the API wants it.
  void ReadOptionValue(const YamlValue& value, const std::string& name) {
    if (!value.node.IsSequence()) {
      TextInto([&](const std::string& text) { (*message_.mutable_options())[name] = text; })(value);
      return;
    }
    std::vector<std::string> texts;
    for (const YamlValue& element : yaml_.List(value)) {
      if (const auto text = yaml_.Text(element)) texts.push_back(*text);
    }
    (*message_.mutable_options())[name] = JsonArray(texts);
  }

  // "core"; or a list of metric names and "preset:core".
  void ResolveMetrics(const StreamSpec& stream) {
    if (!metrics_.has_value()) return;
    if (metrics_->node.IsSequence()) {
      for (const YamlValue& element : yaml_.List(*metrics_)) {
        const std::optional<std::string> text = yaml_.Text(element);
        if (!text.has_value()) continue;
        absl::string_view preset = *text;
        if (absl::ConsumePrefix(&preset, "preset:")) {
          AddPreset(stream, element, preset);
        } else {
          AddMetric(*text, element.line, /*named=*/true);
        }
      }
      return;
    }
    const std::optional<std::string> text = yaml_.Text(*metrics_);
    if (text.has_value()) AddPreset(stream, *metrics_, absl::StripPrefix(*text, "preset:"));
  }

  void AddPreset(const StreamSpec& stream, const YamlValue& place, absl::string_view name) {
    const PresetSpec* preset = FindPreset(stream, name);
    if (preset != nullptr) {
      for (const absl::string_view metric : preset->metrics)
        AddMetric(std::string(metric), place.line, /*named=*/false);
      return;
    }
    unknown_preset_ = true;
    std::vector<std::string> names;
    for (const PresetSpec& known : stream.presets) names.emplace_back(known.name);
    const std::string nearest = NearestWord(name, names);
    std::string all;
    for (const std::string& known : names) absl::StrAppend(&all, all.empty() ? "" : ", ", known);
    yaml_.Problem({.node = place.node, .line = place.line, .label = value_.label},
                  absl::StrCat("unknown preset \"", name, "\" of ", stream.name, ": it is one of ", all,
                               nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
  }

  // What presets share, or bring beside a name, stands once; a name written twice is left for the catalogue to refuse.
  void AddMetric(const std::string& name, int line, bool named) {
    const bool known = !metrics_seen_.insert(name).second;
    if (known && (!named || metrics_named_.count(name) == 0)) {
      if (named) metrics_named_.insert(name);
      return;
    }
    if (named) metrics_named_.insert(name);
    message_.add_metrics(name);
    places_.elements["metrics"].push_back(line);
  }

  void FillDefaults(const StreamSpec& stream) {
    if (message_.mode() == v1::WRITE_MODE_UNSPECIFIED) message_.set_mode(ToMessage(stream.default_mode));
    FillLookBack();
    if (message_.restatement_days() == 0) message_.set_restatement_days(kDefaultRestatementDays);
    message_.set_backfill_days(backfill_.value_or(message_.lifetime() ? 0 : stream.default_backfill_days));
  }

  void FillLookBack() {
    v1::Extract& m = message_;
    for (const char* key : {"look_back_limit", "look_back_check"}) {
      if (m.look_back_auto() || places_.keys.count(key) == 0) continue;
      Refuse(key, absl::StrCat(key, ": only with look_back: auto"));
    }
    if (m.look_back_limit_days() == 0) m.set_look_back_limit_days(kDefaultLookBackLimit);
    if (m.look_back_check_days() == 0) m.set_look_back_check_days(kDefaultLookBackCheck);
    if (m.look_back_days() == 0) m.set_look_back_days(m.look_back_auto() ? kFirstLookBack : 1);
  }

  // Restatements, from which the look-back is learned, are of days that a later read brings into line.
  void CheckLookBack() {
    if (!message_.look_back_auto()) return;
    const Granularity granularity = GranularityOf(message_);
    if (granularity != Granularity::kDay && granularity != Granularity::kHour) {
      Refuse("look_back", "look_back: auto is for reports with stat_time_day or stat_time_hour: others have no days");
    } else if (message_.mode() != v1::WRITE_MODE_MERGE) {
      Refuse("look_back", "look_back: auto needs mode: merge, which records what each new read of a day has changed");
    }
  }

  void Refuse(const std::string& key, const std::string& message) {
    yaml_.Problem({.node = value_.node, .line = places_.Line(key), .label = value_.label}, message);
  }

  void TableFromName() {
    if (message_.name().empty()) return;
    const absl::StatusOr<std::string> table = ParseTable(message_.name());
    if (table.ok()) {
      message_.set_table(*table);
    } else {
      yaml_.Problem(
          {.node = value_.node, .line = places_.Line("name"), .label = value_.label},
          absl::StrCat(table.status().message(), "; the table is named after the extract unless table says otherwise"));
    }
  }

  void CheckByCatalogue() {
    const std::vector<ExtractProblem> problems = CheckExtract(message_);
    if (problems.empty()) CheckLookBack();
    for (const ExtractProblem& problem : problems) {
      if (problem.member == "metrics" && problem.index < 0 && unknown_preset_) continue;
      const YamlValue place{
          .node = value_.node, .line = places_.Line(problem.member, problem.index), .label = value_.label};
      yaml_.Problem(place, problem.message);
    }
  }

  // The id dimension of the level is always there: naming it is allowed and changes nothing.
  void DropOwnId() {
    const absl::string_view own = IdDimensionName(LevelFromName(message_.level()));
    auto& dimensions = *message_.mutable_dimensions();
    dimensions.erase(std::remove(dimensions.begin(), dimensions.end(), own), dimensions.end());
  }

  YamlReader& yaml_;
  YamlValue value_;
  v1::Extract message_;
  Places places_;
  std::optional<YamlValue> metrics_;
  std::optional<uint32_t> backfill_;
  std::set<std::string> metrics_seen_, metrics_named_;
  bool unknown_preset_ = false;
};

}  // namespace

std::vector<ReadExtract> ReadExtracts(YamlReader& yaml, const YamlValue& value) {
  std::vector<ReadExtract> extracts;
  for (const YamlValue& element : yaml.List(value)) extracts.push_back(ExtractReader(yaml, element).Read());
  return extracts;
}

}  // namespace tikhaul
