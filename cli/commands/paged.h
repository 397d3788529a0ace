// Lists by extract, advertiser and days that the coordinator gives in pages.
#ifndef TIKHAUL_CLI_COMMANDS_PAGED_H_
#define TIKHAUL_CLI_COMMANDS_PAGED_H_

#include <algorithm>
#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "cli/admin_client.h"
#include "cli/commands/selectors.h"
#include "common/base/status_macros.h"

namespace tikhaul {

struct PagedSelectors {
  std::string extract;
  std::string advertiser;
  std::string from;  // YYYY-MM-DD or empty
  std::string to;
  uint32_t limit = 1000;
};

// --extract --advertiser --from --to --limit. `selectors` must outlive the parse.
void AddPagedSelectors(CLI::App& command, PagedSelectors& selectors);

inline constexpr char kMoreFollows[] =
    "there is more: --limit 0 shows all, --extract, --advertiser, --from and --to choose\n";

// Pages until `limit` elements are there (0: all). next_page_token stays set where more would follow. `list` gives the
// answer's repeated member.
template <typename Request, typename Response, typename Rpc, typename List>
absl::StatusOr<Response> ReadPages(AdminClient& client, Rpc rpc, const PagedSelectors& selectors, List list) {
  constexpr uint32_t kPage = 1000;
  Request request;
  request.set_extract(selectors.extract);
  request.set_advertiser(selectors.advertiser);
  *request.mutable_range() = RangeOf(selectors.from, selectors.to);
  Response all;
  const auto count = [&] { return static_cast<uint32_t>(list(all).size()); };
  do {
    request.set_page_size(selectors.limit == 0 ? kPage : std::min(kPage, selectors.limit - count()));
    request.set_page_token(all.next_page_token());
    ASSIGN_OR_RETURN(Response page, client.Call(rpc, request));
    if (list(page).empty()) page.clear_next_page_token();
    all.clear_next_page_token();
    all.MergeFrom(page);
  } while (!all.next_page_token().empty() && (selectors.limit == 0 || count() < selectors.limit));
  return all;
}

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_COMMANDS_PAGED_H_
