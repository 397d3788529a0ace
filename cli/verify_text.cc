#include "cli/verify_text.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

constexpr size_t kMostLines = 50;

struct ExtractLine {
  uint64_t advertisers = 0, equal = 0, explained = 0, flagged = 0, calls = 0;
  std::set<std::string> states, metrics;
  std::string first_day, last_day;
};

// The worst of them.
std::string StateOf(const ExtractLine& line) {
  for (const char* state : {"failed", "flagged", "explained", "equal"}) {
    if (line.states.contains(state)) return state;
  }
  return "not compared";
}

void Widen(const std::string& first, const std::string& last, std::string& all_first, std::string& all_last) {
  if (!first.empty() && (all_first.empty() || first < all_first)) all_first = first;
  if (last > all_last) all_last = last;
}

std::string PlaceOf(const v1::VerifyFinding& finding) {
  std::string place = finding.level();
  if (!finding.id().empty()) absl::StrAppend(&place, " ", finding.id());
  if (!finding.breakdown().empty()) absl::StrAppend(&place, " ", finding.breakdown());
  return place;
}

std::string ExtractText(const std::string& extract, const ExtractLine& line) {
  std::string text = absl::StrCat(extract, "  ", Counted(line.advertisers, "advertiser"));
  if (!line.first_day.empty()) absl::StrAppend(&text, "  ", HumanDays(line.first_day, line.last_day));
  if (!line.metrics.empty()) absl::StrAppend(&text, "  ", Counted(line.metrics.size(), "metric"));
  absl::StrAppend(&text, ": ", StateOf(line));
  if (StateOf(line) == "not compared") return text;
  absl::StrAppend(&text, " (", WithThousands(line.equal), " equal");
  if (line.explained > 0) absl::StrAppend(&text, ", ", WithThousands(line.explained), " explained");
  if (line.flagged > 0) absl::StrAppend(&text, ", ", WithThousands(line.flagged), " flagged");
  return absl::StrCat(text, ", ", Counted(line.calls, "call"), ")");
}

}  // namespace

std::string VerifySummary(const std::vector<v1::VerifyResult>& results) {
  std::map<std::string, ExtractLine> lines;
  for (const v1::VerifyResult& result : results) {
    ExtractLine& line = lines[result.extract()];
    ++line.advertisers;
    line.equal += result.equal();
    line.explained += result.explained();
    line.flagged += result.flagged();
    line.calls += result.calls();
    line.states.insert(result.state());
    line.metrics.insert(result.metrics().begin(), result.metrics().end());
    Widen(result.first_day(), result.last_day(), line.first_day, line.last_day);
  }
  std::string text;
  for (const auto& [extract, line] : lines) absl::StrAppend(&text, Printable(ExtractText(extract, line)), "\n");
  return text;
}

std::string FlaggedText(const std::vector<v1::VerifyResult>& results, const std::string& other) {
  TextTable table({{"extract"},
                   {"advertiser"},
                   {"days"},
                   {"place"},
                   {"metric"},
                   {"stored", true},
                   {other, true},
                   {"difference", true},
                   {"what"}});
  std::set<std::string> mends;
  size_t shown = 0;
  uint64_t all = 0;
  for (const v1::VerifyResult& result : results) {
    all += result.flagged();
    for (const v1::VerifyFinding& finding : result.findings()) {
      if (finding.verdict() != v1::VerifyFinding::VERDICT_FLAGGED || shown == kMostLines) continue;
      ++shown;
      table.Add({result.extract(), result.advertiser(), HumanDays(finding.first_day(), finding.last_day()),
                 PlaceOf(finding), finding.metric(), finding.stored(), finding.api(), finding.difference(),
                 absl::StrCat(finding.reason(), ": ", finding.detail())});
      if (!finding.mend().empty()) mends.insert(finding.mend());
    }
  }
  std::string text = table.Render();
  if (all > shown) absl::StrAppend(&text, "and ", WithThousands(all - shown), " more: --json shows them\n");
  if (!mends.empty()) absl::StrAppend(&text, "to mend:\n");
  for (const std::string& mend : mends) absl::StrAppend(&text, "  ", Printable(mend), "\n");
  return text;
}

std::string ExplainedText(const std::vector<v1::VerifyResult>& results) {
  struct Reason {
    uint64_t count = 0;
    std::set<std::string> advertisers, metrics, mends;
    std::string first_day, last_day;
  };
  std::map<std::pair<std::string, std::string>, Reason> reasons;  // extract, reason and detail
  for (const v1::VerifyResult& result : results) {
    for (const v1::VerifyFinding& finding : result.findings()) {
      if (finding.verdict() != v1::VerifyFinding::VERDICT_EXPLAINED) continue;
      Reason& reason = reasons[{result.extract(), absl::StrCat(finding.reason(), ": ", finding.detail())}];
      reason.count += finding.count();
      reason.advertisers.insert(result.advertiser());
      if (!finding.metric().empty()) reason.metrics.insert(finding.metric());
      if (!finding.mend().empty()) reason.mends.insert(finding.mend());
      Widen(finding.first_day(), finding.last_day(), reason.first_day, reason.last_day);
    }
  }
  std::string text;
  for (const auto& [key, reason] : reasons) {
    absl::StrAppend(&text, "  ", Printable(key.first), "  ", HumanDays(reason.first_day, reason.last_day), "  ",
                    Counted(reason.count, "difference"), " of ", Counted(reason.advertisers.size(), "advertiser"));
    if (!reason.metrics.empty()) absl::StrAppend(&text, " (", Printable(absl::StrJoin(reason.metrics, ", ")), ")");
    absl::StrAppend(&text, "\n    ", Printable(key.second), "\n");
    if (!reason.mends.empty()) absl::StrAppend(&text, "    ", Printable(*reason.mends.begin()), "\n");
    if (reason.mends.size() > 1) {
      absl::StrAppend(&text, "    and ", Counted(reason.mends.size() - 1, "more such command"),
                      ": --json shows them\n");
    }
  }
  return text;
}

std::string UncomparedText(const std::vector<v1::VerifyResult>& results) {
  std::string text;
  for (const v1::VerifyResult& result : results) {
    if (result.note().empty()) continue;
    absl::StrAppend(&text, "  ", Printable(result.extract()), "  ", Printable(result.advertiser()), "  ",
                    Printable(result.state()), ": ", Printable(result.note()), "\n");
  }
  return text;
}

}  // namespace tikhaul
