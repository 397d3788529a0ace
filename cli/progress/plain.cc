#include "cli/progress/plain.h"

#include "absl/strings/str_cat.h"
#include "cli/format.h"
#include "cli/progress/render.h"
#include "cli/runs.h"

namespace tikhaul {
namespace {

// What counts as a change; rates and estimates move all the time.
std::string Figures(const v1::ExtractProgress& progress) {
  return absl::StrCat(ChunksDone(progress.chunks()), " chunks, ", WithThousands(progress.rows()), " rows");
}

std::string PlainLine(const v1::ExtractProgress& progress, const v1::QuotaInfo& quota) {
  std::string line = absl::StrCat(Printable(progress.extract()), ": ", Figures(progress));
  if (progress.calls_per_second() > 0) {
    absl::StrAppend(&line, ", ", HumanRate(progress.calls_per_second()), " calls/s");
    if (quota.per_second() > 0) {
      absl::StrAppend(&line, " (", HumanPercent(QuotaShare(progress.calls_per_second(), quota)), " of quota)");
    }
  }
  const std::string left = TimeLeft(progress);
  if (!left.empty()) absl::StrAppend(&line, ", ", left);
  return line;
}

}  // namespace

std::vector<std::string> PlainProgress::Lines(const v1::Status& status, absl::Duration now, bool last) {
  std::vector<std::string> lines;
  if (!last && printed_at_.has_value() && now - *printed_at_ < interval_) return lines;
  for (const v1::ExtractProgress& progress : status.extracts()) {
    std::string figures = Figures(progress);
    std::string& printed = figures_[progress.extract()];
    if (figures == printed) continue;
    printed = std::move(figures);
    lines.push_back(PlainLine(progress, status.quota()));
  }
  std::set<std::string> hindrances;
  for (const std::string& line : HindranceLines(status)) {
    if (!hindrances_.contains(line)) lines.push_back(line);
    hindrances.insert(line);
  }
  hindrances_ = std::move(hindrances);
  if (!lines.empty()) printed_at_ = now;
  return lines;
}

}  // namespace tikhaul
