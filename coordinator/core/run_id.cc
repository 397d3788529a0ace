#include "coordinator/core/run_id.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/digest.h"
#include "common/model/names.h"

namespace tikhaul {
namespace {

// With its length before it, so that no two lists of parts give the same text.
void AppendPart(absl::string_view part, std::string* text) { absl::StrAppend(text, part.size(), ":", part, ";"); }

std::string DayOrNothing(std::optional<absl::CivilDay> day) { return day.has_value() ? FormatDay(*day) : ""; }

// Extract names are checked at configuration; anything else is only made harmless here.
std::string Readable(absl::string_view name) {
  std::string readable(name.substr(0, 40));
  for (char& c : readable) {
    if (!absl::ascii_isalnum(c) && c != '_') c = '_';
  }
  return readable;
}

}  // namespace

std::string RunId(const RunRequest& request) {
  std::vector<std::string> advertisers = request.advertisers;
  std::sort(advertisers.begin(), advertisers.end());
  advertisers.erase(std::unique(advertisers.begin(), advertisers.end()), advertisers.end());
  std::string text;
  AppendPart(request.extract, &text);
  AppendPart(absl::StrCat(request.spec_version), &text);
  AppendPart(Name(request.kind), &text);
  AppendPart(DayOrNothing(request.first), &text);
  AppendPart(DayOrNothing(request.last), &text);
  AppendPart(request.again, &text);
  for (const std::string& advertiser : advertisers) AppendPart(advertiser, &text);
  if (!request.only_metrics.empty()) AppendPart(absl::StrCat("only ", request.only_metrics), &text);
  return absl::StrCat(request.kind == RunKind::kBackfill ? "bf-" : "in-", Readable(request.extract), "-",
                      HashHex(StableHash(text)));
}

}  // namespace tikhaul
