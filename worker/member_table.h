// Finds the column of a JSON member while rows go by.
#ifndef TIKHAUL_WORKER_MEMBER_TABLE_H_
#define TIKHAUL_WORKER_MEMBER_TABLE_H_

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

// Members of one JSON object and the columns they fill. Rows of an answer list their members in the same order, so the
// member that came at this place last time is tried first and the hash table is the exception. Not thread-safe.
class MemberTable {
 public:
  struct Entry {
    std::string name;
    size_t column = 0;
    bool alias = false;  // another name of the column: gives way to the member itself
  };

  // A name that is there already stays what it is.
  void Add(std::string name, size_t column, bool alias) {
    if (!index_.emplace(name, entries_.size()).second) return;
    entries_.push_back({std::move(name), column, alias});
  }
  bool empty() const { return entries_.empty(); }

  // `text` goes on after the quote before a name: the member that came at this place last time, if it comes again.
  const Entry* Expect(absl::string_view text, size_t place) const {
    if (place >= order_.size()) return nullptr;
    const Entry& entry = entries_[order_[place]];
    const size_t length = entry.name.size();
    const bool same = text.size() > length && text[length] == '"' && text.substr(0, length) == entry.name;
    return same ? &entry : nullptr;
  }

  // `place` counts the members of the object at hand. nullptr: the plan does not know the name.
  const Entry* Find(absl::string_view name, size_t place) {
    if (place < order_.size() && entries_[order_[place]].name == name) return &entries_[order_[place]];
    const auto found = index_.find(name);
    if (found == index_.end()) return nullptr;
    if (place < kPlaces) {
      if (place >= order_.size()) order_.resize(place + 1, found->second);
      order_[place] = found->second;
    }
    return &entries_[found->second];
  }

 private:
  static constexpr size_t kPlaces = 1024;
  std::vector<Entry> entries_;
  absl::flat_hash_map<std::string, size_t> index_;
  std::vector<size_t> order_;  // entry seen last at each place
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_MEMBER_TABLE_H_
