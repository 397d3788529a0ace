// Progress of extracts as lines of text: a pure function of a status.
#ifndef TIKHAUL_CLI_PROGRESS_RENDER_H_
#define TIKHAUL_CLI_PROGRESS_RENDER_H_

#include <string>
#include <vector>

#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

struct ProgressStyle {
  int width = 100;       // columns that no line exceeds
  bool unicode = false;  // block characters for the bars
  bool colour = false;
};

// A bar per extract with chunks, rows, rows/s, calls/s, share of the quota and time left; beneath them the quota, and
// what hinders: faults, pauses, blocks, dead letters. Where the width does not hold everything, the least telling
// columns go.
std::vector<std::string> RenderProgress(const v1::Status& status, const ProgressStyle& style);

// The lines about what hinders, without colour; empty when all is well.
std::vector<std::string> HindranceLines(const v1::Status& status);

// "done", "waiting", "about 2 min 10 s left", or empty when not known.
std::string TimeLeft(const v1::ExtractProgress& progress);
// Of the per-second quota, 0 when that is not known.
double QuotaShare(double calls_per_second, const v1::QuotaInfo& quota);
// "9.8 calls/s (98 % of 10/s), 12,345 of 864,000 calls used today".
std::string QuotaLine(const v1::QuotaInfo& quota);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_PROGRESS_RENDER_H_
