#include "common/model/chunk_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tikhaul {
namespace {

using testing::EndsWith;
using testing::IsEmpty;

std::string Written(LogLevel level, const ChunkLabel& label) {
  testing::internal::CaptureStderr();
  StartLog("trial", LogLevel::kInfo);
  LogChunk(level, "chunk lost", label, {{"reason", "as told"}});
  return testing::internal::GetCapturedStderr();
}

TEST(ChunkLogTest, NamesTheChunkFirst) {
  Chunk chunk;
  chunk.id = 17;
  chunk.epoch = 3;
  chunk.extract = "ads_daily";
  chunk.advertiser = "7001";
  EXPECT_THAT(Written(LogLevel::kWarning, LabelOf(chunk, "2026ABC")),
              EndsWith("\"event\":\"chunk lost\",\"chunk\":\"17\",\"epoch\":\"3\",\"extract\":\"ads_daily\","
                       "\"advertiser\":\"7001\",\"request_id\":\"2026ABC\",\"reason\":\"as told\"}\n"));
}

TEST(ChunkLogTest, WhatIsNotKnownIsThereAllTheSame) {
  EXPECT_THAT(Written(LogLevel::kInfo, {.chunk = 4}),
              EndsWith("\"chunk\":\"4\",\"epoch\":\"0\",\"extract\":\"\",\"advertiser\":\"\",\"request_id\":\"\","
                       "\"reason\":\"as told\"}\n"));
}

TEST(ChunkLogTest, WhatIsAboutNoChunkNamesNone) {
  EXPECT_THAT(Written(LogLevel::kInfo, {.request_id = "2026ABC"}),
              EndsWith("\"event\":\"chunk lost\",\"request_id\":\"2026ABC\",\"reason\":\"as told\"}\n"));
}

TEST(ChunkLogTest, LevelsBelowTheLowestAreNotWritten) {
  EXPECT_THAT(Written(LogLevel::kDebug, {.chunk = 4}), IsEmpty());
}

}  // namespace
}  // namespace tikhaul
