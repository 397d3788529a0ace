#include <algorithm>
#include <numeric>

#include "absl/strings/ascii.h"
#include "common/catalog/catalog.h"

namespace tikhaul {
namespace {

// Longer words are not compared: the work grows with the product of the lengths, and configuration is outside input.
constexpr size_t kLongestWord = 100;

// Letters inserted, removed, replaced or swapped with their neighbour.
size_t EditDistance(absl::string_view a, absl::string_view b) {
  std::vector<size_t> before_last, last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = last;
    last = row;
  }
  return last[b.size()];
}

}  // namespace

std::string NearestWord(absl::string_view word, const std::vector<std::string>& candidates) {
  if (word.empty() || word.size() > kLongestWord) return "";
  const std::string wanted = absl::AsciiStrToLower(word);
  size_t best = std::max<size_t>(1, word.size() / 3);
  std::string nearest;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > wanted.size() + best || wanted.size() > candidate.size() + best) continue;
    const size_t distance = EditDistance(wanted, absl::AsciiStrToLower(candidate));
    if (distance > best || (distance == best && !nearest.empty())) continue;
    best = distance;
    nearest = candidate;
  }
  return nearest;
}

}  // namespace tikhaul
