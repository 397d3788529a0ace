// ReportVerifier: extracts that leave something out.
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "coordinator/verify/report_verifier.h"

namespace tikhaul {

absl::Status ReportVerifier::VerifyRestricted(const Window& window, const FigureMap& stored, const FigureMap& api) {
  const v1::Extract own = AsConfigured(extract_.spec, names_);
  std::vector<Window> parts;  // of one finality each
  for (absl::CivilDay day = window.first; day <= window.last; ++day) {
    const bool goes_on =
        !parts.empty() && (extract_.granularity == Granularity::kNone || IsFinal(day) == IsFinal(parts.back().first));
    if (!goes_on) parts.push_back({.kind = WindowKind::kDays, .first = day, .last = day});
    parts.back().last = day;
  }
  for (const Window& part : parts) {
    const FigureMap ours = TogetherAt(part.first, Between(stored, part.first, part.last));
    const absl::StatusOr<FigureMap> configured =
        asker_.AskTogether({.report = own, .window = part, .parents = {}}, task_.sandbox);
    const FigureMap theirs = TogetherAt(part.first, Between(api, part.first, part.last));
    if (EndsSearch(configured.status())) {
      FlagAll(Compare(metrics_, ours, theirs, false).differences, "not_located",
              absl::StrCat("what the extract leaves out could not be asked for: ", configured.status().message()));
      continue;
    }
    RETURN_IF_ERROR(configured.status());
    const Comparison comparison = Compare(metrics_, ours, *configured, false);
    findings_.Equal(comparison.equal);
    std::vector<Difference> open;
    for (const Difference& difference : comparison.differences) {
      if (!Excuse(difference)) open.push_back(difference);
    }
    if (!open.empty()) RETURN_IF_ERROR(Locate(part, own, open));
    const absl::Status measured = MeasureRestrictions(part, *configured, theirs);
    if (!EndsSearch(measured)) {
      RETURN_IF_ERROR(measured);
      continue;
    }
    FlagAll(Compare(metrics_, *configured, theirs, false).differences, "not_located",
            absl::StrCat("what the extract leaves out could not be asked for: ", measured.message()));
  }
  return absl::OkStatus();
}

absl::Status ReportVerifier::MeasureRestrictions(const Window& window, FigureMap configured, const FigureMap& api) {
  const std::string own_level = extract_.spec.level();
  FigureMap before = std::move(configured);
  for (const Restriction& restriction : RestrictionsOf(extract_.spec, names_)) {
    ASSIGN_OR_RETURN(
        FigureMap after,
        asker_.AskTogether({.report = restriction.without, .window = window, .parents = {}}, task_.sandbox));
    for (const Difference& amount : Compare(metrics_, before, after, true).differences) {
      Found found = FoundAt(amount, own_level);
      found.days = Coverage{window.first, window.last};
      found.reason = "left_out";
      found.detail = absl::StrCat(restriction.what,
                                  ": the configuration leaves them out; the API gives this much more without that");
      findings_.Explain(std::move(found), false);
    }
    before = std::move(after);
  }
  std::vector<Difference> rest;
  for (const Difference& difference : Compare(metrics_, before, api, false).differences) {
    if (!difference.rounding) rest.push_back(difference);
  }
  FlagAll(rest, "levels_disagree",
          absl::StrCat("all rows of level ", own_level, " that the API has (`stored`) do not add up to its level ",
                       LevelName(level_)));
  return absl::OkStatus();
}

}  // namespace tikhaul
