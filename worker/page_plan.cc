#include "worker/page_plan.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr size_t kRequestIds = 100;
constexpr int64_t kMostRows = 1'000'000'000'000;  // of one request; more is nonsense

absl::Status Moved(absl::string_view what) {
  return absl::AbortedError(absl::StrCat("the rows moved while they were read: ", what));
}

}  // namespace

PagePlan::PagePlan(const v1::ReadPlan& plan)
    : plan_(plan), requests_(static_cast<size_t>(plan.requests_size())), open_requests_(requests_.size()) {
  for (size_t i = 0; i < requests_.size(); ++i) requests_[i].page_size = plan.requests(static_cast<int>(i)).page_size();
}

std::optional<PageRef> PagePlan::Next() {
  for (size_t i = 0; i < requests_.size(); ++i) {
    if (requests_[i].next_page == 1) return PageRef{i, requests_[i].next_page++};
  }
  for (size_t i = 0; i < requests_.size(); ++i) {
    Request& request = requests_[i];
    if (request.first.has_value() && !request.done && request.next_page <= request.last_page) {
      return PageRef{i, request.next_page++};
    }
  }
  return std::nullopt;
}

absl::Status PagePlan::Arrived(const PageRef& ref, const std::string& request_id, const DecodedPage& page) {
  Request& request = requests_[ref.request];
  ++pages_;
  rows_ += page.rows;
  request_ids_[ref] = request_id;
  if (request_ids_.size() > kRequestIds) request_ids_.erase(std::prev(request_ids_.end()));
  ++request.arrived;
  request.rows += static_cast<int64_t>(page.rows);
  if (!plan_.paged()) {
    promised_rows_ += page.rows;
    request.done = true;
    --open_requests_;
    return absl::OkStatus();
  }
  RETURN_IF_ERROR(CheckPage(request, ref, page));
  return request.arrived == request.last_page ? Close(request) : absl::OkStatus();
}

absl::Status PagePlan::CheckPage(Request& request, const PageRef& ref, const DecodedPage& page) {
  if (!page.page_info.has_value()) return absl::DataLossError("the answer holds no page_info");
  const PageInfo& info = *page.page_info;
  if (info.page != 0 && info.page != ref.page) {
    return absl::DataLossError(absl::StrCat("page ", ref.page, " was asked for and page ", info.page, " came"));
  }
  if (ref.page == 1) {
    RETURN_IF_ERROR(TakeFirst(request, info));
  } else if (info.total_number != request.first->total_number) {
    return Moved(absl::StrCat("page 1 promised ", request.first->total_number, " rows, page ", ref.page, " ",
                              info.total_number));
  }
  const bool last = ref.page == request.last_page;
  if (!last && static_cast<int64_t>(page.rows) != request.page_size) {
    return Moved(absl::StrCat("page ", ref.page, " of ", request.last_page, " holds ", page.rows, " rows instead of ",
                              request.page_size));
  }
  return absl::OkStatus();
}

// The first page says how many there are. An account whose cap is lower than what was asked for answers with its own
// page size, which then holds for all pages.
absl::Status PagePlan::TakeFirst(Request& request, const PageInfo& info) {
  if (info.page_size > 0) request.page_size = std::min(request.page_size, info.page_size);
  if (request.page_size <= 0 || info.total_number > kMostRows) {
    return absl::DataLossError(
        absl::StrCat("page_info makes no sense: ", info.total_number, " rows, pages of ", request.page_size));
  }
  const int64_t needed = std::max<int64_t>(1, (info.total_number + request.page_size - 1) / request.page_size);
  if (std::max<int64_t>(1, info.total_page) != needed) {
    return absl::DataLossError(absl::StrCat("page_info contradicts itself: ", info.total_number, " rows on ",
                                            info.total_page, " pages of ", request.page_size));
  }
  request.first = info;
  request.last_page = needed;
  promised_rows_ += static_cast<uint64_t>(info.total_number);
  return absl::OkStatus();
}

absl::Status PagePlan::Close(Request& request) {
  request.done = true;
  --open_requests_;
  if (request.rows == request.first->total_number) return absl::OkStatus();
  return Moved(absl::StrCat(request.first->total_number, " rows were promised and ", request.rows, " came"));
}

std::vector<std::pair<std::string, std::string>> PagePlan::ParamsOf(const PageRef& ref) const {
  const v1::ApiRequest& request = plan_.requests(static_cast<int>(ref.request));
  std::vector<std::pair<std::string, std::string>> params;
  for (const v1::ApiParam& param : request.params()) params.emplace_back(param.name(), param.value());
  if (plan_.paged()) {
    params.emplace_back("page", absl::StrCat(ref.page));
    params.emplace_back("page_size", absl::StrCat(request.page_size()));
  }
  return params;
}

std::vector<std::string> PagePlan::RequestIds() const {
  std::vector<std::string> ids;
  for (const auto& [ref, id] : request_ids_) ids.push_back(id);
  return ids;
}

}  // namespace tikhaul
