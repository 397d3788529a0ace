#include "simulator/account_builder.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "simulator/hash.h"
#include "simulator/names.h"

namespace tikhaul::simulator {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr int kHorizonDays = 400;      // objects go on appearing so long after the anchor
constexpr int kSteadyAgeDays = 1'095;  // how long before the anchor the objects of a steady account were made

struct CurrencyRule {
  absl::string_view code;
  int places;
  uint32_t price;
};

constexpr CurrencyRule kCurrencies[] = {{"JPY", 0, 150}, {"INR", 2, 6'000}, {"BRL", 2, 450}};

int64_t CreatedSecond(const AccountProfile& profile, uint32_t number, absl::CivilDay anchor) {
  return DayNumber(anchor - profile.age_days) * kDaySeconds + 8 * 3'600 + number * 61;
}

// Like the API's own: the upper bits are the second of creation, so a larger id is a newer object; the lower 32 bits
// are a bijection of level, account and position, so that no two are equal.
uint64_t MakeId(int64_t created, uint32_t level_bits, uint32_t account_number, uint32_t position) {
  const uint32_t packed = (level_bits << 30) | ((account_number & 0x3ff) << 20) | (position & 0xfffff);
  return (static_cast<uint64_t>(created) << 32) | static_cast<uint32_t>(packed * 2'654'435'761u);
}

// Fills one account, oldest objects first.
class Builder {
 public:
  Builder(Account& account, uint32_t number, absl::CivilDay anchor)
      : account_(account), profile_(account.profile), number_(number), anchor_(DayNumber(anchor)) {}

  void Build() {
    if (profile_.steady) {
      BuildSteady();
    } else {
      BuildLively();
    }
  }

 private:
  void BuildLively() {
    // A campaign has 5 ads on average, an ad delivers on about 37 days.
    const double every_days = 5 * 37 / std::max(profile_.ads_per_day, 0.1);
    const int64_t end = (anchor_ + (profile_.quiet_days > 0 ? -profile_.quiet_days - 90 : kHorizonDays)) * kDaySeconds;
    int64_t at = account_.created + kDaySeconds;
    for (uint32_t n = 0; at < end; ++n) {
      const uint64_t seed = Mix(account_.seed, 0xca, n);
      AddCampaign(seed, at);
      const int64_t groups = Between(Mix(seed, 1), 1, 3);
      for (int64_t g = 0; g < groups; ++g) {
        const uint64_t group_seed = Mix(seed, 0x9a, static_cast<uint64_t>(g));
        AddGroup(group_seed, at + 2 + g * 40);
        const int64_t ads = Between(Mix(group_seed, 1), 1, 4);
        for (int64_t a = 0; a < ads; ++a)
          AddLivelyAd(Mix(group_seed, 0xad, static_cast<uint64_t>(a)), at + 5 + g * 40 + a * 7);
        CloseGroup();
      }
      CloseCampaign();
      at += static_cast<int64_t>(every_days * kDaySeconds * Between(Mix(seed, 2), 400, 1'600) / 1'000);
    }
  }

  void BuildSteady() {
    const auto ads = static_cast<uint32_t>(profile_.ads_per_day);
    const int64_t at = (anchor_ - kSteadyAgeDays) * kDaySeconds;
    for (uint32_t n = 0; n < ads; ++n) {
      const uint64_t seed = Mix(account_.seed, 0x57, n);
      const int64_t created = at + n;
      if (n % 200 == 0) AddCampaign(Mix(seed, 1), created);
      if (n % 20 == 0) AddGroup(Mix(seed, 2), created);
      Ad& ad = AddAd(seed, created);
      ad.first_day = static_cast<int32_t>(anchor_ - kSteadyAgeDays + 1 + n / kDaySeconds);
      ad.last_day = static_cast<int32_t>(anchor_ + kHorizonDays);
      ad.presence = 1'024;
      if (n % 20 == 19 || n + 1 == ads) CloseGroup();
      if (n % 200 == 199 || n + 1 == ads) CloseCampaign();
    }
  }

  void AddCampaign(uint64_t seed, int64_t created) {
    Object object = MakeObject(kCampaign, 1, seed, created, account_.campaigns.size());
    const uint64_t kind = Mix(seed, 0xb1) % 100;
    if (!profile_.steady && kind < 9) object.buying = kind < 4 ? Buying::kTopView : Buying::kReachAndFrequency;
    object.promote = !profile_.steady && kind == 50;
    object.smart_plus = !profile_.steady && kind >= 60 && kind < 70;
    object.first_ad = static_cast<uint32_t>(account_.ads.size());
    account_.campaigns.push_back(std::move(object));
  }

  void AddGroup(uint64_t seed, int64_t created) {
    Object object = MakeObject(kAdGroup, 2, seed, created, account_.groups.size());
    Inherit(account_.campaigns.back(), account_.campaigns.size() - 1, object);
    object.first_ad = static_cast<uint32_t>(account_.ads.size());
    account_.groups.push_back(std::move(object));
  }

  Ad& AddAd(uint64_t seed, int64_t created) {
    Ad ad;
    static_cast<Object&>(ad) = MakeObject(kAd, 3, seed, created, account_.ads.size());
    Inherit(account_.groups.back(), account_.groups.size() - 1, ad);
    ad.first_ad = static_cast<uint32_t>(account_.ads.size());
    ad.last_ad = ad.first_ad + 1;
    ad.volume = static_cast<uint32_t>(Between(Mix(seed, 11), 3, 40) * Between(Mix(seed, 12), 50, 500));
    ad.ctr = static_cast<uint32_t>(Between(Mix(seed, 13), 300, 3'000));
    ad.cpm = static_cast<uint32_t>(Between(Mix(seed, 14), 250, 1'200) * account_.price / 100);
    ad.cvr = static_cast<uint32_t>(Between(Mix(seed, 15), 0, 9'000));
    ad.presence = static_cast<uint32_t>(Between(Mix(seed, 16), 850, 1'020));
    ad.counts_conversions = Mix(seed, 17) % 2 == 0;
    account_.ads.push_back(std::move(ad));
    return account_.ads.back();
  }

  void AddLivelyAd(uint64_t seed, int64_t created) {
    // A fifth of the ads come later than their group.
    if (Mix(seed, 21) % 5 == 0)
      created += Between(Mix(seed, 22), 1, 30) * kDaySeconds + Between(Mix(seed, 23), 0, 80'000);
    Ad& ad = AddAd(seed, created);
    if (Mix(seed, 24) % 10 == 0) return;  // never delivers
    const absl::CivilDay day = DayIn(account_.zone, absl::FromUnixSeconds(ad.created));
    ad.first_day = static_cast<int32_t>(DayNumber(day) + Between(Mix(seed, 25), 0, 1));
    ad.last_day = ad.first_day + static_cast<int32_t>(Between(Mix(seed, 26), 12, 75));
    if (profile_.quiet_days > 0) {
      ad.last_day = std::min<int32_t>(ad.last_day, static_cast<int32_t>(anchor_ - profile_.quiet_days - 1));
    }
    if (Mix(seed, 27) % 20 == 0) ad.own_deleted = ad.deleted = DeletedAfter(seed, ad.last_day);
  }

  int64_t DeletedAfter(uint64_t seed, int64_t last_day) const {
    return (last_day + Between(Mix(seed, 31), 2, 60)) * kDaySeconds + Between(Mix(seed, 32), 0, kDaySeconds - 1);
  }

  Object MakeObject(Level level, uint32_t level_bits, uint64_t seed, int64_t created, size_t position) const {
    Object object;
    object.seed = seed;
    object.created = created;
    object.id = MakeId(created, level_bits, number_, static_cast<uint32_t>(position));
    object.modified = created + Between(Mix(seed, 41), 0, 20 * kDaySeconds);
    object.name = ObjectName(level, seed, static_cast<uint32_t>(position));
    return object;
  }

  static void Inherit(const Object& parent, size_t parent_index, Object& child) {
    child.parent = static_cast<uint32_t>(parent_index);
    child.buying = parent.buying;
    child.promote = parent.promote;
    child.smart_plus = parent.smart_plus;
  }

  int64_t LastDay(const Object& object) const {
    int64_t last = object.created / kDaySeconds;
    for (uint32_t i = object.first_ad; i < object.last_ad; ++i) {
      last = std::max<int64_t>({last, account_.ads[i].last_day, account_.ads[i].created / kDaySeconds});
    }
    return last;
  }

  void CloseGroup() {
    Object& group = account_.groups.back();
    group.last_ad = static_cast<uint32_t>(account_.ads.size());
    if (profile_.steady || Mix(group.seed, 51) % 20 != 0) return;
    group.own_deleted = group.deleted = DeletedAfter(group.seed, LastDay(group));
    DeleteAds(group);
  }

  void CloseCampaign() {
    Object& campaign = account_.campaigns.back();
    campaign.last_ad = static_cast<uint32_t>(account_.ads.size());
    if (profile_.steady || Mix(campaign.seed, 52) % 100 >= static_cast<uint64_t>(profile_.deleted_percent)) return;
    campaign.own_deleted = campaign.deleted = DeletedAfter(campaign.seed, LastDay(campaign));
    for (Object& group : account_.groups) {
      if (group.parent + 1 == account_.campaigns.size()) group.deleted = std::min(group.deleted, campaign.deleted);
    }
    DeleteAds(campaign);
  }

  void DeleteAds(const Object& parent) {
    for (uint32_t i = parent.first_ad; i < parent.last_ad; ++i) {
      account_.ads[i].deleted = std::min(account_.ads[i].deleted, parent.deleted);
    }
  }

  Account& account_;
  const AccountProfile& profile_;
  const uint32_t number_;
  const int64_t anchor_;
};

template <typename T>
std::vector<uint32_t> SortedNewestFirst(const std::vector<T>& objects) {
  std::vector<uint32_t> order(objects.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) { return objects[a].id > objects[b].id; });
  return order;
}

}  // namespace

uint64_t AccountId(const AccountProfile& profile, uint32_t number, absl::CivilDay anchor) {
  return MakeId(CreatedSecond(profile, number, anchor), 0, number, 0x1d);
}

Account BuildAccount(const AccountProfile& profile, uint64_t seed, uint32_t number, absl::CivilDay anchor) {
  Account account;
  account.profile = profile;
  account.seed = Mix(seed, 0xacc0, number);
  account.id = AccountId(profile, number, anchor);
  account.id_text = absl::StrCat(account.id);
  account.created = CreatedSecond(profile, number, anchor);
  account.zone = LoadZone(profile.display_timezone).value_or(absl::UTCTimeZone());
  for (const CurrencyRule& rule : kCurrencies) {
    if (rule.code != profile.currency) continue;
    account.places = rule.places;
    account.price = rule.price;
  }
  Builder(account, number, anchor).Build();
  account.campaigns_by_age = SortedNewestFirst(account.campaigns);
  account.groups_by_age = SortedNewestFirst(account.groups);
  account.ads_by_age = SortedNewestFirst(account.ads);
  return account;
}

}  // namespace tikhaul::simulator
