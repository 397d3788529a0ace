// Small report answers, read for what they say about totals (tiktok-api.md 4.3). For the coordinator's own questions;
// rows that are stored are read by workers.
#ifndef TIKHAUL_COMMON_TIKTOK_REPORT_FIGURES_H_
#define TIKHAUL_COMMON_TIKTOK_REPORT_FIGURES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "common/tiktok/client.h"

namespace tikhaul {

// What one row says of one advertiser, and of one day where it has one.
struct FiguresRow {
  std::string advertiser;
  std::optional<absl::CivilDay> day;
  // Every figure asked for is a zero, or has no value; the needed ones are zeros.
  bool all_zero = false;
};

// All rows of a one-page answer with the dimension advertiser_id. `figures` are the metrics that were asked for; those
// in `needed` must have a value. DATA_LOSS: the answer is not of the documented shape, or does not hold all rows.
absl::StatusOr<std::vector<FiguresRow>> ReadFigures(const std::string& body,
                                                    absl::Span<const absl::string_view> figures,
                                                    absl::Span<const absl::string_view> needed);

// data.page_info.total_number. DATA_LOSS where there is none.
absl::StatusOr<uint64_t> ReadTotalNumber(const std::string& body);

// Sends all calls at once and waits until each has ended, in their order. Not from the transport's thread.
std::vector<ApiTransport::Result> SendAll(ApiTransport& transport, std::vector<ApiCall> calls);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_REPORT_FIGURES_H_
