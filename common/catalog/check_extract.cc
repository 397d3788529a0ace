#include "common/catalog/check_extract.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/catalog/json_text.h"
#include "common/catalog/stream_of.h"
#include "common/model/names.h"

namespace tikhaul {
namespace {

void CheckLevel(const StreamSpec& stream, const v1::Extract& extract, const ReportParts& parts,
                ExtractProblems& problems) {
  if (parts.level != 0) {
    if ((stream.levels & parts.level) != 0) return;
    problems.push_back({"level", -1,
                        absl::StrCat(stream.name, " has no level ", extract.level(), ": it is ",
                                     LevelList(stream.levels), " (tiktok-api.md ", stream.section, ")")});
    return;
  }
  if (extract.level().empty()) {
    problems.push_back(
        {"level", -1, absl::StrCat("level is missing: ", LevelList(stream.levels), " (tiktok-api.md 4.1)")});
    return;
  }
  problems.push_back({"level", -1,
                      absl::StrCat("unknown level ", Quoted(extract.level()), ": it is ", LevelList(stream.levels),
                                   " (tiktok-api.md 4.1)",
                                   DidYouMean(extract.level(), {"advertiser", "campaign", "ad_group", "ad"}))});
}

void CheckLifetime(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  if (!extract.lifetime() || stream.lifetime) return;
  problems.push_back(
      {"lifetime", -1,
       absl::StrCat(stream.name,
                    " has no lifetime totals: only BASIC reports have (tiktok-api.md 4.1). "
                    "Leave lifetime out; without a time dimension the totals are those of each window")});
}

// Not of all reports the API tells which of their objects are deleted (section 8).
void CheckOwnReport(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  const auto refuse = [&](const char* member) {
    problems.push_back(
        {member, -1,
         absl::StrCat(stream.name, " has no ", member, ": leave it out (tiktok-api.md ", stream.section, ")")});
  };
  if (extract.filters_size() > 0) refuse("filters");
  if (extract.exclude_deleted()) refuse("include_deleted");
}

void CheckReportDeleted(const v1::Extract& extract, const ReportParts& parts, ExtractProblems& problems) {
  if (!extract.exclude_deleted() || parts.level != kAdvertiserLevel) return;
  problems.push_back({"include_deleted", -1,
                      "level advertiser always counts deleted objects: leave include_deleted out (tiktok-api.md 4.5)"});
}

void CheckReport(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  const ReportParts parts = PartsOf(stream, extract);
  CheckLevel(stream, extract, parts, problems);
  CheckDimensions(stream, extract, parts, problems);
  CheckMetrics(stream, extract, parts, problems);
  CheckLifetime(stream, extract, problems);
  if (stream.report_type.empty()) return CheckOwnReport(stream, extract, problems);
  CheckFilters(stream, extract, parts, problems);
  CheckReportDeleted(extract, parts, problems);
}

// What only reports have.
void CheckList(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  const std::pair<absl::string_view, bool> members[] = {
      {"level", !extract.level().empty()},     {"dimensions", extract.dimensions_size() > 0},
      {"metrics", extract.metrics_size() > 0}, {"filters", extract.filters_size() > 0},
      {"lifetime", extract.lifetime()},
  };
  for (const auto& [member, given] : members) {
    if (!given) continue;
    problems.push_back({std::string(member), -1,
                        absl::StrCat(stream.name, " has no ", member,
                                     ": only reports have; all fields are read (tiktok-api.md ", stream.section, ")")});
  }
  if ((stream.filters & kStatusFilter) == 0 && extract.exclude_deleted()) {
    problems.push_back(
        {"include_deleted", -1, absl::StrCat(stream.name, " knows no deleted objects: leave include_deleted out")});
  }
}

void CheckAsynchronous(const v1::Extract& extract, ExtractProblems& problems) {
  if (extract.asynchronous() != v1::ASYNCHRONOUS_ALWAYS || !problems.empty()) return;
  const std::string reason = WhyNoTask(extract);
  if (!reason.empty())
    problems.push_back({"asynchronous", -1, absl::StrCat("asynchronous: always is not possible: ", reason)});
}

void CheckMode(const v1::Extract& extract, ExtractProblems& problems) {
  if (ModeOf(extract) != WriteMode::kReplace || LongestWindowDays(extract) == 0) return;
  problems.push_back(
      {"mode", -1,
       "mode replace is for full reads, but this extract is read in windows of days: use merge (rows are "
       "updated in place) or append (every read is kept)"});
}

void CheckHistory(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  if (!extract.history()) return;
  if (stream.kind != StreamKind::kEntity) {
    problems.push_back(
        {"history", -1,
         absl::StrCat("history is kept of objects, such as adverts and campaigns, not of ", stream.name)});
  } else if (ModeOf(extract) != WriteMode::kMerge) {
    problems.push_back({"history", -1, "history needs mode merge, which tells what has changed"});
  }
}

void CheckBackfill(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  const bool windowed =
      stream.kind == StreamKind::kReport ? !extract.lifetime() : (stream.filters & kCreationFilter) != 0;
  if (extract.backfill_days() == 0 || windowed) return;
  problems.push_back({"backfill", -1,
                      absl::StrCat(extract.lifetime() ? "a lifetime report" : stream.name,
                                   " is always read whole: leave backfill out, or say all")});
}

// What is wrong with an option's value; empty: nothing.
std::string OptionFault(const OptionSpec& option, const std::string& value) {
  const auto is_id = [](absl::string_view text) {
    return !text.empty() && text.size() <= 20 && std::all_of(text.begin(), text.end(), absl::ascii_isdigit);
  };
  const std::string what = absl::StrCat("option ", option.name, " cannot be ", Quoted(value), ": it is ");
  switch (option.kind) {
    case OptionSpec::kWord: {
      const std::vector<std::string> legal = absl::StrSplit(option.values, ' ');
      if (std::find(legal.begin(), legal.end(), value) != legal.end()) return "";
      return absl::StrCat(what, "one of ", absl::StrJoin(legal, ", "));
    }
    case OptionSpec::kId:
      return is_id(value) ? "" : absl::StrCat(what, "an id, digits alone");
    case OptionSpec::kIdList: {
      const auto ids = ParseJsonArray(value);
      if (ids.has_value() && ids->size() == 1 && is_id(ids->front())) return "";
      return absl::StrCat(what, "a list of one id, such as [\"7490000000000000001\"]");
    }
  }
  return "";
}

void CheckOptions(const StreamSpec& stream, const v1::Extract& extract, ExtractProblems& problems) {
  const std::map<std::string, std::string> options(extract.options().begin(), extract.options().end());
  int index = -1;
  for (const auto& [name, value] : options) {
    ++index;
    const auto option = std::find_if(stream.options.begin(), stream.options.end(),
                                     [&name = name](const OptionSpec& spec) { return spec.name == name; });
    if (option == stream.options.end()) {
      problems.push_back({"options", index,
                          absl::StrCat("unknown option ", Quoted(name), " of ", stream.name,
                                       DidYouMean(name, NamesOfAll(stream.options)))});
      continue;
    }
    const std::string fault = OptionFault(*option, value);
    if (!fault.empty()) {
      problems.push_back({"options", index, absl::StrCat(fault, " (tiktok-api.md ", stream.section, ")")});
    }
  }
  for (const OptionSpec& option : stream.options) {
    if (!option.required || options.count(std::string(option.name)) != 0) continue;
    problems.push_back({"options", -1,
                        absl::StrCat(stream.name, " needs option ", option.name, ": ", option.note, " (tiktok-api.md ",
                                     stream.section, ")")});
  }
}

}  // namespace

std::string Quoted(absl::string_view word) { return absl::StrCat("\"", word, "\""); }

std::string DidYouMean(absl::string_view word, const std::vector<std::string>& candidates) {
  const std::string nearest = NearestWord(word, candidates);
  return nearest.empty() ? "" : absl::StrCat("; did you mean ", Quoted(nearest), "?");
}

std::vector<ExtractProblem> CheckExtract(const v1::Extract& extract) {
  const StreamSpec* stream = FindStream(extract.stream());
  if (stream == nullptr) {
    const std::string what =
        extract.stream().empty() ? "stream is missing" : absl::StrCat("unknown stream ", Quoted(extract.stream()));
    return {
        {"stream", -1,
         absl::StrCat(what, DidYouMean(extract.stream(), NamesOfAll(Streams())), " (`tikhaul streams` lists them)")}};
  }
  ExtractProblems problems;
  if (stream->kind == StreamKind::kReport) {
    CheckReport(*stream, extract, problems);
  } else {
    CheckList(*stream, extract, problems);
  }
  CheckMode(extract, problems);
  CheckHistory(*stream, extract, problems);
  CheckBackfill(*stream, extract, problems);
  CheckOptions(*stream, extract, problems);
  CheckAsynchronous(extract, problems);
  return problems;
}

}  // namespace tikhaul
