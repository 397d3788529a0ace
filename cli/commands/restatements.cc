// `tikhaul restatements`: what the API has changed of figures it had given.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/paged.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

std::string OrDash(const std::string& text) { return text.empty() ? "-" : text; }

std::string Signed(const std::string& difference) {
  return difference.empty() || difference == "0" || absl::StartsWith(difference, "-") ? OrDash(difference)
                                                                                      : absl::StrCat("+", difference);
}

std::string RestatementTable(const v1::ListRestatementsResponse& answer) {
  TextTable table({{"extract"},
                   {"advertiser"},
                   {"day"},
                   {"age", true},
                   {"was"},
                   {"new", true},
                   {"changed", true},
                   {"removed", true},
                   {"metric"},
                   {"rows", true},
                   {"before", true},
                   {"after", true},
                   {"difference", true},
                   {"settled"}});
  for (const v1::Restatement& day : answer.restatements()) {
    const auto add = [&](const v1::RestatedMetric& metric, const std::string& rows) {
      table.Add({day.extract(), day.advertiser(), day.day(), absl::StrCat(day.age_days()), day.finality_before(),
                 WithThousands(day.inserted()), WithThousands(day.updated()), WithThousands(day.removed()),
                 OrDash(metric.metric()), rows, OrDash(metric.before()), OrDash(metric.after()),
                 Signed(metric.difference()), HumanTime(day.settled())});
    };
    for (const v1::RestatedMetric& metric : day.metrics()) add(metric, WithThousands(metric.rows()));
    if (day.metrics().empty()) add({}, "-");
  }
  return table.Render();
}

int RunRestatements(Session& session, const PagedSelectors& selectors) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const auto answer = ReadPages<v1::ListRestatementsRequest, v1::ListRestatementsResponse>(
      **client, &v1::Admin::Stub::ListRestatements, selectors,
      [](const auto& page) -> const auto& { return page.restatements(); });
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  session.console().out << (answer->restatements().empty() ? "nothing of this has been changed by a later read\n"
                                                           : RestatementTable(*answer));
  if (!answer->next_page_token().empty()) session.console().err << kMoreFollows;
  return kExitOk;
}

}  // namespace

void AddRestatements(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "restatements",
      "Shows what the API has changed of days it had given before, newest day first: rows that are new, changed or "
      "gone, and\n"
      "for each metric the sums over those rows before and after. `age` is how many days old the day was; `was` is "
      "its\n"
      "finality at the read before: \"provisional\" means that a day was only filled up. The sum of a rate or of a "
      "reach "
      "has no\n"
      "meaning of its own. Only for reports in mode merge.\n"
      "Starts a coordinator for the length of the command when none runs here.");
  const auto selectors = std::make_shared<PagedSelectors>();
  AddPagedSelectors(*command, *selectors);
  command->callback([&session, selectors] { session.exit_code = RunRestatements(session, *selectors); });
}

}  // namespace tikhaul
