#include "cli/progress/render.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/console.h"
#include "cli/format.h"
#include "cli/runs.h"

namespace tikhaul {
namespace {

constexpr int kShortestBar = 8;
constexpr int kLongestBar = 30;
constexpr int kLongestName = 28;
constexpr size_t kMostBlocks = 5;

// Columns of the figures beside the bar, in the order in which they stand.
enum Figure { kPercent, kChunks, kRows, kRowRate, kCallRate, kShare, kTimeLeft, kFigures };
// The order in which they go when the line is too long.
constexpr Figure kDropOrder[] = {kRowRate, kShare, kCallRate, kTimeLeft, kRows, kChunks};

using FigureRow = std::vector<std::string>;

double FractionDone(const v1::ChunkCounts& chunks) {
  const uint64_t wanted = WantedChunks(chunks);
  return wanted == 0 ? 1.0 : static_cast<double>(chunks.done()) / static_cast<double>(wanted);
}

// 100 only when everything is done.
std::string PercentDone(double fraction) {
  return absl::StrCat(fraction >= 1 ? 100 : std::min(99, static_cast<int>(fraction * 100)), " %");
}

FigureRow FiguresOf(const v1::ExtractProgress& progress, const v1::QuotaInfo& quota) {
  FigureRow row(kFigures);
  row[kPercent] = PercentDone(FractionDone(progress.chunks()));
  row[kChunks] = absl::StrCat(ChunksDone(progress.chunks()), " chunks");
  row[kRows] = absl::StrCat(WithThousands(progress.rows()), " rows");
  if (progress.rows_per_second() > 0) row[kRowRate] = absl::StrCat(HumanRate(progress.rows_per_second()), " rows/s");
  if (progress.calls_per_second() > 0) {
    row[kCallRate] = absl::StrCat(HumanRate(progress.calls_per_second()), " calls/s");
    if (quota.per_second() > 0) {
      row[kShare] = absl::StrCat(HumanPercent(QuotaShare(progress.calls_per_second(), quota)), " of quota");
    }
  }
  row[kTimeLeft] = TimeLeft(progress);
  return row;
}

std::vector<int> ColumnWidths(const std::vector<FigureRow>& rows) {
  std::vector<int> widths(kFigures, 0);
  for (const FigureRow& row : rows) {
    for (size_t i = 0; i < kFigures; ++i) widths[i] = std::max(widths[i], DisplayWidth(row[i]));
  }
  return widths;
}

// Zeroes the widths of columns that must go so that `taken` columns, the figures and a shortest bar fit.
int FitColumns(int taken, int width, std::vector<int>& widths) {
  const auto needed = [&] {
    int sum = taken;
    for (const int column : widths) sum += column == 0 ? 0 : column + 2;
    return sum;
  };
  for (const Figure figure : kDropOrder) {
    if (needed() + kShortestBar <= width) break;
    widths[figure] = 0;
  }
  return std::clamp(width - needed(), kShortestBar, kLongestBar);
}

std::string Bar(double fraction, int length, bool unicode) {
  const int filled = std::clamp(static_cast<int>(std::floor(fraction * length)), 0, length);
  std::string bar;
  for (int i = 0; i < length; ++i) bar += i < filled ? (unicode ? "█" : "#") : (unicode ? "░" : ".");
  return bar;
}

std::vector<std::string> ExtractLines(const v1::Status& status, const ProgressStyle& style) {
  std::vector<FigureRow> rows;
  int name_width = 0;
  for (const v1::ExtractProgress& progress : status.extracts()) {
    rows.push_back(FiguresOf(progress, status.quota()));
    name_width = std::max(name_width, DisplayWidth(CutToWidth(Printable(progress.extract()), kLongestName)));
  }
  std::vector<int> widths = ColumnWidths(rows);
  const int bar_length = FitColumns(name_width + 2, style.width, widths);
  std::vector<std::string> lines;
  for (size_t i = 0; i < rows.size(); ++i) {
    const v1::ExtractProgress& progress = status.extracts(static_cast<int>(i));
    std::string line = PadRight(CutToWidth(Printable(progress.extract()), kLongestName), name_width);
    absl::StrAppend(&line, "  ", Bar(FractionDone(progress.chunks()), bar_length, style.unicode));
    for (size_t column = 0; column < kFigures; ++column) {
      if (widths[column] == 0) continue;
      const bool words = column == kTimeLeft;
      absl::StrAppend(&line, "  ", words ? rows[i][column] : PadLeft(rows[i][column], widths[column]));
    }
    lines.push_back(CutToWidth(line, style.width));
  }
  return lines;
}

std::string WorkLine(const v1::Status& status) {
  uint64_t running = 0, ready = 0, waiting = 0;
  for (const v1::ExtractProgress& progress : status.extracts()) {
    running += progress.chunks().running();
    ready += progress.chunks().ready();
    waiting += progress.chunks().waiting();
  }
  std::string line = absl::StrCat("work     ", Counted(static_cast<uint64_t>(status.workers_size()), "worker"), ", ",
                                  Counted(running, "chunk"), " running, ", WithThousands(ready), " to go");
  if (waiting > 0) absl::StrAppend(&line, ", ", WithThousands(waiting), " of them waiting");
  return line;
}

std::string PauseLine(const v1::Pause& pause) {
  std::string line = absl::StrCat("paused   ", pause.scope());
  if (!pause.name().empty()) absl::StrAppend(&line, " ", pause.name());
  if (!pause.reason().empty()) absl::StrAppend(&line, ": ", pause.reason());
  if (!pause.mend().empty()) absl::StrAppend(&line, "; ", pause.mend());
  return line;
}

// Blocks of one endpoint, state and code share a line.
struct BlockGroup {
  const v1::Block* first = nullptr;
  int count = 0;
};

std::vector<BlockGroup> GroupBlocks(const v1::Status& status) {
  std::map<std::tuple<std::string, std::string, int>, size_t> places;
  std::vector<BlockGroup> groups;
  for (const v1::Block& block : status.blocks()) {
    const auto [place, is_new] = places.try_emplace({block.endpoint(), block.state(), block.code()}, groups.size());
    if (is_new) groups.push_back({&block});
    ++groups[place->second].count;
  }
  return groups;
}

std::string BlockLine(const BlockGroup& group) {
  const v1::Block& block = *group.first;
  std::string line = absl::StrCat("blocked  advertiser ", block.advertiser());
  if (group.count > 1) absl::StrAppend(&line, " and ", group.count - 1, " more");
  absl::StrAppend(&line, " at ", block.endpoint(), ": ",
                  block.state() == "account_dead" ? "account closed: " : "not granted: ", block.reason());
  if (block.code() != 0) absl::StrAppend(&line, " (code ", block.code(), ")");
  if (!block.mend().empty()) absl::StrAppend(&line, "; ", block.mend());
  if (block.has_retry_at()) absl::StrAppend(&line, "; next try ", HumanTime(block.retry_at()));
  return line;
}

}  // namespace

std::string TimeLeft(const v1::ExtractProgress& progress) {
  const v1::ChunkCounts& chunks = progress.chunks();
  if (chunks.ready() + chunks.running() == 0) return "done";
  if (progress.eta_seconds() > 0)
    return absl::StrCat("about ", HumanDuration(absl::Seconds(std::max(1.0, progress.eta_seconds()))), " left");
  return chunks.running() == 0 && chunks.waiting() == chunks.ready() ? "waiting" : "";
}

double QuotaShare(double calls_per_second, const v1::QuotaInfo& quota) {
  return quota.per_second() == 0 ? 0 : calls_per_second / quota.per_second();
}

std::string QuotaLine(const v1::QuotaInfo& quota) {
  std::string line = absl::StrCat(HumanRate(quota.calls_per_second()), " calls/s");
  if (quota.per_second() > 0) {
    absl::StrAppend(&line, " (", HumanPercent(quota.share()), " of ", WithThousands(quota.per_second()), "/s)");
  }
  absl::StrAppend(&line, ", ", WithThousands(quota.used_today()));
  if (quota.per_day() > 0) absl::StrAppend(&line, " of ", WithThousands(quota.per_day()));
  absl::StrAppend(&line, " calls used today");
  if (!quota.state().empty() && quota.state() != "open") absl::StrAppend(&line, "; ", quota.state());
  return line;
}

std::vector<std::string> HindranceLines(const v1::Status& status) {
  std::vector<std::string> lines;
  for (const std::string& fault : status.faults()) lines.push_back(absl::StrCat("fault    ", fault));
  for (const v1::Pause& pause : status.pauses()) lines.push_back(PauseLine(pause));
  const std::vector<BlockGroup> blocks = GroupBlocks(status);
  const size_t shown = std::min(kMostBlocks, blocks.size());
  for (size_t i = 0; i < shown; ++i) lines.push_back(BlockLine(blocks[i]));
  if (blocks.size() > shown) {
    lines.push_back(absl::StrCat("blocked  and ", blocks.size() - shown, " more (tikhaul check)"));
  }
  if (status.dead_letters() > 0) {
    lines.push_back(absl::StrCat("dead     ", Counted(status.dead_letters(), "chunk"),
                                 "; `tikhaul retry --list` tells why, `tikhaul retry` tries again"));
  }
  for (std::string& line : lines) line = Printable(line);
  return lines;
}

std::vector<std::string> RenderProgress(const v1::Status& status, const ProgressStyle& style) {
  std::vector<std::string> lines = ExtractLines(status, style);
  lines.push_back(CutToWidth(Printable(absl::StrCat("quota    ", QuotaLine(status.quota()))), style.width));
  lines.push_back(CutToWidth(WorkLine(status), style.width));
  for (const std::string& line : HindranceLines(status)) {
    lines.push_back(Paint(CutToWidth(line, style.width), Colour::kYellow, style.colour));
  }
  return lines;
}

}  // namespace tikhaul
