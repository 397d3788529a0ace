// The rules of tiktok-api.md 4.2.
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/catalog/check_extract.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kSection = " (tiktok-api.md 4.2)";

class DimensionCheck {
 public:
  DimensionCheck(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                 ExtractProblems& problems)
      : stream_(stream), extract_(extract), parts_(parts), problems_(problems) {}

  void Run() {
    for (int i = 0; i < extract_.dimensions_size(); ++i) CheckOne(i, extract_.dimensions(i));
    if (stream_.needs_breakdown && parts_.breakdowns.empty()) {
      Add(-1,
          absl::StrCat(stream_.name, " needs an audience dimension, such as gender, age, country_code or platform"));
    }
    if (stream_.needs_time && parts_.time == nullptr) {
      Add(-1, absl::StrCat(stream_.name, " needs stat_time_day: which spans it takes without is not known"));
    }
  }

 private:
  void Add(int index, absl::string_view message) {
    problems_.push_back({"dimensions", index, absl::StrCat(message, kSection)});
  }

  void CheckOne(int index, const std::string& name) {
    const DimensionSpec* dimension = FindDimension(stream_, name);
    if (dimension == nullptr) {
      problems_.push_back({"dimensions", index, Unknown(name)});
      return;
    }
    if (!seen_.insert(name).second) return Add(index, absl::StrCat("dimension ", Quoted(name), " stands twice"));
    if (parts_.level != 0 && (dimension->levels & parts_.level) == 0) return Add(index, WrongLevel(*dimension));
    switch (dimension->kind) {
      case DimensionKind::kId:
        return CheckId(index, *dimension);
      case DimensionKind::kTime:
        return CheckTime(index, *dimension);
      default:
        return CheckBreakdown(index, *dimension);
    }
  }

  std::string Unknown(const std::string& name) const {
    for (const StreamSpec& other : Streams()) {
      if (FindDimension(other, name) == nullptr) continue;
      return absl::StrCat("dimension ", Quoted(name), " is not offered in ", stream_.name, ", only in ", other.name,
                          kSection);
    }
    if (FindMetric(stream_, name) != nullptr) {
      return absl::StrCat(Quoted(name), " is a metric, not a dimension: move it to metrics", kSection);
    }
    return absl::StrCat("unknown dimension ", Quoted(name), " of ", stream_.name, kSection,
                        DidYouMean(name, NamesOfAll(stream_.dimensions)));
  }

  std::string WrongLevel(const DimensionSpec& dimension) const {
    std::string message = absl::StrCat("dimension ", Quoted(dimension.name), " needs level ",
                                       LevelList(dimension.levels), "; this extract has level ", extract_.level());
    const MetricSpec* metric = FindMetric(stream_, dimension.name);
    if (dimension.kind == DimensionKind::kId && metric != nullptr && (metric->levels & parts_.level) != 0 &&
        dimension.levels != kAdvertiserLevel) {
      absl::StrAppend(&message, ": ask for it in metrics instead");
    }
    if (dimension.levels == kAdvertiserLevel) absl::StrAppend(&message, ": leave it out, every table has it");
    return message;
  }

  // The level's own id is in every table, so naming it is no fault; two of them are.
  void CheckId(int index, const DimensionSpec& dimension) {
    if (id_ != nullptr) {
      return Add(index, absl::StrCat(id_->name, " and ", dimension.name,
                                     " cannot stand together: one id dimension per report"));
    }
    id_ = &dimension;
  }

  void CheckTime(int index, const DimensionSpec& dimension) {
    if (time_ != nullptr) {
      return Add(index, absl::StrCat(time_->name, " and ", dimension.name,
                                     " cannot stand together: one time dimension per report"));
    }
    time_ = &dimension;
    CheckWithLifetime(index, dimension);
  }

  void CheckWithLifetime(int index, const DimensionSpec& dimension) {
    if (!extract_.lifetime() || dimension.with_lifetime) return;
    Add(index, absl::StrCat("dimension ", Quoted(dimension.name), " cannot stand in a lifetime report"));
  }

  void CheckBreakdown(int index, const DimensionSpec& dimension) {
    CheckWithLifetime(index, dimension);
    if (parts_.time != nullptr && !dimension.with_time) {
      Add(index, absl::StrCat("dimension ", Quoted(dimension.name), " cannot stand beside a time dimension"));
    }
    if (parts_.time != nullptr && parts_.time->type == ColumnType::kLocalHour) {
      Add(index, absl::StrCat("dimension ", Quoted(dimension.name), " cannot stand beside ", parts_.time->name));
    }
    if (dimension.needs_partner && !Asked(dimension.partner)) {
      Add(index, absl::StrCat("dimension ", Quoted(dimension.name), " needs ", dimension.partner, " beside it"));
    }
    CheckPartner(index, dimension);
  }

  void CheckPartner(int index, const DimensionSpec& dimension) {
    const DimensionSpec* first = first_breakdown_;
    if (first == nullptr) {
      first_breakdown_ = &dimension;
      return;
    }
    if (first->partner == dimension.name && !pair_) {
      pair_ = true;
      return;
    }
    absl::string_view rule = stream_.needs_breakdown
                                 ? "one audience dimension per report, the only pair is age with gender"
                                 : "one dimension beside the id and the time dimension per report";
    Add(index, absl::StrCat(first->name, " and ", dimension.name, " cannot stand together: ", rule));
  }

  bool Asked(absl::string_view name) const {
    for (const DimensionSpec* dimension : parts_.breakdowns) {
      if (dimension->name == name) return true;
    }
    return false;
  }

  const StreamSpec& stream_;
  const v1::Extract& extract_;
  const ReportParts& parts_;
  ExtractProblems& problems_;
  std::set<std::string> seen_;
  const DimensionSpec* id_ = nullptr;
  const DimensionSpec* time_ = nullptr;
  const DimensionSpec* first_breakdown_ = nullptr;
  bool pair_ = false;
};

}  // namespace

void CheckDimensions(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                     ExtractProblems& problems) {
  DimensionCheck(stream, extract, parts, problems).Run();
}

}  // namespace tikhaul
