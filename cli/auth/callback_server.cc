#include "cli/auth/callback_server.h"

#include <httplib.h>

#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

struct Place {
  int port = 0;
  std::string path;
};

absl::StatusOr<Place> PlaceOf(const std::string& redirect_uri) {
  absl::string_view rest = redirect_uri;
  const bool http = absl::ConsumePrefix(&rest, "http://");
  const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(rest, absl::MaxSplits('/', 1));
  const std::pair<absl::string_view, absl::string_view> address = absl::StrSplit(parts.first, absl::MaxSplits(':', 1));
  Place place;
  place.path = absl::StrCat("/", parts.second);
  const bool here = address.first == "localhost" || address.first == "127.0.0.1";
  const bool numbered = absl::SimpleAtoi(address.second, &place.port) && place.port > 0 && place.port < 65536;
  if (http && here && numbered && !absl::StrContains(place.path, '?')) return place;
  return absl::InvalidArgumentError(absl::StrCat(
      "cannot listen at ", redirect_uri,
      ": --listen needs a redirect URI such as http://localhost:7734/ ; without it, paste the address instead"));
}

// By itself httplib lets another process listen on the same port.
void ShareNoPort(socket_t fd) {
  const int on = 1;
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
}

constexpr char kThanks[] = "tikhaul has the answer. You may close this page.\n";

}  // namespace

absl::StatusOr<std::string> AwaitCallback(const std::string& redirect_uri, absl::Duration patience,
                                          const std::function<void()>& ready) {
  ASSIGN_OR_RETURN(const Place place, PlaceOf(redirect_uri));
  Mutex mu;
  CondVar came;
  std::string target;
  httplib::Server server;
  server.set_socket_options(ShareNoPort);
  server.Get(".*", [&](const httplib::Request& request, httplib::Response& response) {
    if (request.path != place.path) {  // a browser's /favicon.ico
      response.status = 404;
      return;
    }
    response.set_content(kThanks, "text/plain");
    MutexLock lock(mu);
    target = request.target;
    came.SignalAll();
  });
  if (!server.bind_to_port("127.0.0.1", place.port)) {
    return absl::UnavailableError(absl::StrCat("cannot listen on 127.0.0.1:", place.port,
                                               ": another program has the port; choose another --redirect-uri"));
  }
  ready();  // the port is open: who comes now waits until the next line
  std::thread thread([&server] { server.listen_after_bind(); });
  {
    MutexLock lock(mu);
    if (target.empty()) came.WaitFor(mu, patience);
  }
  while (!server.is_running()) std::this_thread::yield();  // stop() is nothing before that
  server.stop();                                           // lets the answer be sent first
  thread.join();
  if (target.empty()) return absl::DeadlineExceededError("nobody came back from TikTok's page in time");
  return target;
}

}  // namespace tikhaul
