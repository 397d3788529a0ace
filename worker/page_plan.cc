#include "worker/page_plan.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "common/catalog/slices.h"
#include "common/wire/column_groups.h"

namespace tikhaul {
namespace {

constexpr size_t kRequestIds = 100;
constexpr int64_t kMostRows = 1'000'000'000'000;  // of one request; more is nonsense

absl::Status Moved(absl::string_view what) {
  return absl::AbortedError(absl::StrCat("the rows moved while they were read: ", what));
}

}  // namespace

PagePlan::PagePlan(const v1::ReadPlan& plan) : plan_(plan), of_groups_(GroupsOf(plan)) {
  for (const v1::ApiRequest& call : plan_.requests()) {
    if (plan_.slice_ids() > 0 && plan_.listings_size() > 0) {
      List(call, 0, plan_.slice_ids(), nullptr);
    } else {
      Request request;
      request.call = call;
      Add(std::move(request));
    }
  }
}

void PagePlan::Add(Request request) {
  request.page_size = request.call.page_size();
  requests_.push_back(std::move(request));
  ++open_requests_;
}

void PagePlan::AddSlice(const v1::ApiRequest& call, Slice slice) {
  Request request;
  request.call = NarrowReport(call, plan_.listings(slice.listing).filter_field(), slice.ids);
  request.slice = std::move(slice);
  Add(std::move(request));
}

void PagePlan::List(const v1::ApiRequest& call, int listing, uint32_t size, const Slice* parent) {
  const Narrowing::Waiting waiting{call, std::clamp<uint32_t>(size, 1, kMostFilterIds)};
  std::shared_ptr<Narrowing>& narrowing = narrowings_[{listing, parent == nullptr ? "" : parent->ids.front()}];
  if (narrowing == nullptr || (narrowing->open == 0 && narrowing->ids.empty())) {  // none listed: look again
    narrowing = std::make_shared<Narrowing>();
    for (const v1::ApiRequest& list : plan_.listings(listing).requests()) {
      Request request;
      request.call = parent == nullptr
                         ? list
                         : NarrowListing(list, plan_.listings(parent->listing).filter_field(), {parent->ids.front()});
      request.listing = listing;
      request.narrowing = narrowing;
      Add(std::move(request));
      ++narrowing->open;
    }
  }
  if (narrowing->open == 0) return CutSlices(narrowing->ids, waiting, listing);  // another group had them listed
  narrowing->waiting.push_back(waiting);
}

void PagePlan::CutSlices(const std::set<std::string>& ids, const Narrowing::Waiting& waiting, int listing) {
  Slice slice{.listing = listing, .size = waiting.size, .ids = {}};
  for (const std::string& id : ids) {
    slice.ids.push_back(id);
    if (slice.ids.size() < slice.size) continue;
    AddSlice(waiting.call, slice);
    slice.ids.clear();
  }
  if (!slice.ids.empty()) AddSlice(waiting.call, std::move(slice));
}

bool PagePlan::Narrow(const PageRef& ref, int64_t least_rows) {
  const Request request = requests_[ref.request];  // a copy: new ones move the others
  if (request.listing >= 0 || request.arrived > 0) return false;
  const Slice* const slice = request.slice.has_value() ? &*request.slice : nullptr;
  if (slice != nullptr && slice->ids.size() > 1) {
    const auto middle = slice->ids.begin() + static_cast<std::ptrdiff_t>(slice->ids.size() / 2);
    const uint32_t half = std::max<uint32_t>(1, slice->size / 2);
    AddSlice(request.call, {slice->listing, half, {slice->ids.begin(), middle}});
    AddSlice(request.call, {slice->listing, half, {middle, slice->ids.end()}});
  } else {
    const int next = slice == nullptr ? 0 : slice->listing + 1;
    if (next >= plan_.listings_size()) return false;
    const uint32_t advised = plan_.listings(next).advised_ids();
    List(request.call, next, advised > 0 ? advised : kMostFilterIds, slice);
  }
  if (slice == nullptr) of_groups_[GroupOf(ref)].least += static_cast<uint64_t>(std::max<int64_t>(0, least_rows));
  requests_[ref.request].done = true;
  --open_requests_;
  return true;
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
  OfGroup& group = of_groups_[request.call.group()];
  ++pages_;
  group.rows += page.rows;
  request_ids_[ref] = request_id;
  if (request_ids_.size() > kRequestIds) request_ids_.erase(std::prev(request_ids_.end()));
  ++request.arrived;
  request.rows += static_cast<int64_t>(page.rows);
  if (!plan_.paged()) {
    group.promised += page.rows;
    request.done = true;
    --open_requests_;
    return CheckWhole();
  }
  RETURN_IF_ERROR(CheckPage(request, ref, page));
  if (ref.page == 1) {
    group.promised += static_cast<uint64_t>(request.wanted);
    RETURN_IF_ERROR(CheckFirstTotals(ref.request));
  }
  if (request.arrived < request.last_page) return absl::OkStatus();
  if (request.slice.has_value() && request.slice->listing == 0) {
    served_[request.slice->size] += request.slice->ids.size();
  }
  RETURN_IF_ERROR(Close(request));
  return CheckWhole();
}

absl::Status PagePlan::ArrivedIds(const PageRef& ref, const DecodedPage& page, const std::vector<std::string>& ids) {
  Request& request = requests_[ref.request];
  ++request.arrived;
  request.rows += static_cast<int64_t>(page.rows);
  RETURN_IF_ERROR(CheckPage(request, ref, page));
  const std::shared_ptr<Narrowing> narrowing = request.narrowing;
  narrowing->ids.insert(ids.begin(), ids.end());
  if (request.arrived < request.last_page) return absl::OkStatus();
  RETURN_IF_ERROR(Close(request));
  const int listing = request.listing;  // slices are new requests, which move the others
  if (--narrowing->open == 0) {
    for (const Narrowing::Waiting& waiting : std::exchange(narrowing->waiting, {})) {
      CutSlices(narrowing->ids, waiting, listing);
    }
  }
  return CheckWhole();
}

absl::Status PagePlan::CheckFirstTotals(size_t index) const {
  const size_t groups = of_groups_.size();
  const Request& request = requests_[index];
  if (groups == 1 || request.slice.has_value() || index >= static_cast<size_t>(plan_.requests_size())) {
    return absl::OkStatus();
  }
  const size_t start = index - index % groups;
  for (size_t other = start; other < start + groups; ++other) {
    const std::optional<PageInfo>& first = requests_[other].first;
    if (!first.has_value() || first->total_number == request.first->total_number) continue;
    return Moved(absl::StrCat("asked for other metrics of the same rows, the API promised ", first->total_number,
                              " rows, then ", request.first->total_number));
  }
  return absl::OkStatus();
}

absl::Status PagePlan::CheckWhole() const {
  if (!Done()) return absl::OkStatus();
  for (const OfGroup& group : of_groups_) {
    if (group.promised < group.least) {
      return Moved(absl::StrCat("an answer that was not whole promised ", group.least,
                                " rows, those for each of its objects ", group.promised, " together"));
    }
    if (group.promised != of_groups_[0].promised) {
      return Moved(absl::StrCat("with some metrics the API promised ", of_groups_[0].promised, " rows, with others ",
                                group.promised));
    }
  }
  return absl::OkStatus();
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
  const auto pages = [&](int64_t rows) {
    return std::max<int64_t>(1, (rows + request.page_size - 1) / request.page_size);
  };
  if (std::max<int64_t>(1, info.total_page) != pages(info.total_number)) {
    return absl::DataLossError(absl::StrCat("page_info contradicts itself: ", info.total_number, " rows on ",
                                            info.total_page, " pages of ", request.page_size));
  }
  request.first = info;
  request.wanted = info.total_number;
  const auto reach = static_cast<int64_t>(plan_.reach());
  if (reach > 0) request.wanted = std::min(request.wanted, reach);
  request.last_page = pages(request.wanted);
  return absl::OkStatus();
}

absl::Status PagePlan::Close(Request& request) {
  request.done = true;
  --open_requests_;
  if (request.rows == request.wanted) return absl::OkStatus();
  return Moved(absl::StrCat(request.wanted, " rows were promised and ", request.rows, " came"));
}

std::vector<std::pair<std::string, std::string>> PagePlan::ParamsOf(const PageRef& ref) const {
  const Request& request = requests_[ref.request];
  std::vector<std::pair<std::string, std::string>> params;
  for (const v1::ApiParam& param : request.call.params()) params.emplace_back(param.name(), param.value());
  if (plan_.paged() || request.listing >= 0) {
    params.emplace_back("page", absl::StrCat(ref.page));
    params.emplace_back("page_size", absl::StrCat(request.call.page_size()));
  }
  return params;
}

std::vector<std::string> PagePlan::RequestIds() const {
  std::vector<std::string> ids;
  for (const auto& [ref, id] : request_ids_) ids.push_back(id);
  return ids;
}

uint32_t PagePlan::slice_ids() const {
  const auto most = std::max_element(served_.begin(), served_.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  if (most != served_.end()) return most->first;
  const bool sliced =
      std::any_of(requests_.begin(), requests_.end(), [](const Request& r) { return r.slice.has_value(); });
  return sliced ? 1 : plan_.slice_ids();  // 1: each object of the first listing had to be cut further
}

}  // namespace tikhaul
