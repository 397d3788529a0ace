// ReportVerifier: to which objects do differences belong?
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/catalog/slices.h"
#include "coordinator/verify/report_verifier.h"

namespace tikhaul {
namespace {

// The filter field that narrows a report to what lies below objects of the level.
const char* ParentFilter(uint8_t level) { return level == kCampaignLevel ? "campaign_ids" : "adgroup_ids"; }

}  // namespace

absl::Status ReportVerifier::Locate(const Window& days, const v1::Extract& own,
                                    const std::vector<Difference>& differences) {
  const uint32_t calls_before = asker_.calls();
  asker_.SetLimit(search_calls_left_);
  const absl::StatusOr<std::vector<Difference>> located = Descend(days, own);
  asker_.ClearLimit();
  search_calls_left_ -= asker_.calls() - calls_before;
  if (EndsSearch(located.status())) {
    FlagAll(differences, "not_located", absl::StrCat("its place was not found: ", located.status().message()));
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(located.status());
  for (const Difference& difference : *located) Judge(difference, extract_.spec.level());
  for (Difference rest : differences) {  // what is left of each when the objects' differences are taken away
    for (const Difference& object : *located) {
      const bool of_it = object.metric == rest.metric && object.place.breakdown == rest.place.breakdown &&
                         (object.place.day == rest.place.day || own.filters_size() > 0 || own.exclude_deleted());
      if (of_it) rest.api -= object.Amount();
    }
    const bool small =
        metrics_[rest.metric].decimal && rest.Amount().Abs() <= RoundingOf(rest.stored_rows + rest.api_rows);
    if (rest.Amount().IsZero() || small) continue;
    FlagAll({rest}, "levels_disagree",
            absl::StrCat("the API's rows of level ", extract_.spec.level(), " do not account for it"));
  }
  return absl::OkStatus();
}

// The levels between the one compared with and the extract's own for which the table holds ids, then its own.
std::vector<v1::Extract> ReportVerifier::PathTo(const v1::Extract& own) const {
  std::vector<v1::Extract> path;
  const bool restricted = own.filters_size() > 0 || own.exclude_deleted();  // coarser levels cannot be asked likewise
  for (const uint8_t level : {kCampaignLevel, kAdGroupLevel}) {
    if (restricted || level <= level_ || level >= own_level_) continue;
    if (!HasColumn(extract_.table, std::string(IdDimensionName(level)))) continue;
    v1::Extract between = AtLevel(extract_.spec, level, names_);
    if (CheckExtract(between).empty()) path.push_back(std::move(between));
  }
  path.push_back(own);
  return path;
}

absl::StatusOr<std::vector<Difference>> ReportVerifier::Descend(const Window& days, const v1::Extract& own) {
  FigureAsker::Question question{.report = {}, .window = days, .by_id = true, .parents = {}};
  StoredQuestion ours{.extract = &extract_,
                      .advertiser = task_.advertiser.id,
                      .metrics = names_,
                      .days = {days.first, extract_.granularity == Granularity::kNone ? days.first : days.last}};
  std::vector<Difference> differences;
  for (const v1::Extract& report : PathTo(own)) {
    question.report = report;
    ours.id_column = IdColumnOf(report);
    ASSIGN_OR_RETURN(const FigureMap api, asker_.Ask(question));
    ASSIGN_OR_RETURN(const FigureMap stored, LoadFigures(store_, ours, *reads_));
    const uint8_t level = LevelFromName(report.level());
    const bool same_rows = level == own_level_ && extract_.granularity != Granularity::kHour;
    differences = Compare(metrics_, stored, api, same_rows).differences;
    std::erase_if(differences, [](const Difference& difference) { return difference.rounding; });
    if (differences.empty() || level == own_level_) break;
    std::set<std::string> ids;
    for (const Difference& difference : differences) ids.insert(difference.place.id);
    if (ids.size() > kMostFilterIds || ids.contains("")) continue;
    question.parents = ParentFilter(level);
    question.parent_ids.assign(ids.begin(), ids.end());
    ours.parent_column = ours.id_column;
    ours.parent_ids = std::move(ids);
  }
  return differences;
}

}  // namespace tikhaul
