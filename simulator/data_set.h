// The accounts and their objects: a pure function of the data set's name, the seed and the anchor day.
#ifndef TIKHAUL_SIMULATOR_DATA_SET_H_
#define TIKHAUL_SIMULATOR_DATA_SET_H_

#include <cstdint>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/base/mutex.h"
#include "simulator/level.h"
#include "simulator/restated_days.h"

namespace tikhaul::simulator {

inline constexpr int64_t kNever = std::numeric_limits<int64_t>::max();

enum class Buying : uint8_t { kAuction, kReachAndFrequency, kTopView };

// A campaign, an ad group, or what an ad shares with them. Times are Unix seconds.
struct Object {
  uint64_t id = 0;    // 19 digits; larger is newer
  uint64_t seed = 0;  // of everything that the object shows
  int64_t created = 0;
  int64_t modified = 0;
  int64_t deleted = kNever;      // by itself or with its parent
  int64_t own_deleted = kNever;  // by itself
  uint32_t parent = 0;           // index in the level above
  uint32_t first_ad = 0;         // the ads below: [first_ad, last_ad)
  uint32_t last_ad = 0;
  Buying buying = Buying::kAuction;
  bool promote = false;     // made in the phone app: hidden by default, few fields (tiktok-api.md 6.1)
  bool smart_plus = false;  // upgraded Smart+ (tiktok-api.md 6.1, 8)
  std::string name;
};

struct Ad : Object {
  int32_t first_day = 0;  // delivers in [first_day, last_day], days since 1970 of the account
  int32_t last_day = -1;
  uint32_t volume = 0;              // impressions of a usual day
  uint32_t ctr = 0;                 // clicks per 100,000 impressions
  uint32_t cpm = 0;                 // minor units of the currency per 1,000 impressions
  uint32_t cvr = 0;                 // conversions per 100,000 clicks
  uint32_t presence = 0;            // days with delivery, of 1,024
  bool counts_conversions = false;  // what `result` means
};

// How an account was to be made.
struct AccountProfile {
  absl::string_view name;
  absl::string_view country;
  absl::string_view timezone;          // as advertiser/info/ gives it; may be an Etc/ name
  absl::string_view display_timezone;  // the days of reports
  absl::string_view currency;
  int age_days = 0;         // created so many days before the anchor
  double ads_per_day = 0;   // delivering
  int deleted_percent = 0;  // of campaigns
  int quiet_days = 0;       // nothing delivers in the last so many days before the anchor
  bool steady = false;      // every ad delivers on every day (benchmarks)
  // For so many days after its end conversions are added to a day (tiktok-api.md 4.8: 7 by default, up to 28).
  int click_window_days = 7;
  uint32_t videos = 0;      // in the creative library; 0: as usual
};

// Immutable once made. Parents stand before children; the ads of one object are neighbours.
struct Account {
  uint64_t id = 0;
  uint64_t seed = 0;
  AccountProfile profile;
  std::string id_text;
  absl::TimeZone zone;
  int64_t created = 0;
  int places = 2;                          // decimals of the currency: 2, or 0 for JPY
  uint32_t price = 100;                    // percent of the usual prices, in minor units
  const RestatedDays* restated = nullptr;  // the data set's; outlives the account
  std::vector<Object> campaigns;
  std::vector<Object> groups;
  std::vector<Ad> ads;
  // Positions, newest object first.
  std::vector<uint32_t> campaigns_by_age, groups_by_age, ads_by_age;
};

// The object at `index` of a level below the advertiser's.
const Object& ObjectAt(const Account& account, Level level, uint32_t index);
size_t ObjectCount(const Account& account, Level level);
// Positions of the level's objects, newest first.
const std::vector<uint32_t>& NewestFirst(const Account& account, Level level);

// The objects that the API no longer shows, in any list and whatever it is asked: those that were taken away by hand.
// Thread-safe.
class Removals {
 public:
  void Add(uint64_t id) ABSL_LOCKS_EXCLUDED(mu_);
  bool Has(uint64_t id) const ABSL_LOCKS_EXCLUDED(mu_);

 private:
  mutable Mutex mu_;
  absl::flat_hash_set<uint64_t> ids_ ABSL_GUARDED_BY(mu_);
};

inline bool Exists(const Object& object, int64_t now) { return object.created <= now; }
inline bool IsDeleted(const Object& object, int64_t now) { return object.deleted <= now; }

// Accounts are made at their first use. Thread-safe.
class DataSet {
 public:
  // `name`: quickstart, small, single, windows, scale:ADVERTISERS:ADS, agency:ADVERTISERS:IDLE_PERCENT:ADS or
  // videos:COUNT. Objects are made up to 400 days after `anchor`.
  static absl::StatusOr<std::unique_ptr<DataSet>> Make(absl::string_view name, uint64_t seed, absl::CivilDay anchor);

  size_t size() const { return profiles_.size(); }
  uint64_t IdAt(size_t index) const { return ids_[index]; }
  const AccountProfile& ProfileAt(size_t index) const { return profiles_[index]; }
  const Account& At(size_t index) const;
  // nullptr when the data set has no such account.
  const Account* Find(uint64_t id) const;
  Removals& removals() { return removals_; }
  const Removals& removals() const { return removals_; }
  // Days whose figures are changed while the simulator runs; all else stays as it was made.
  RestatedDays& restated() { return restated_; }

 private:
  struct Slot {
    std::once_flag once;
    Account account;
  };
  DataSet() = default;

  uint64_t seed_ = 0;
  absl::CivilDay anchor_;
  std::vector<std::string> owned_names_;
  std::vector<AccountProfile> profiles_;
  std::vector<uint64_t> ids_;
  absl::flat_hash_map<uint64_t, size_t> index_;
  RestatedDays restated_;
  mutable std::vector<std::unique_ptr<Slot>> slots_;
  Removals removals_;
};

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_DATA_SET_H_
