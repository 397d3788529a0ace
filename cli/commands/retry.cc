// `tikhaul retry`: dead letters, and how they live again.
#include <CLI/CLI.hpp>
#include <memory>

#include "absl/strings/str_cat.h"
#include "cli/commands/commands.h"
#include "cli/commands/selectors.h"
#include "cli/format.h"
#include "cli/table.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

struct RetryOptions {
  std::string extract;
  std::string reason;
  std::string advertiser;
  std::string key;
  std::vector<int64_t> chunks;
  bool list = false;
};

absl::StatusOr<v1::ListDeadLettersResponse> ReadDeadLetters(AdminClient& client, const RetryOptions& options) {
  v1::ListDeadLettersRequest request;
  request.set_extract(options.extract);
  request.set_reason(options.reason);
  request.set_advertiser(options.advertiser);
  request.set_page_size(1000);
  v1::ListDeadLettersResponse all;
  do {
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(v1::ListDeadLettersResponse page, client.Call(&v1::Admin::Stub::ListDeadLetters, request));
    if (page.dead_letters().empty()) page.clear_next_page_token();
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!all.next_page_token().empty());
  return all;
}

// The RPC chooses by all else; chunks are chosen here.
void KeepWanted(const RetryOptions& options, v1::ListDeadLettersResponse& letters) {
  auto& list = *letters.mutable_dead_letters();
  const auto unwanted = [&options](const v1::DeadLetter& letter) {
    return !options.chunks.empty() &&
           std::find(options.chunks.begin(), options.chunks.end(), letter.chunk_id()) == options.chunks.end();
  };
  list.erase(std::remove_if(list.begin(), list.end(), unwanted), list.end());
}

int RunList(Session& session, AdminClient& client, const RetryOptions& options) {
  absl::StatusOr<v1::ListDeadLettersResponse> letters = ReadDeadLetters(client, options);
  if (!letters.ok()) return session.Fail(letters.status());
  KeepWanted(options, *letters);
  if (session.PrintedAsJson(*letters)) return kExitOk;
  TextTable table({{"chunk", true},
                   {"extract"},
                   {"advertiser"},
                   {"window"},
                   {"reason"},
                   {"code", true},
                   {"attempts", true},
                   {"died"},
                   {"request id"},
                   {"message"},
                   {"what to do"}});
  for (const v1::DeadLetter& letter : letters->dead_letters()) {
    table.Add({absl::StrCat(letter.chunk_id()), letter.extract(), letter.advertiser(), letter.window(), letter.reason(),
               absl::StrCat(letter.code()), absl::StrCat(letter.attempts()), HumanTime(letter.died()),
               letter.request_id(), letter.message(), letter.mend()});
  }
  session.console().out << (table.empty() ? "no dead letters\n" : table.Render());
  return kExitOk;
}

int RunRetry(Session& session, const RetryOptions& options) {
  const absl::StatusOr<AdminClient*> client = session.Connect();
  if (!client.ok()) return session.Fail(client.status());
  if (options.list) return RunList(session, **client, options);
  v1::RetryRequest request;
  request.set_extract(options.extract);
  request.set_reason(options.reason);
  request.set_advertiser(options.advertiser);
  request.set_idempotency_key(options.key);
  request.mutable_chunk_ids()->Assign(options.chunks.begin(), options.chunks.end());
  const auto answer = (*client)->Call(&v1::Admin::Stub::Retry, request);
  if (!answer.ok()) return session.Fail(answer.status());
  if (session.PrintedAsJson(*answer)) return kExitOk;
  session.console().out << Counted(answer->chunks(), "chunk") << " will be tried again\n";
  if (answer->blocks() > 0) {
    session.console().out << Counted(answer->blocks(), "blocked advertiser x endpoint")
                          << " will be asked again with the next chunk\n";
  }
  return kExitOk;
}

}  // namespace

void AddRetry(CLI::App& app, Session& session) {
  CLI::App* command = app.add_subcommand(
      "retry",
      "Tries dead letters again: all of them, or those named. What the API has closed to us is asked for again, too.\n"
      "With --list shows dead letters and changes nothing.");
  const auto options = std::make_shared<RetryOptions>();
  command->add_option("CHUNK", options->chunks, "Chunk ids, as --list shows them; none: all that fit the options");
  command->add_option("--extract", options->extract, "Only those of this extract");
  command->add_option("--reason", options->reason, "Only those that died of this class of failure");
  command->add_option("--advertiser", options->advertiser, "Only those of this advertiser");
  AddIdempotencyKey(*command, options->key);
  command->add_flag("--list", options->list, "Show dead letters with the API's words; --json adds the whole exchange");
  command->callback([&session, options] { session.exit_code = RunRetry(session, *options); });
}

}  // namespace tikhaul
