#include "simulator/categories.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "common/base/digest.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/hash.h"
#include "simulator/names.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {
namespace {

constexpr absl::string_view kTop[] = {"Education",
                                      "Vehicles & Transportation",
                                      "Baby, Kids & Maternity",
                                      "Financial Services",
                                      "Beauty & Personal Care",
                                      "Tech & Electronics",
                                      "Appliances",
                                      "Travel",
                                      "Household Products",
                                      "Pets",
                                      "Apps",
                                      "Home Improvement",
                                      "Apparel & Accessories",
                                      "News & Entertainment",
                                      "Business Services",
                                      "Games",
                                      "Life Services",
                                      "Food & Beverage",
                                      "Sports & Outdoors",
                                      "E-Commerce (Non-app)"};
constexpr absl::string_view kKinds[] = {"Services", "Products", "\"Premium\"", "Second-hand, used", "Online", "Local"};
constexpr absl::string_view kIndustries[] = {"HOUSING", "EMPLOYMENT", "CREDIT"};
constexpr int kDeepest = 4;

class Tree {
 public:
  Tree(const Account& account, int64_t version, absl::string_view language)
      : account_(account), version_(version), language_(language) {}

  std::vector<Category> Build() {
    const size_t tops = version_ == 2 ? std::size(kTop) : std::size(kTop) / 2;
    for (size_t i = 0; i < tops; ++i) Add(10 + i, 1, kTop[i]);
    return std::move(list_);
  }

 private:
  static uint64_t SeedOf(uint64_t id) { return Mix(id, 0xca7); }

  // Leaves out a few per account: what is offered depends on the region.
  bool Offered(uint64_t id, int level) const { return level == 1 || Mix(SeedOf(id), account_.seed) % 40 != 0; }

  int ChildrenOf(uint64_t id, int level) const {
    if (level >= kDeepest) return 0;
    const uint64_t seed = SeedOf(id);
    // The first branch of the first two is deep, so that every level exists.
    if (level == 1) return static_cast<int>(Between(seed, 3, 6));
    return seed % 3 == 0 || id % 1'000 == 100 ? static_cast<int>(Between(seed >> 8, 1, level == 2 ? 4 : 2)) : 0;
  }

  std::string NameOf(absl::string_view english) const {
    return language_ == "en" ? std::string(english) : absl::StrCat(english, " (", language_, ")");
  }

  void Add(uint64_t id, int level, absl::string_view name) {
    const size_t position = list_.size();
    Category category;
    category.id = absl::StrCat(id);
    category.name = NameOf(name);
    category.level = level;
    const uint64_t seed = SeedOf(id);
    for (absl::string_view industry : kIndustries) {
      if (Mix(seed, StableHash(industry)) % 4 == 0) category.special_industries.push_back(industry);
    }
    if (version_ == 2 && seed % 9 == 0) category.placements = {"PLACEMENT_TIKTOK"};
    list_.push_back(std::move(category));
    for (int i = 0; i < ChildrenOf(id, level); ++i) {
      const uint64_t child = id * 1'000 + 100 + static_cast<uint64_t>(i);
      if (!Offered(child, level + 1)) continue;
      list_[position].children.push_back(absl::StrCat(child));
      const std::string child_name = absl::StrCat(name, " ", kKinds[SeedOf(child) % std::size(kKinds)]);
      Add(child, level + 1, child_name);
    }
  }

  const Account& account_;
  const int64_t version_;
  const absl::string_view language_;
  std::vector<Category> list_;
};

bool Has(const std::vector<absl::string_view>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

// Keeps what the placements and special industries asked for may use. An empty list of placements is any placement.
bool Kept(const Category& category, const std::vector<std::string>& placements,
          const std::vector<std::string>& industries) {
  for (const std::string& industry : industries) {
    if (!Has(category.special_industries, industry)) return false;
  }
  if (placements.empty() || category.placements.empty()) return true;
  return std::any_of(placements.begin(), placements.end(),
                     [&](const std::string& p) { return Has(category.placements, p); });
}

void AppendCategory(const Category& category, std::string& out) {
  absl::StrAppend(&out, "{\"interest_category_id\":\"", category.id, "\",\"interest_category_name\":");
  AppendJsonString(category.name, out);
  absl::StrAppend(&out, ",\"level\":", category.level, ",\"sub_category_ids\":", JsonList(category.children),
                  ",\"special_industries\":", JsonList(category.special_industries),
                  ",\"placements\":", JsonList(category.placements), "}");
}

}  // namespace

std::vector<Category> CategoriesOf(const Account& account, int64_t version, absl::string_view language) {
  return Tree(account, version, language).Build();
}

template <typename Strings>
std::string JsonList(const Strings& texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    if (out.size() > 1) out += ',';
    AppendJsonString(text, out);
  }
  return out + "]";
}
template std::string JsonList(const std::vector<std::string>&);
template std::string JsonList(const std::vector<absl::string_view>&);

EndpointAnswer AnswerCategories(const DataSet& data_set, const Call& call) {
  ParamReader in(call.params);
  const Account* account = ReadAccount(in, data_set);
  const int64_t version = in.Whole("version", 2, 1, 2);
  const std::string language =
      in.OneOf("language", "en",
               {"en", "zh", "ja", "de", "es", "fr", "id", "it", "ko", "ru", "th", "tr", "vi", "ar", "pt", "ms"});
  const std::vector<std::string> placements = in.TextList("placements");
  const std::vector<std::string> industries = in.TextList("special_industries");
  if (!placements.empty() && version != 2) in.Refuse(40002, "placements: only with version 2.");
  for (const std::string& industry : industries) {
    if (std::find(std::begin(kIndustries), std::end(kIndustries), industry) == std::end(kIndustries)) {
      in.Refuse(40002, "special_industries: Not a valid choice; valid choices are HOUSING, EMPLOYMENT, CREDIT.");
    }
  }
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);
  std::string out = "{\"interest_categories\":[";
  bool first = true;
  for (const Category& category : CategoriesOf(*account, version, language)) {
    if (!Kept(category, placements, industries)) continue;
    if (!first) out += ',';
    AppendCategory(category, out);
    first = false;
  }
  return EndpointAnswer::Data(out + "]}");
}

}  // namespace tikhaul::simulator
