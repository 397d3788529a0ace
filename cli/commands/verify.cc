// `tikhaul verify`: do the stored rows add up to the API's own figures?
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/commands/verify_csv.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/verify_text.h"

namespace tikhaul {
namespace {

struct VerifyOptions {
  Selectors selectors;
  std::vector<std::string> more_extracts;
  uint32_t search_calls = 100;
  CsvOptions csv;
};

bool Any(const std::vector<v1::VerifyResult>& results, const char* state) {
  return std::any_of(results.begin(), results.end(),
                     [&](const v1::VerifyResult& result) { return result.state() == state; });
}

// `other`: whose figures the stored ones were held against.
void PrintResults(Console& console, const std::vector<v1::VerifyResult>& results, const char* other) {
  console.out << VerifySummary(results) << UncomparedText(results);
  if (const std::string flagged = FlaggedText(results, other); !flagged.empty()) {
    console.out << Paint("\ndifferences that nothing explains\n", Colour::kRed, console.colour) << flagged;
  }
  if (const std::string explained = ExplainedText(results); !explained.empty()) {
    console.out << "\nexplained differences\n" << explained;
  }
}

// Differences without an explanation say more than an advertiser that could not be asked.
int ExitCodeOf(const std::vector<v1::VerifyResult>& results) {
  if (Any(results, "flagged")) return kExitFlagged;
  return Any(results, "failed") ? kExitFailed : kExitOk;
}

int RunCsv(Session& session, AdminClient& client, const VerifyOptions& options) {
  const absl::StatusOr<v1::VerifyResult> result = VerifyCsv(session, client, options.selectors, options.csv);
  if (!result.ok()) return session.Fail(result.status());
  if (!session.PrintedAsJson(*result)) PrintResults(session.console(), {*result}, "file");
  return ExitCodeOf({*result});
}

int RunVerify(Session& session, VerifyOptions& options) {
  std::vector<std::string>& extracts = options.selectors.extracts;
  extracts.insert(extracts.end(), options.more_extracts.begin(), options.more_extracts.end());
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  if (!options.csv.file.empty()) return RunCsv(session, **client, options);
  auto request = RequestFor<v1::VerifyRequest>(options.selectors);
  request.set_search_calls(options.search_calls);
  std::vector<v1::VerifyResult> results;
  const absl::Status end = (*client)->Stream(&v1::Admin::Stub::Verify, request, [&](const v1::VerifyResult& result) {
    if (session.json) session.console().out << ToJson(result, /*pretty=*/false) << std::endl;
    results.push_back(result);
    return session.console().out.good();
  });
  if (!end.ok()) return session.Fail(end);
  std::sort(results.begin(), results.end(), [](const v1::VerifyResult& a, const v1::VerifyResult& b) {
    return std::pair(a.extract(), a.advertiser()) < std::pair(b.extract(), b.advertiser());
  });
  if (!session.json) PrintResults(session.console(), results, "API");
  return ExitCodeOf(results);
}

void AddCsvOptions(CLI::App& command, CsvOptions& csv) {
  CLI::Option* const file = command.add_option(
      "--csv", csv.file, "An export of Ads Manager to compare with instead of the API; spends no call");
  command.add_option("--csv-level", csv.level, "Level of the export; default: the finest id column it has")
      ->check(CLI::IsMember({"ad", "ad_group", "campaign", "advertiser"}))
      ->needs(file);
  command.add_option("--map", csv.maps, "\"Head=metric\": what a column of the export stands for; several times")
      ->allow_extra_args(false)
      ->needs(file);
}

}  // namespace

void AddVerify(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "verify",
      "Holds the stored rows against the API's own figures: sums per day and metric against a coarser level, one call\n"
      "for 30 days of an advertiser. Where they differ, finer levels are asked to find the object. Each difference is\n"
      "explained (not read, not final, left out by the configuration, rounding) or flagged, with the command that "
      "mends.\n"
      "Takes its calls from the same quota as all others. Exit code 4 when a difference is flagged.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto options = std::make_shared<VerifyOptions>();
  AddSelectors(*command, options->selectors);
  command->add_option("--extract", options->more_extracts, "The same as EXTRACT; may be given several times")
      ->allow_extra_args(false);
  command
      ->add_option("--search-calls", options->search_calls,
                   "Most calls for finding the places of differences, for one extract and advertiser")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  AddCsvOptions(*command, options->csv);
  command->callback([&session, options] { session.exit_code = RunVerify(session, *options); });
}

}  // namespace tikhaul
