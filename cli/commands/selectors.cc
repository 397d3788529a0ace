#include "cli/commands/selectors.h"

#include <CLI/CLI.hpp>

#include "cli/commands/paged.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

std::string DayProblem(const std::string& text) {
  const auto day = ParseDay(text);
  return day.ok() ? "" : std::string(day.status().message());
}

}  // namespace

void AddSelectors(CLI::App& command, Selectors& selectors) {
  command.add_option("EXTRACT", selectors.extracts, "Extracts of the configuration; none: all");
  command.add_option("--advertiser", selectors.advertisers, "Advertiser id; may be given several times; none: all")
      ->allow_extra_args(false);
  AddDayRange(command, selectors.from, selectors.to);
}

void AddOnlyMetrics(CLI::App& command, std::vector<std::string>& metrics) {
  command
      .add_option("--only-metrics", metrics,
                  "Only these metrics of the named extracts, as A,B, for days that were read: fills their columns")
      ->delimiter(',')
      ->allow_extra_args(false);
}

void AddDayRange(CLI::App& command, std::string& from, std::string& to) {
  const CLI::Validator is_day(DayProblem, "DAY");
  command.add_option("--from", from, "First day, YYYY-MM-DD in each account's time zone")->check(is_day);
  command.add_option("--to", to, "Last day, included")->check(is_day);
}

void AddIdempotencyKey(CLI::App& command, std::string& key) {
  command.add_option("--idempotency-key", key,
                     "For scripts: the same command with the same key acts once and answers the same, for seven days");
}

void AddPagedSelectors(CLI::App& command, PagedSelectors& selectors) {
  command.add_option("--extract", selectors.extract, "Only this extract");
  command.add_option("--advertiser", selectors.advertiser, "Only this advertiser");
  AddDayRange(command, selectors.from, selectors.to);
  command.add_option("--limit", selectors.limit, "Entries at most; 0: all")->capture_default_str();
}

v1::DateRange RangeOf(const std::string& from, const std::string& to) {
  v1::DateRange range;
  range.set_first_day(from);
  range.set_last_day(to);
  return range;
}

}  // namespace tikhaul
