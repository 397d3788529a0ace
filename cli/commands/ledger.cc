// `tikhaul ledger`: the proof of what was read.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/paged.h"
#include "cli/format.h"
#include "cli/table.h"

namespace tikhaul {
namespace {

std::string LedgerTable(const v1::ListLedgerResponse& ledger) {
  TextTable table({{"extract"},
                   {"advertiser"},
                   {"days"},
                   {"columns"},
                   {"promised", true},
                   {"rows", true},
                   {"keys", true},
                   {"road"},
                   {"pages", true},
                   {"calls", true},
                   {"new", true},
                   {"changed", true},
                   {"removed", true},
                   {"finality"},
                   {"attempts", true},
                   {"epoch", true},
                   {"worker"},
                   {"committed"},
                   {"digest"}});
  for (const v1::LedgerEntry& entry : ledger.entries()) {
    table.Add({entry.extract(), entry.advertiser(), HumanDays(entry.first_day(), entry.last_day()),
               entry.only_metrics().empty() ? "all" : Printable(entry.only_metrics()),
               WithThousands(entry.promised_rows()), WithThousands(entry.rows()), WithThousands(entry.distinct_keys()),
               entry.road(), WithThousands(entry.pages()), WithThousands(entry.calls()),
               WithThousands(entry.inserted()), WithThousands(entry.updated()), WithThousands(entry.removed()),
               entry.finality(), absl::StrCat(entry.attempts()), absl::StrCat(entry.epoch()),
               entry.by_probe() ? "(idle by totals)" : entry.worker(), HumanTime(entry.committed()), entry.digest()});
  }
  return table.Render();
}

int RunLedger(Session& session, const PagedSelectors& selectors) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const auto ledger = ReadPages<v1::ListLedgerRequest, v1::ListLedgerResponse>(
      **client, &v1::Admin::Stub::ListLedger, selectors,
      [](const auto& answer) -> const auto& { return answer.entries(); });
  if (!ledger.ok()) return session.Fail(ledger.status());
  if (session.PrintedAsJson(*ledger)) return kExitOk;
  session.console().out << (ledger->entries().empty() ? "nothing of this is committed\n" : LedgerTable(*ledger));
  if (!ledger->next_page_token().empty()) session.console().err << kMoreFollows;
  return kExitOk;
}

}  // namespace

void AddLedger(CLI::App& app, Session& session) {
  CLI::App* command =
      app.add_subcommand("ledger",
                         "Shows the proof for each window that was read, newest first: rows promised by the API and "
                         "received, distinct keys,\n"
                         "by pages or by a task (asynchronous report), pages, calls, digest, who read it and when. The "
                         "JSON form also has\n"
                         "the API's request ids. \"(idle by totals)\" instead of a worker: the API's totals of those "
                         "days are zero, so they\n"
                         "have no rows.\n"
                         "columns: all, or those that were filled by --only-metrics; such a line proves nothing else "
                         "of its days.\n"
                         "Starts a coordinator for the length of the command when none runs here.");
  const auto selectors = std::make_shared<PagedSelectors>();
  AddPagedSelectors(*command, *selectors);
  command->callback([&session, selectors] { session.exit_code = RunLedger(session, *selectors); });
}

}  // namespace tikhaul
