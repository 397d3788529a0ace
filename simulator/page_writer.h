// Writes the pages of answers by appending to one string.
#ifndef TIKHAUL_SIMULATOR_PAGE_WRITER_H_
#define TIKHAUL_SIMULATOR_PAGE_WRITER_H_

#include <cstdint>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "simulator/report_data.h"
#include "simulator/report_endpoint.h"
#include "simulator/report_values.h"

namespace tikhaul::simulator {

// Spellings vary as they do in recorded answers (tiktok-api.md 4.3): "116.0" for counts, "20.000" for spend.
struct Spelling {
  bool counts_with_fraction = false;
  bool three_places = false;
};
Spelling SpellingOf(const RowKey& row);
// The cell as text, without quotes; nothing for null.
void AppendCellText(const Cell& cell, const Metric& metric, const Spelling& spelling, std::string& out);

// `"member":[...]`: those of `count` rows that the page shows; append(i) writes row i.
void AppendPageRows(absl::string_view member, int64_t count, int64_t page, int64_t page_size, const PageTwist& twist,
                    absl::FunctionRef<void(int64_t)> append, std::string& out);
// `"page_info":{...}` of a list of `count` rows. total_page is 0 for an empty list.
void AppendPageInfo(int64_t page, int64_t page_size, int64_t count, const PageTwist& twist, std::string& out);
// `data` of the page that the query asks for; paging comes from `query`, which may be of another page than
// data.query().
std::string WriteReportPage(const ReportData& data, const ReportQuery& query, const PageTwist& twist);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_PAGE_WRITER_H_
