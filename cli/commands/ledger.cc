// `tikhaul ledger`: the proof of what was read.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/format.h"
#include "cli/table.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

struct LedgerOptions {
  std::string extract;
  std::string advertiser;
  std::string from;
  std::string to;
  uint32_t limit = 1000;
};

// Pages until `limit` entries are there (0: all). next_page_token stays set where more would follow.
absl::StatusOr<v1::ListLedgerResponse> ReadLedger(AdminClient& client, const LedgerOptions& options) {
  constexpr uint32_t kPage = 1000;
  v1::ListLedgerRequest request;
  request.set_extract(options.extract);
  request.set_advertiser(options.advertiser);
  *request.mutable_range() = RangeOf(options.from, options.to);
  v1::ListLedgerResponse all;
  do {
    const auto have = static_cast<uint32_t>(all.entries_size());
    request.set_page_size(options.limit == 0 ? kPage : std::min(kPage, options.limit - have));
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(v1::ListLedgerResponse page, client.Call(&v1::Admin::Stub::ListLedger, request));
    if (page.entries().empty()) page.clear_next_page_token();
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!all.next_page_token().empty() &&
           (options.limit == 0 || static_cast<uint32_t>(all.entries_size()) < options.limit));
  return all;
}

std::string LedgerTable(const v1::ListLedgerResponse& ledger) {
  TextTable table({{"extract"},
                   {"advertiser"},
                   {"days"},
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
               WithThousands(entry.promised_rows()), WithThousands(entry.rows()), WithThousands(entry.distinct_keys()),
               entry.road(), WithThousands(entry.pages()), WithThousands(entry.calls()),
               WithThousands(entry.inserted()), WithThousands(entry.updated()), WithThousands(entry.removed()),
               entry.finality(), absl::StrCat(entry.attempts()), absl::StrCat(entry.epoch()),
               entry.by_probe() ? "(idle by totals)" : entry.worker(), HumanTime(entry.committed()), entry.digest()});
  }
  return table.Render();
}

int RunLedger(Session& session, const LedgerOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.ConnectOrStart();
  if (!client.ok()) return session.Fail(client.status());
  const absl::StatusOr<v1::ListLedgerResponse> ledger = ReadLedger(**client, options);
  if (!ledger.ok()) return session.Fail(ledger.status());
  if (session.PrintedAsJson(*ledger)) return kExitOk;
  session.console().out << (ledger->entries().empty() ? "nothing of this is committed\n" : LedgerTable(*ledger));
  if (!ledger->next_page_token().empty()) {
    session.console().err << "there is more: --limit 0 shows all, --extract, --advertiser, --from and --to choose\n";
  }
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
                         "Starts a coordinator for the length of the command when none runs here.");
  const auto options = std::make_shared<LedgerOptions>();
  command->add_option("--extract", options->extract, "Only this extract");
  command->add_option("--advertiser", options->advertiser, "Only this advertiser");
  AddDayRange(*command, options->from, options->to);
  command->add_option("--limit", options->limit, "Entries at most; 0: all")->capture_default_str();
  command->callback([&session, options] { session.exit_code = RunLedger(session, *options); });
}

}  // namespace tikhaul
