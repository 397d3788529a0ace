#include "tests/simulation/sim_hints.h"

#include <algorithm>

#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr absl::Duration kReclaimAfter = absl::Seconds(60);

}  // namespace

void SimHints::Push(HintOrder order, ChunkId chunk, const std::string& coordinator) {
  if (world_.Fault(world_.weather().hint_lost, Met::kHintLost)) return;
  const int times = world_.Fault(world_.weather().hint_doubled, Met::kHintDoubled) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    entries_.push_back(
        {.number = ++last_number_, .chunk = chunk, .coordinator = coordinator, .order = order, .popped = {}});
  }
}

size_t SimHints::depth() const {
  return static_cast<size_t>(std::count_if(entries_.begin(), entries_.end(),
                                           [](const Entry& entry) { return entry.order == HintOrder::kUsual; }));
}

std::optional<SimHints::Entry> SimHints::Pop() {
  if (away() || entries_.empty()) return std::nullopt;
  const absl::Duration now = world_.scheduler().now();
  // Half of the time in order.
  size_t from = 0;
  if (world_.scheduler().Chance(0.5)) {
    from = world_.scheduler().Below(entries_.size());
  } else {
    const auto first = std::find_if(entries_.begin(), entries_.end(), [](const Entry& entry) {
      return entry.order == HintOrder::kFirst && !entry.popped.has_value();
    });
    if (first != entries_.end()) from = static_cast<size_t>(first - entries_.begin());
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[(from + i) % entries_.size()];
    if (entry.popped.has_value() && now - *entry.popped < kReclaimAfter) continue;
    if (entry.popped.has_value()) world_.Note(Met::kHintReclaimed);
    entry.popped = now;
    return entry;
  }
  return std::nullopt;
}

void SimHints::Spend(uint64_t number) {
  if (away()) return;
  std::erase_if(entries_, [number](const Entry& entry) { return entry.number == number; });
}

void SimHints::Flush() {
  world_.Trace("Redis is flushed");
  entries_.clear();
  generation_ = std::to_string(++generations_);
}

void SimHints::LoseSome() {
  std::erase_if(entries_, [this](const Entry&) { return world_.scheduler().Chance(0.5); });
}

void SimHints::DoubleAll() {
  const std::vector<Entry> now = entries_;
  for (const Entry& entry : now)
    entries_.push_back({.number = ++last_number_,
                        .chunk = entry.chunk,
                        .coordinator = entry.coordinator,
                        .order = entry.order,
                        .popped = {}});
}

absl::Status SimHintSink::Reach() {
  world_.Effect(process_);
  return hints_.away() ? absl::UnavailableError("Redis is away") : absl::OkStatus();
}

absl::Status SimHintSink::Push(HintOrder order, const std::vector<ChunkId>& chunks, const HintAddresses& addresses) {
  for (const ChunkId chunk : chunks) {
    RETURN_IF_ERROR(Reach());
    const auto address = addresses.find(chunk);
    hints_.Push(order, chunk, address == addresses.end() ? "" : address->second);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> SimHintSink::Depth() {
  RETURN_IF_ERROR(Reach());
  return hints_.depth();
}

absl::StatusOr<std::string> SimHintSink::Generation() {
  RETURN_IF_ERROR(Reach());
  return hints_.generation();
}

absl::Status SimHintSink::Clear() {
  RETURN_IF_ERROR(Reach());
  hints_.Clear();
  return absl::OkStatus();
}

}  // namespace tikhaul
