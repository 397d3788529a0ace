// `tikhaul auth`: how a token is got, looked at and given back.
#include <google/protobuf/struct.pb.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/auth/callback_server.h"
#include "cli/auth/pending_grant.h"
#include "cli/auth/token_output.h"
#include "cli/check_lines.h"
#include "cli/commands/commands.h"
#include "cli/format.h"
#include "cli/json.h"
#include "cli/local/local_folder.h"
#include "cli/table.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/tiktok/oauth.h"

namespace tikhaul {
namespace {

constexpr char kDefaultRedirect[] = "http://localhost:7734/";
constexpr absl::Duration kBrowserPatience = absl::Minutes(10);

struct AuthOptions {
  std::string connection;  // empty: the only one
  std::string redirect_uri = kDefaultRedirect;
  std::string kubernetes_secret;
  bool listen = false;
  bool yes = false;
};

absl::StatusOr<v1::Connection> ConnectionOf(const v1::Config& config, const std::string& name) {
  std::vector<std::string> names;
  for (const v1::Connection& connection : config.connections()) {
    if (connection.name() == name) return connection;
    names.push_back(connection.name());
  }
  if (name.empty() && names.size() == 1) return config.connections(0);
  return absl::InvalidArgumentError(
      absl::StrCat(name.empty() ? "say which connection"
                                : absl::StrCat("there is no connection \"", name, "\" in the configuration"),
                   ": --connection takes one of ", absl::StrJoin(names, ", ")));
}

absl::Status NotInSandbox(const v1::Config& config) {
  if (!config.api().sandbox()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "tokens of the sandbox are made in the developer portal: copy yours from there into the connection's token_file");
}

absl::StatusOr<OAuthApp> AppOf(const v1::Config& config) {
  OAuthApp app{.base_url = config.api().base_url(), .id = config.app().id(), .secret = {}};
  ASSIGN_OR_RETURN(app.secret, ReadAppSecret(config.app()));
  return app;
}

// Begins a grant; gives the page to open.
absl::StatusOr<std::string> Begin(Session& session, const AuthOptions& options, PendingGrant* grant) {
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(session.config_path));
  RETURN_IF_ERROR(NotInSandbox(config));
  *grant = {.state = RandomId(), .redirect_uri = options.redirect_uri};
  RETURN_IF_ERROR(SavePendingGrant(DefaultStateFolder(session.config_path), *grant));
  return PortalUrl(config.app().id(), grant->state, grant->redirect_uri);
}

int RunUrl(Session& session, const AuthOptions& options) {
  PendingGrant grant;
  const absl::StatusOr<std::string> url = Begin(session, options, &grant);
  if (!url.ok()) return session.Fail(url.status());
  google::protobuf::Struct answer;
  (*answer.mutable_fields())["url"].set_string_value(*url);
  (*answer.mutable_fields())["redirect_uri"].set_string_value(grant.redirect_uri);
  if (session.PrintedAsJson(answer)) return kExitOk;
  session.console().out << "Open this page as the owner of the ad accounts, and grant the app access:\n\n  " << *url
                        << "\n\nThe browser then goes to " << grant.redirect_uri
                        << " (it must be registered with the app; that nothing answers there does not matter).\n"
                           "Within the hour run `tikhaul auth exchange` and paste the address that it shows.\n";
  return kExitOk;
}

// From the terminal or a pipe, never from an argument: those stay in the shell's history.
absl::StatusOr<std::string> PastedAddress(Session& session) {
  session.console().err << "Paste the address to which the browser was sent back, then Enter:" << std::endl;
  std::string address;
  if (!std::getline(std::cin, address) || address.empty()) {
    return absl::InvalidArgumentError("no address was given");
  }
  return address;
}

absl::StatusOr<std::string> AddressFromBrowser(Session& session, const AuthOptions& options, PendingGrant* grant) {
  ASSIGN_OR_RETURN(const std::string url, Begin(session, options, grant));
  return AwaitCallback(grant->redirect_uri, kBrowserPatience, [&] {
    session.console().err << "Open this page as the owner of the ad accounts, and grant the app access:\n\n  " << url
                          << "\n\nwaiting for the browser to come back to " << grant->redirect_uri << std::endl;
  });
}

absl::StatusOr<Redirect> AwaitRedirect(Session& session, const AuthOptions& options) {
  const std::string folder = DefaultStateFolder(session.config_path);
  PendingGrant grant;
  std::string address;
  if (options.listen) {
    ASSIGN_OR_RETURN(address, AddressFromBrowser(session, options, &grant));
  } else {
    ASSIGN_OR_RETURN(grant, LoadPendingGrant(folder, session.clock().Now()));
    ASSIGN_OR_RETURN(address, PastedAddress(session));
  }
  ASSIGN_OR_RETURN(Redirect redirect, ReadRedirect(address));
  if (redirect.state != grant.state) {
    return absl::PermissionDeniedError(
        "the address belongs to another grant (its state is not the one of `tikhaul auth url`), so its code was not "
        "used: begin again with `tikhaul auth url`");
  }
  ForgetPendingGrant(folder);
  return redirect;
}

absl::Status Keep(Session& session, const AuthOptions& options, const v1::Connection& connection,
                  const TokenGrant& grant) {
  if (!options.kubernetes_secret.empty()) {
    session.console().out << KubernetesSecret(options.kubernetes_secret, grant.token);
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(WriteToken(connection.token_file(), grant.token));
  std::vector<std::string> scopes;
  for (const int64_t scope : grant.scopes) scopes.push_back(ScopeName(scope));
  session.console().out << "the token of connection " << connection.name() << " is in " << connection.token_file()
                        << "\nit opens " << Counted(grant.advertisers.size(), "ad account");
  if (!scopes.empty()) session.console().out << ", for " << absl::StrJoin(scopes, ", ");
  session.console().out << "\n`tikhaul auth check` tries it\n";
  return absl::OkStatus();
}

absl::Status Exchange(Session& session, const AuthOptions& options) {
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(session.config_path));
  RETURN_IF_ERROR(NotInSandbox(config));
  ASSIGN_OR_RETURN(const v1::Connection connection, ConnectionOf(config, options.connection));
  ASSIGN_OR_RETURN(const OAuthApp app, AppOf(config));
  ASSIGN_OR_RETURN(const Redirect redirect, AwaitRedirect(session, options));
  ASSIGN_OR_RETURN(const TokenGrant grant, ExchangeCode(app, redirect.code));
  return Keep(session, options, connection, grant);
}

absl::Status List(Session& session) {
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(session.config_path));
  TextTable table({{"connection"}, {"token file"}, {"state"}, {"advertisers"}});
  google::protobuf::Struct answer;
  auto& list = *(*answer.mutable_fields())["connections"].mutable_list_value();
  for (const v1::Connection& connection : config.connections()) {
    const std::string flaw = TokenFileFlaw(connection.token_file());
    const std::string advertisers = connection.all_advertisers() ? "all" : absl::StrCat(connection.advertisers_size());
    table.Add({connection.name(), connection.token_file(), flaw.empty() ? "there" : flaw, advertisers});
    auto& fields = *list.add_values()->mutable_struct_value()->mutable_fields();
    fields["connection"].set_string_value(connection.name());
    fields["token_file"].set_string_value(connection.token_file());
    fields["flaw"].set_string_value(flaw);
    fields["advertisers"].set_string_value(advertisers);
  }
  if (!session.PrintedAsJson(answer)) session.console().out << table.Render();
  return absl::OkStatus();
}

int RunCheckOfTokens(Session& session) {
  const absl::StatusOr<v1::CheckResponse> answer = AskForCheck(session);
  if (!answer.ok()) return session.Fail(answer.status());
  v1::CheckResponse tokens;
  tokens.set_ok(true);
  for (const v1::CheckLine& line : answer->lines()) {
    const bool about = absl::StartsWith(line.subject(), "token ") || absl::StartsWith(line.subject(), "advertiser");
    if (about) *tokens.add_lines() = line;
    if (about && line.state() == v1::CheckLine::STATE_FAILED) tokens.set_ok(false);
  }
  return ShowCheck(session, tokens);
}

absl::Status Revoke(Session& session, const AuthOptions& options) {
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(session.config_path));
  RETURN_IF_ERROR(NotInSandbox(config));
  ASSIGN_OR_RETURN(const v1::Connection connection, ConnectionOf(config, options.connection));
  if (!options.yes) {
    return absl::FailedPreconditionError(absl::StrCat("this ends the app's access to all accounts of connection ",
                                                      connection.name(), ", for good: say --yes if that is meant"));
  }
  ASSIGN_OR_RETURN(const OAuthApp app, AppOf(config));
  ASSIGN_OR_RETURN(const Secret token, ReadToken(connection));
  ASSIGN_OR_RETURN(const std::vector<std::string> lost, RevokeToken(app, token));
  std::error_code ignored;
  std::filesystem::remove(connection.token_file(), ignored);
  session.console().out << "the token of connection " << connection.name() << " is revoked and "
                        << connection.token_file() << " removed; it opened " << Counted(lost.size(), "ad account")
                        << "\n";
  return absl::OkStatus();
}

int Finish(Session& session, const absl::Status& status) { return status.ok() ? kExitOk : session.Fail(status); }

void AddConnection(CLI::App& command, AuthOptions& options) {
  command.add_option("--connection", options.connection, "Connection of the configuration; default: the only one");
}

void AddRedirect(CLI::App& command, AuthOptions& options) {
  command.add_option("--redirect-uri", options.redirect_uri, "Where the browser goes; registered with the app")
      ->capture_default_str();
}

}  // namespace

void AddAuth(CLI::App& app, Session& session) {
  CLI::App* auth = app.add_subcommand("auth",
                                      "Gets an access token from TikTok for a connection, shows and revokes tokens.\n"
                                      "First: `tikhaul auth exchange --listen`, or `url` and then `exchange`.");
  auth->require_subcommand(1);
  const auto options = std::make_shared<AuthOptions>();

  CLI::App* url = auth->add_subcommand("url", "Shows the page on which an advertiser grants the app access");
  AddRedirect(*url, *options);
  url->callback([&session, options] { session.exit_code = RunUrl(session, *options); });

  CLI::App* exchange = auth->add_subcommand(
      "exchange",
      "Turns the answer of that page into a token, and puts it into the connection's token_file (mode 0600).\n"
      "Reads the address to which the browser was sent back from standard input, or waits for the browser itself.");
  AddConnection(*exchange, *options);
  AddRedirect(*exchange, *options);
  exchange->add_flag("--listen", options->listen, "Show the page, and wait at the redirect URI for the browser");
  exchange->add_option("--kubernetes-secret", options->kubernetes_secret,
                       "Print the token as a Kubernetes Secret of this name instead of keeping it");
  exchange->callback([&session, options] { session.exit_code = Finish(session, Exchange(session, *options)); });

  CLI::App* list = auth->add_subcommand("list", "Shows the connections and their token files; asks nobody");
  list->callback([&session] { session.exit_code = Finish(session, List(session)); });

  CLI::App* check =
      auth->add_subcommand("check",
                           "Tries each connection's token and shows its advertisers. Spends a handful of API calls.\n"
                           "Starts a coordinator for the length of the command when none runs here.");
  check->callback([&session] { session.exit_code = RunCheckOfTokens(session); });

  CLI::App* revoke = auth->add_subcommand("revoke", "Gives a token back: the app loses access to its accounts");
  AddConnection(*revoke, *options);
  revoke->add_flag("--yes", options->yes, "Do it");
  revoke->callback([&session, options] { session.exit_code = Finish(session, Revoke(session, *options)); });
}

}  // namespace tikhaul
