// Interest categories (tiktok-api.md 7.1): a tree of a few hundred, told as a flat list.
#ifndef TIKHAUL_SIMULATOR_CATEGORIES_H_
#define TIKHAUL_SIMULATOR_CATEGORIES_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "simulator/call.h"
#include "simulator/data_set.h"

namespace tikhaul::simulator {

struct Category {
  std::string id;
  std::string name;
  int level = 1;
  std::vector<std::string> children;
  std::vector<absl::string_view> special_industries;
  std::vector<absl::string_view> placements;
};

// What the account's region offers. `version` 1 or 2. Parents stand before their children.
std::vector<Category> CategoriesOf(const Account& account, int64_t version, absl::string_view language);
// ["a","b"]
template <typename Strings>
std::string JsonList(const Strings& texts);

EndpointAnswer AnswerCategories(const DataSet& data_set, const Call& call);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_CATEGORIES_H_
