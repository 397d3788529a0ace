#include "common/tiktok/report_figures.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "nlohmann/json.hpp"

namespace tikhaul {
namespace {

using nlohmann::json;

const json* Member(const json& object, absl::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(std::string(name));
  return found == object.end() ? nullptr : &*found;
}

// Texts and numbers as text; nothing for null, "-" (section 4.3), and everything else.
std::string ValueText(const json* value) {
  if (value == nullptr) return "";
  if (value->is_string()) return value->get<std::string>() == "-" ? "" : value->get<std::string>();
  return value->is_number() || value->is_boolean() ? value->dump() : "";
}

// "0", "0.00" and their like.
bool IsZero(absl::string_view text) { return !text.empty() && text.find_first_not_of("0.") == absl::string_view::npos; }

absl::StatusOr<FiguresRow> ReadRow(const json& row, absl::Span<const absl::string_view> figures,
                                   absl::Span<const absl::string_view> needed) {
  const json* const dimensions = Member(row, "dimensions");
  const json* const metrics = Member(row, "metrics");
  if (dimensions == nullptr || metrics == nullptr) return absl::DataLossError("a row lacks dimensions or metrics");
  FiguresRow read{.advertiser = ValueText(Member(*dimensions, "advertiser_id")), .day = {}};
  if (read.advertiser.empty()) return absl::DataLossError("a row lacks its advertiser_id");
  if (const json* const day = Member(*dimensions, "stat_time_day"); day != nullptr) {
    ASSIGN_OR_RETURN(read.day, ParseDay(ValueText(day).substr(0, 10)));
  }
  const auto value = [&](absl::string_view name) { return ValueText(Member(*metrics, name)); };
  read.all_zero =
      std::all_of(figures.begin(), figures.end(),
                  [&](absl::string_view name) {
                    const std::string text = value(name);
                    return text.empty() || IsZero(text);
                  }) &&
      std::all_of(needed.begin(), needed.end(), [&](absl::string_view name) { return IsZero(value(name)); });
  return read;
}

// `data` of the answer; nullptr when it is none.
const json* DataOf(const json& answer) { return Member(answer, "data"); }

absl::StatusOr<uint64_t> TotalOf(const json& answer) {
  const json* const data = DataOf(answer);
  const json* const info = data == nullptr ? nullptr : Member(*data, "page_info");
  const json* const total = info == nullptr ? nullptr : Member(*info, "total_number");
  if (total == nullptr || !total->is_number_integer() || total->get<int64_t>() < 0) {
    return absl::DataLossError("the answer holds no data.page_info.total_number");
  }
  return total->get<uint64_t>();
}

}  // namespace

absl::StatusOr<std::vector<FiguresRow>> ReadFigures(const std::string& body,
                                                    absl::Span<const absl::string_view> figures,
                                                    absl::Span<const absl::string_view> needed) {
  const json answer = json::parse(body, nullptr, /*allow_exceptions=*/false);
  ASSIGN_OR_RETURN(const uint64_t total, TotalOf(answer));
  const json* const list = Member(*DataOf(answer), "list");
  if (list == nullptr || !list->is_array()) return absl::DataLossError("the answer holds no data.list");
  if (list->size() != total) {
    return absl::DataLossError(absl::StrCat("the answer promises ", total, " rows and holds ", list->size()));
  }
  std::vector<FiguresRow> rows;
  for (const json& element : *list) {
    ASSIGN_OR_RETURN(FiguresRow row, ReadRow(element, figures, needed));
    rows.push_back(std::move(row));
  }
  return rows;
}

absl::StatusOr<uint64_t> ReadTotalNumber(const std::string& body) {
  return TotalOf(json::parse(body, nullptr, /*allow_exceptions=*/false));
}

std::vector<ApiTransport::Result> SendAll(ApiTransport& transport, std::vector<ApiCall> calls) {
  struct Board {
    Mutex mu;
    CondVar ended;
    size_t open ABSL_GUARDED_BY(mu) = 0;
    std::vector<ApiTransport::Result> results ABSL_GUARDED_BY(mu);
  };
  const auto board = std::make_shared<Board>();
  {
    MutexLock lock(board->mu);
    board->open = calls.size();
    board->results.resize(calls.size());
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    transport.Send(std::move(calls[i]), {.transient_retries = 1}, [board, i](ApiTransport::Result result) {
      MutexLock lock(board->mu);
      board->results[i] = std::move(result);
      if (--board->open == 0) board->ended.Signal();
    });
  }
  MutexLock lock(board->mu);
  while (board->open > 0) board->ended.Wait(board->mu);
  return std::move(board->results);
}

}  // namespace tikhaul
