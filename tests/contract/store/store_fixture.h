// The common part of the contract's tests: an empty store, short ways to write and read it, sample facts.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_STORE_FIXTURE_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_STORE_FIXTURE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/base/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/contract/store/store_harness.h"

// Variadic, so that lambdas with commas may stand inside.
#define ASSERT_OK(...)                                      \
  do {                                                      \
    const absl::Status assert_ok_status = (__VA_ARGS__);    \
    ASSERT_TRUE(assert_ok_status.ok()) << assert_ok_status; \
  } while (false)
#define EXPECT_OK(...)                                      \
  do {                                                      \
    const absl::Status expect_ok_status = (__VA_ARGS__);    \
    EXPECT_TRUE(expect_ok_status.ok()) << expect_ok_status; \
  } while (false)

namespace tikhaul {

inline absl::CivilDay Day(int day, int month = 3) { return absl::CivilDay(2026, month, day); }
inline Window Days(int first, int last) { return {.kind = WindowKind::kDays, .first = Day(first), .last = Day(last)}; }
inline absl::Time At(int64_t seconds) { return absl::FromUnixSeconds(1'770'000'000 + seconds); }

class StoreContract : public testing::TestWithParam<StoreKind> {
 protected:
  StoreContract() : harness_(GetParam().make()) {}

  Store& store() { return harness_->store(); }
  StoreHarness& harness() { return *harness_; }

  // Runs one call in a transaction of its own: Write([&](StoreTransaction& tx) { return tx.PutCursor(cursor); }).
  absl::Status Write(const std::function<absl::Status(StoreTransaction&)>& work) { return store().Write(work); }

  // The value of one reading call: Get([&](StoreReader& r) { return r.GetChunk(1); }); fails the test on errors.
  template <typename Call>
  auto Get(Call call) {
    decltype(call(std::declval<StoreReader&>())) result = absl::UnknownError("not called");
    EXPECT_OK(store().Read([&](StoreReader& reader) {
      result = call(reader);
      return result.status();
    }));
    using Value = typename decltype(result)::value_type;
    return result.ok() ? *std::move(result) : Value{};
  }

  static Chunk MakeChunk(const std::string& run, const std::string& advertiser, Window window) {
    Chunk chunk;
    chunk.run_id = run;
    chunk.extract = "ads_daily";
    chunk.connection = "main";
    chunk.advertiser = advertiser;
    chunk.window = window;
    return chunk;
  }
  // Stores the chunks and returns them as stored, in order of their ids.
  std::vector<Chunk> Insert(const std::vector<Chunk>& chunks) {
    EXPECT_OK(Write([&](StoreTransaction& tx) { return tx.InsertChunks(chunks).status(); }));
    return Get([](StoreReader& r) { return r.ListChunks({}, 0, 0); });
  }
  void Update(const Chunk& chunk) {
    EXPECT_OK(Write([&](StoreTransaction& tx) { return tx.UpdateChunk(chunk); }));
  }
  Chunk Reread(ChunkId id) {
    return Get([&](StoreReader& r) { return r.GetChunk(id); }).value_or(Chunk{});
  }

 private:
  std::unique_ptr<StoreHarness> harness_;
};

inline std::string StoreName(const testing::TestParamInfo<StoreKind>& info) { return info.param.name; }

template <typename Chunks>
std::vector<ChunkId> IdsOf(const Chunks& chunks) {
  std::vector<ChunkId> ids;
  for (const Chunk& chunk : chunks) ids.push_back(chunk.id);
  return ids;
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_STORE_FIXTURE_H_
