// Who may see what is served over HTTP: whoever shows a bearer token that is known, or the cookie of a session that a
// login form opened with one.
#ifndef TIKHAUL_COMMON_HTTP_HTTP_GUARD_H_
#define TIKHAUL_COMMON_HTTP_HTTP_GUARD_H_

#include <functional>
#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"
#include "common/base/secret.h"
#include "common/http/http_server.h"

namespace tikhaul {

// The caller's name when the token opens something; UNAUTHENTICATED or PERMISSION_DENIED, with the mend, when not.
using TokenCheck = std::function<absl::StatusOr<std::string>(const std::string& token)>;

// Thread-safe. Borrows the clock. What it hands out must not outlive it.
class HttpGuard {
 public:
  struct Options {
    bool secure = false;  // HTTPS: the cookie is never sent in the clear
    absl::Duration session = absl::Hours(12);
    size_t most_sessions = 1000;   // the oldest ends when one more begins
    int failures_per_minute = 10;  // of one address; then nothing it shows is looked at until a minute has passed
    size_t most_addresses = 1000;  // that failures are counted of; the oldest is forgotten
  };
  HttpGuard(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // `handler` for those that `check` or a session lets through; it then finds "authorization: Bearer TOKEN" among the
  // headers in both cases. All others are answered with 401 or 403, or sent to `login` when that is set. Answers of a
  // session have the header "Tikhaul-Session: yes", so that a page can offer to log out.
  HttpHandler Behind(TokenCheck check, HttpHandler handler, std::string login = "");
  // Opens a session for a form with the member "token", and goes to `home`; what `again` makes of a sentence is shown
  // to those that are not let in.
  HttpHandler Login(TokenCheck check, std::string home, std::function<HttpAnswer(const std::string& why)> again);
  // Ends the session, and goes to `login`.
  HttpHandler Logout(std::string login);

 private:
  struct Session {
    Secret token;
    absl::Duration ends;  // monotonic
  };
  struct Failures {
    int count = 0;
    absl::Duration since;  // monotonic
  };

  // The session's token; empty when there is none.
  std::string TokenOfSession(const HttpRequest& request) ABSL_LOCKS_EXCLUDED(mu_);
  absl::StatusOr<std::string> Check(const TokenCheck& check, const HttpRequest& request, const std::string& token)
      ABSL_LOCKS_EXCLUDED(mu_);
  std::string Open(const std::string& token) ABSL_LOCKS_EXCLUDED(mu_);
  std::string Cookie(const std::string& value, absl::Duration age) const;

  const Clock& clock_;
  const Options options_;
  Mutex mu_;
  std::map<std::string, Session> sessions_ ABSL_GUARDED_BY(mu_);   // by id
  std::map<std::string, Failures> failures_ ABSL_GUARDED_BY(mu_);  // by address
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_HTTP_HTTP_GUARD_H_
