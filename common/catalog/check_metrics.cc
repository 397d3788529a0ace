// The rules of tiktok-api.md 4.6.
#include <set>

#include "absl/strings/str_cat.h"
#include "common/catalog/check_extract.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kSection = " (tiktok-api.md 4.6)";

class MetricCheck {
 public:
  MetricCheck(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts, ExtractProblems& problems)
      : stream_(stream), extract_(extract), parts_(parts), problems_(problems) {}

  void Run() {
    const int count = extract_.metrics_size();
    if (count == 0) {
      problems_.push_back({"metrics", -1,
                           absl::StrCat("metrics are missing: name some, or a preset such as preset:",
                                        stream_.presets.empty() ? "" : stream_.presets[0].name)});
    }
    for (int i = 0; i < count; ++i) CheckOne(i, extract_.metrics(i));
  }

 private:
  void Add(int index, absl::string_view message) {
    problems_.push_back({"metrics", index, absl::StrCat(message, kSection)});
  }

  void CheckOne(int index, const std::string& name) {
    const MetricSpec* metric = FindMetric(stream_, name);
    if (metric == nullptr) {
      problems_.push_back({"metrics", index, Unknown(name)});
      return;
    }
    const std::string quoted = Quoted(name);
    if (!seen_.insert(name).second) return Add(index, absl::StrCat("metric ", quoted, " stands twice"));
    if (IsColumnAlready(name)) {
      return Add(index, absl::StrCat(quoted, " is a key column of this table already: leave it out of metrics"));
    }
    if (parts_.level != 0 && (metric->levels & parts_.level) == 0) {
      return Add(index, absl::StrCat("metric ", quoted, " needs level ", LevelList(metric->levels),
                                     "; this extract has level ", extract_.level()));
    }
    CheckBesideDimensions(index, *metric);
  }

  std::string Unknown(const std::string& name) const {
    for (const StreamSpec& other : Streams()) {
      if (FindMetric(other, name) == nullptr) continue;
      return absl::StrCat("metric ", Quoted(name), " is not offered in ", stream_.name, ", only in ", other.name,
                          kSection);
    }
    if (FindDimension(stream_, name) != nullptr) {
      return absl::StrCat(Quoted(name), " is a dimension, not a metric: move it to dimensions (tiktok-api.md 4.2)");
    }
    for (const PresetSpec& preset : stream_.presets) {
      if (preset.name == name) return absl::StrCat(Quoted(name), " is a preset: write \"preset:", name, "\"");
    }
    return absl::StrCat("unknown metric ", Quoted(name), " of ", stream_.name, kSection,
                        DidYouMean(name, NamesOfAll(stream_.metrics)));
  }

  bool IsColumnAlready(absl::string_view name) const {
    return name == "advertiser_id" || (parts_.id != nullptr && parts_.id->name == name);
  }

  void CheckBesideDimensions(int index, const MetricSpec& metric) {
    const std::string quoted = Quoted(metric.name);
    if (metric.name == "ad_id" && parts_.id != nullptr && parts_.id->name == "ad_id_v2") {
      return Add(index, "metric \"ad_id\" cannot stand beside dimension \"ad_id_v2\"");
    }
    if (!metric.only_with.empty() && !HasDimension(metric.only_with)) {
      Add(index, absl::StrCat("metric ", quoted, " needs dimension ", metric.only_with));
    }
    if (metric.exclusive && !parts_.breakdowns.empty()) {
      Add(index,
          absl::StrCat("metric ", quoted, " cannot stand beside dimension ", Quoted(parts_.breakdowns[0]->name)));
    }
    for (const DimensionSpec* dimension : parts_.breakdowns) {
      const MetricRule* rule = RefusingRule(stream_, metric, dimension->name);
      if (rule == nullptr) continue;
      Add(index, absl::StrCat("metric ", quoted, " cannot stand beside dimension ", Quoted(dimension->name), ": ",
                              rule->note));
    }
  }

  bool HasDimension(absl::string_view name) const {
    for (const DimensionSpec* dimension : parts_.Dimensions()) {
      if (dimension->name == name) return true;
    }
    return false;
  }

  const StreamSpec& stream_;
  const v1::Extract& extract_;
  const ReportParts& parts_;
  ExtractProblems& problems_;
  std::set<std::string> seen_;
};

}  // namespace

void CheckMetrics(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                  ExtractProblems& problems) {
  MetricCheck(stream, extract, parts, problems).Run();
}

}  // namespace tikhaul
