// Reports as comma-separated values (tiktok-api.md 5).
#ifndef TIKHAUL_SIMULATOR_CSV_WRITER_H_
#define TIKHAUL_SIMULATOR_CSV_WRITER_H_

#include <string>

#include "simulator/report_data.h"

namespace tikhaul::simulator {

// A head line and all rows; dimensions stand before metrics, in the order of the request. The sheet does not say how
// quotes and line ends are used, so both manners of RFC 4180 occur: accounts with an odd seed get a byte order mark,
// quotes everywhere and CRLF. What is null in JSON is an empty field. `titles`: heads are display texts.
std::string WriteReportCsv(const ReportData& data, bool titles);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_CSV_WRITER_H_
