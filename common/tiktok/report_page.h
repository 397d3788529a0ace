// Pages of lists, read whole and as text: for questions about a few figures, not for the rows of an extract
// (tiktok-api.md 3.2, 4.3).
#ifndef TIKHAUL_COMMON_TIKTOK_REPORT_PAGE_H_
#define TIKHAUL_COMMON_TIKTOK_REPORT_PAGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/tiktok/client.h"

namespace tikhaul {

using TextByName = std::map<std::string, std::string>;  // members without a value ("-" or null) are left out

struct ReportRow {
  TextByName dimensions;
  TextByName metrics;
};

struct ReportPage {
  std::vector<ReportRow> rows;  // of reports
  int64_t total_number = 0;
  int64_t total_page = 0;
  TextByName total_metrics;  // with enable_total_metrics
  bool truncated = false;    // the API looked at its newest 20,000 objects only (section 4.9)
};

// Sends one call through `transport` and waits for its end, as the functions of account.h do; the same statuses.
absl::StatusOr<ReportPage> FetchReportPage(ApiTransport& transport, ApiCall call);

// DATA_LOSS: not a list with page_info.
absl::StatusOr<ReportPage> ReadReportPage(const std::string& body, const std::string& path);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_TIKTOK_REPORT_PAGE_H_
