#include "coordinator/verify/findings.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

constexpr uint64_t kMostFindings = 1000;

}  // namespace

std::string Findings::ReadAgain(const Coverage& days) const {
  return absl::StrCat("tikhaul backfill ", result_.extract(), " --advertiser ", result_.advertiser(), " --from ",
                      FormatDay(days.first), " --to ", FormatDay(days.last), " --again");
}

v1::VerifyFinding* Findings::Add(v1::VerifyFinding::Verdict verdict, const Found& found, uint64_t count) {
  v1::VerifyFinding* const out = result_.add_findings();
  out->set_verdict(verdict);
  out->set_reason(found.reason);
  out->set_detail(found.detail);
  if (found.days.has_value()) {
    out->set_first_day(FormatDay(found.days->first));
    out->set_last_day(FormatDay(found.days->last));
  }
  out->set_level(found.level);
  out->set_id(found.id);
  out->set_breakdown(found.breakdown);
  out->set_metric(found.metric);
  if (found.stored.has_value()) out->set_stored(found.stored->Text());
  if (found.api.has_value()) out->set_api(found.api->Text());
  if (found.stored.has_value() && found.api.has_value()) out->set_difference((*found.api - *found.stored).Text());
  out->set_mend(found.mend);
  out->set_count(count);
  return out;
}

void Findings::Explain(Found found, bool again) {
  result_.set_explained(result_.explained() + 1);
  const auto [at, first] = explained_.try_emplace({found.reason, found.metric, found.detail});
  Together& together = at->second;
  ++together.count;
  if (first) {
    together.found = std::move(found);
    together.again = again;
    return;
  }
  Found& all = together.found;
  if (all.days.has_value() && found.days.has_value()) {
    all.days->first = std::min(all.days->first, found.days->first);
    all.days->last = std::max(all.days->last, found.days->last);
  }
  if (all.stored.has_value() && found.stored.has_value()) *all.stored += *found.stored;
  if (all.api.has_value() && found.api.has_value()) *all.api += *found.api;
  if (all.id != found.id) all.id.clear();
  if (all.breakdown != found.breakdown) all.breakdown.clear();
}

void Findings::Flag(const Found& found) {
  result_.set_flagged(result_.flagged() + 1);
  if (result_.flagged() <= kMostFindings) Add(v1::VerifyFinding::VERDICT_FLAGGED, found, 1);
}

void Findings::Finish() {
  uint64_t written = 0;
  for (auto& [key, together] : explained_) {
    if (++written > kMostFindings) break;
    if (together.again && together.found.days.has_value()) together.found.mend = ReadAgain(*together.found.days);
    Add(v1::VerifyFinding::VERDICT_EXPLAINED, together.found, together.count);
  }
  result_.set_state(result_.flagged() > 0 ? "flagged" : result_.explained() > 0 ? "explained" : "equal");
}

}  // namespace tikhaul
