// A store of its own, extracts from a few lines of YAML, and short forms for days and instants.
#ifndef TIKHAUL_TESTS_UNIT_COORDINATOR_COORDINATOR_TEST_UTIL_H_
#define TIKHAUL_TESTS_UNIT_COORDINATOR_COORDINATOR_TEST_UTIL_H_

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/civil.h"
#include "common/config/config.h"
#include "coordinator/extract_registry.h"
#include "coordinator/store/store.h"
#include "tests/support/scratch_folder.h"

#define ASSERT_OK(expr)                                     \
  do {                                                      \
    const absl::Status assert_ok_status = (expr);           \
    ASSERT_TRUE(assert_ok_status.ok()) << assert_ok_status; \
  } while (false)
#define EXPECT_OK(expr)                                     \
  do {                                                      \
    const absl::Status expect_ok_status = (expr);           \
    EXPECT_TRUE(expect_ok_status.ok()) << expect_ok_status; \
  } while (false)

namespace tikhaul {

inline constexpr char kAdvertiserId[] = "7001000000000000001";

inline absl::CivilDay Day(absl::string_view text) { return ParseDay(text).value(); }
// "2026-03-01 12:00:00" of UTC.
inline absl::Time Utc(absl::string_view text) {
  return absl::FromCivil(ParseCivilSecond(text).value(), absl::UTCTimeZone());
}
inline Window Days(absl::string_view first, absl::string_view last) {
  return {.kind = WindowKind::kDays, .first = Day(first), .last = Day(last)};
}

// The configuration with `extracts` ("- {name: ...}" lines, two spaces in front).
inline v1::Config ConfigOf(absl::string_view extracts, const std::string& folder) {
  const absl::StatusOr<v1::Config> config = ParseConfig(
      absl::StrCat("app: {id: \"7009\"}\nconnections:\n  - {name: main, token_file: token, advertisers: [\"",
                   kAdvertiserId, "\"]}\nextracts:\n", extracts),
      "tikhaul.yaml", folder);
  EXPECT_TRUE(config.ok()) << config.status();
  return config.value();
}

inline constexpr char kAdsDaily[] =
    "  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day], metrics: [spend, clicks]}\n";

// A new SQLite store with the extracts registered.
class StoreWithExtracts {
 public:
  explicit StoreWithExtracts(absl::string_view extracts = kAdsDaily)
      : config(ConfigOf(extracts, folder_.path())),
        store(OpenStore("sqlite:" + folder_.Path("store.db")).value()),
        registry(ExtractRegistry::Register(config, *store).value()) {}

 private:
  ScratchFolder folder_;

 public:
  const v1::Config config;
  const std::unique_ptr<Store> store;
  const ExtractRegistry registry;

  void Write(const std::function<absl::Status(StoreTransaction&)>& work) const { EXPECT_OK(store->Write(work)); }
};

inline Advertiser AdvertiserIn(absl::string_view zone, absl::Time created = absl::InfinitePast()) {
  return {.id = kAdvertiserId,
          .connection = "main",
          .name = "Shoes",
          .timezone = std::string(zone),
          .currency = "USD",
          .status = "STATUS_ENABLE",
          .created = created};
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_COORDINATOR_COORDINATOR_TEST_UTIL_H_
