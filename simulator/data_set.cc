#include "simulator/data_set.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "simulator/account_builder.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

constexpr AccountProfile kQuickstart[] = {
    {"Northwind \"Shoes\", Inc.", "US", "Etc/GMT+8", "America/Los_Angeles", "USD", 2'190, 16, 8, 0, false},
    {"Crème & Tea Ltd", "GB", "Europe/London", "Europe/London", "GBP", 1'830, 14, 8, 0, false},
    {"株式会社 さくら 🌸", "JP", "Etc/GMT-9", "Asia/Tokyo", "JPY", 1'500, 12, 8, 0, false},
    {"Deleted-heavy Textiles", "IN", "Asia/Kolkata", "Asia/Kolkata", "INR", 2'010, 12, 76, 0, false},
    {"Island Surf\nSupply", "AU", "Australia/Lord_Howe", "Australia/Lord_Howe", "AUD", 243, 12, 8, 0, false},
    {"Idle since last year", "DE", "Etc/GMT-1", "Europe/Berlin", "EUR", 1'700, 12, 8, 366, false},
};
constexpr AccountProfile kSmall[] = {
    {"Small \"US\", Inc.", "US", "Etc/GMT+8", "America/Los_Angeles", "USD", 900, 4, 30, 0, false},
    {"小さな店", "JP", "Etc/GMT-9", "Asia/Tokyo", "JPY", 800, 3, 10, 0, false},
    {"Young & New", "GB", "Europe/London", "Europe/London", "GBP", 243, 3, 10, 0, false},
};
constexpr AccountProfile kSingle[] = {
    {"Single", "US", "Etc/GMT+8", "America/Los_Angeles", "USD", 800, 4, 20, 0, false},
};

constexpr AccountProfile kWindows[] = {
    {"One day", "US", "Etc/GMT+8", "America/Los_Angeles", "USD", 800, 20, 0, 0, false, 1},
    {"A week", "JP", "Etc/GMT-9", "Asia/Tokyo", "JPY", 800, 20, 0, 0, false, 7},
    {"Four weeks", "GB", "Europe/London", "Europe/London", "GBP", 800, 20, 0, 0, false, 28},
};

constexpr int kMostAccounts = 1'000;
constexpr int kMostAds = 1'000'000;
constexpr int kMostVideos = 100'000;

struct Place {
  absl::string_view country, timezone, display_timezone, currency;
};
constexpr Place kPlaces[] = {{"US", "Etc/GMT+8", "America/Los_Angeles", "USD"},
                             {"GB", "Europe/London", "Europe/London", "GBP"},
                             {"JP", "Etc/GMT-9", "Asia/Tokyo", "JPY"},
                             {"DE", "Etc/GMT-1", "Europe/Berlin", "EUR"}};

// An account of an agency, the idle ones first. Of five idle ones two never did anything, two stopped more than two
// years ago, and one a good year ago.
AccountProfile AgencyAccount(absl::string_view name, int number, bool idle, int ads) {
  const Place& place = kPlaces[number % std::size(kPlaces)];
  AccountProfile profile{name, place.country, place.timezone, place.display_timezone, place.currency, 0, 0, 10,
                         0,    false};
  profile.age_days = 800 + number * 37 % 1'200;
  profile.ads_per_day = ads;
  if (!idle) return profile;
  const int kind = number % 5;
  profile.quiet_days = kind < 2 ? profile.age_days : kind < 4 ? 740 : 400;
  if (kind == 2 || kind == 3) profile.age_days += 500;
  return profile;
}

}  // namespace

void Removals::Add(uint64_t id) {
  MutexLock lock(mu_);
  ids_.insert(id);
}

bool Removals::Has(uint64_t id) const {
  MutexLock lock(mu_);
  return ids_.contains(id);
}

const Object& ObjectAt(const Account& account, Level level, uint32_t index) {
  if (level == kCampaign) return account.campaigns[index];
  if (level == kAdGroup) return account.groups[index];
  return account.ads[index];
}

size_t ObjectCount(const Account& account, Level level) {
  if (level == kCampaign) return account.campaigns.size();
  if (level == kAdGroup) return account.groups.size();
  return account.ads.size();
}

const std::vector<uint32_t>& NewestFirst(const Account& account, Level level) {
  if (level == kCampaign) return account.campaigns_by_age;
  if (level == kAdGroup) return account.groups_by_age;
  return account.ads_by_age;
}

absl::StatusOr<std::unique_ptr<DataSet>> DataSet::Make(absl::string_view name, uint64_t seed, absl::CivilDay anchor) {
  auto set = std::unique_ptr<DataSet>(new DataSet);
  set->seed_ = seed;
  set->anchor_ = anchor;
  const std::vector<std::string> parts = absl::StrSplit(name, ':');
  int accounts = 0, ads = 0, videos = 0, idle_percent = 0;
  if (name == "quickstart") {
    set->profiles_.assign(std::begin(kQuickstart), std::end(kQuickstart));
  } else if (name == "small") {
    set->profiles_.assign(std::begin(kSmall), std::end(kSmall));
  } else if (name == "windows") {
    set->profiles_.assign(std::begin(kWindows), std::end(kWindows));
  } else if (name == "single") {
    set->profiles_.assign(std::begin(kSingle), std::end(kSingle));
  } else if (parts.size() == 3 && parts[0] == "scale" && absl::SimpleAtoi(parts[1], &accounts) &&
             absl::SimpleAtoi(parts[2], &ads) && accounts >= 1 && accounts <= kMostAccounts && ads >= 1 &&
             ads <= kMostAds) {
    set->owned_names_.reserve(static_cast<size_t>(accounts));
    for (int i = 0; i < accounts; ++i) {
      set->owned_names_.push_back(absl::StrCat("Scale ", i + 1));
      set->profiles_.push_back({set->owned_names_.back(), "US", "Etc/GMT+8", "America/Los_Angeles", "USD", 1'200,
                                static_cast<double>(ads), 0, 0, true});
    }
  } else if (parts.size() == 2 && parts[0] == "videos" && absl::SimpleAtoi(parts[1], &videos) && videos >= 1 &&
             videos <= kMostVideos) {
    set->profiles_.assign(std::begin(kSingle), std::end(kSingle));
    set->profiles_[0].videos = static_cast<uint32_t>(videos);
  } else if (parts.size() == 4 && parts[0] == "agency" && absl::SimpleAtoi(parts[1], &accounts) &&
             absl::SimpleAtoi(parts[2], &idle_percent) && absl::SimpleAtoi(parts[3], &ads) && accounts >= 1 &&
             accounts <= kMostAccounts && idle_percent >= 0 && idle_percent <= 100 && ads >= 1 && ads <= kMostAds) {
    set->owned_names_.reserve(static_cast<size_t>(accounts));
    for (int i = 0; i < accounts; ++i) {
      set->owned_names_.push_back(absl::StrCat("Client ", i + 1));
      set->profiles_.push_back(AgencyAccount(set->owned_names_.back(), i, i * 100 < accounts * idle_percent, ads));
    }
  } else {
    return absl::InvalidArgumentError(absl::StrCat(
        "unknown data set \"", name,
        "\"; use quickstart, small, single, windows, scale:ADVERTISERS:ADS, agency:ADVERTISERS:IDLE_PERCENT:ADS "
        "(at most ",
        kMostAccounts, " advertisers and ", kMostAds, " ads) or videos:COUNT (at most ", kMostVideos, ")"));
  }
  for (size_t i = 0; i < set->profiles_.size(); ++i) {
    const uint64_t id = AccountId(set->profiles_[i], static_cast<uint32_t>(i), anchor);
    set->ids_.push_back(id);
    set->index_[id] = i;
    set->slots_.push_back(std::make_unique<Slot>());
  }
  return set;
}

const Account& DataSet::At(size_t index) const {
  Slot& slot = *slots_[index];
  std::call_once(slot.once, [&] {
    slot.account = BuildAccount(profiles_[index], seed_, static_cast<uint32_t>(index), anchor_);
    slot.account.restated = &restated_;
  });
  return slot.account;
}

const Account* DataSet::Find(uint64_t id) const {
  const auto it = index_.find(id);
  return it == index_.end() ? nullptr : &At(it->second);
}

}  // namespace tikhaul::simulator
