// The status page: its files, and the JSON that it shows (docs/status-page.md).
#ifndef TIKHAUL_COORDINATOR_PAGE_STATUS_PAGE_H_
#define TIKHAUL_COORDINATOR_PAGE_STATUS_PAGE_H_

#include <map>
#include <string>

#include "common/http/http_guard.h"
#include "common/http/http_server.h"
#include "coordinator/extract_registry.h"
#include "coordinator/page/answer_cache.h"
#include "coordinator/page/lead_asker.h"

namespace tikhaul {

// Thread-safe. Borrows what it is given, and must outlive the handlers.
class StatusPage {
 public:
  StatusPage(LeadGate& gate, const Membership& membership, const ExtractRegistry& extracts, ChannelOpener open,
             const Clock& clock);

  // By path, for HttpServer. With `check`, all but the login form and what it is drawn with is behind `guard`; without,
  // everybody sees everything.
  std::map<std::string, HttpHandler> Handlers(HttpGuard& guard, const TokenCheck& check);

 private:
  HttpAnswer Status(const HttpRequest& request);
  HttpAnswer Calendar(const HttpRequest& request);
  HttpAnswer DeadLetters(const HttpRequest& request);
  HttpAnswer Extracts(const HttpRequest& request);

  const ExtractRegistry& extracts_;
  LeadAsker lead_;
  AnswerCache status_, calendars_, dead_letters_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_PAGE_STATUS_PAGE_H_
