// Every return code of tiktok-api.md 3.5 from the API's answer to what becomes of the chunk and what the user is told.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/tiktok/client.h"
#include "common/tiktok/error_rules.h"
#include "coordinator/core/access.h"
#include "coordinator/core/lifecycle.h"

namespace tikhaul {
namespace {

using enum FailureClass;
using ::testing::HasSubstr;
using ::testing::Not;

struct CodeRow {
  int from, to;
  FailureClass failure_class;
  const char* mend;  // words of what the user is told
};

// In the order of the sheet, which gives the classes: R, T, A, P, F and S.
constexpr CodeRow kSheet[] = {
    {40000, 40000, kPermanent, "change what the API's words name"},
    {40001, 40001, kPermission, "grant the app this endpoint"},
    {40002, 40002, kPermanent, "name the parameter"},
    {40006, 40006, kPermanent, "update tikhaul"},
    {40051, 40051, kPermanent, "update tikhaul"},
    {40007, 40007, kPermanent, "does not exist"},
    {40008, 40008, kPermanent, "not offered here"},
    {40009, 40009, kPermanent, "sandbox"},
    {40013, 40014, kPermanent, "sandbox"},
    {40010, 40010, kPermanent, "api.base_url"},
    {40011, 40011, kTooBig, "ask for less"},
    {40016, 40016, kThrottled, "waits"},
    {40100, 40100, kThrottled, "waits"},
    {40133, 40133, kThrottled, "waits"},
    {40132, 40132, kThrottled, "waits"},
    {40050, 40050, kTransient, "tikhaul retry"},
    {40052, 40053, kPermanent, "tikhaul retry"},
    {40065, 40065, kPermanent, "tikhaul retry"},
    {40101, 40101, kAuth, "app's secret"},
    {40102, 40102, kAuth, "valid access token"},
    {40103, 40103, kAuth, "Marketing API"},
    {40107, 40108, kAuth, "Marketing API"},
    {40104, 40104, kAuth, "token file"},
    {40105, 40105, kAuth, "valid access token"},
    {40106, 40106, kAuth, "another TikTok user"},
    {40109, 40109, kAuth, "token file"},
    {40112, 40112, kAuth, "token file"},
    {40115, 40117, kAuth, "token file"},
    {40110, 40110, kAuth, "tikhaul auth url"},
    {40113, 40113, kAuth, "developer portal"},
    {40118, 40118, kPermission, "allowlist"},
    {40125, 40125, kPermission, "developer portal"},
    {40119, 40119, kPermission, "company"},
    {40121, 40122, kPermission, "creators"},
    {40124, 40124, kPermission, "developer profile"},
    {40131, 40131, kAuth, "token file"},
    {40200, 40202, kTransient, "tikhaul retry"},
    {40300, 40301, kPermission, "deleted or unknown"},
    {40502, 40502, kPermission, "number of ads"},
    {40700, 40700, kTransient, "tikhaul retry"},
    {40900, 40900, kPermanent, "tikhaul retry"},
    {40901, 40901, kTransient, "tikhaul retry"},
    {40902, 40915, kPermanent, "tikhaul retry"},
    {41000, 41000, kPermission, "country"},
    {41001, 41002, kPermanent, "switched"},
    {50000, 50000, kTransient, "tikhaul retry"},
    {50002, 50002, kTransient, "tikhaul retry"},
    {51010, 51010, kTransient, "tikhaul retry"},
    {51021, 51021, kThrottled, "waits"},
    {51305, 51305, kTransient, "tikhaul retry"},
    {55555, 55555, kTransient, "tikhaul retry"},
    {60001, 60001, kUnreachable, "tikhaul retry"},
    // Not in the sheet, or without a meaning there.
    {61000, 61000, kUnknownCode, "does not know this return code"},
    {40999, 40999, kUnknownCode, "does not know this return code"},
    {12345, 12345, kUnknownCode, "does not know this return code"},
};

const absl::Time kNow = absl::FromUnixSeconds(1'770'000'000);

Chunk RunningChunk() {
  Chunk chunk;
  chunk.id = 17;
  chunk.extract = "ads";
  chunk.connection = "main";
  chunk.advertiser = "7";
  chunk.window = {WindowKind::kDays, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 1, 30)};
  return DecideClaim(chunk, "worker-1", kNow, std::nullopt, false).chunk;
}

FailureOutcome OutcomeOf(const Chunk& chunk, int code) {
  Failure failure;
  failure.code = code;
  failure.message = "the API's words";
  failure.failure_class = ClassifyCode(code, failure.message);
  FailurePolicy policy;
  policy.access.advertiser = chunk.advertiser;
  policy.access.endpoint = "ad/get/";
  policy.closed_as = ClosedAs(code, failure.message);
  return DecideFailure(chunk, chunk.epoch, failure, kNow, 0.5, policy).value();
}

// Refused with the same code for ever: how many tries until the chunk is parked; 0: never.
int TriesUntilDead(int code) {
  Chunk chunk = RunningChunk();
  for (int tries = 1; tries <= 30; ++tries) {
    const FailureOutcome outcome = OutcomeOf(chunk, code);
    if (outcome.chunk.state == ChunkState::kDead) return tries;
    if (outcome.chunk.state != ChunkState::kReady) return -1;
    chunk = DecideClaim(outcome.chunk, "worker-1", absl::InfiniteFuture(), std::nullopt, false).chunk;
  }
  return 0;
}

void ExpectTreatment(FailureClass failure_class, int code) {
  const FailureOutcome outcome = OutcomeOf(RunningChunk(), code);
  EXPECT_EQ(outcome.pause_connection, failure_class == kAuth);
  EXPECT_EQ(outcome.access.has_value(), failure_class == kPermission);
  EXPECT_TRUE(!outcome.access.has_value() || IsClosed(outcome.access->state));
  EXPECT_EQ(outcome.dead_letter.has_value(), failure_class == kPermanent);
  EXPECT_EQ(outcome.chunk.state == ChunkState::kSplit, failure_class == kTooBig);
  if (outcome.dead_letter.has_value()) {
    EXPECT_THAT(outcome.dead_letter->message, HasSubstr("the API's words"));
    EXPECT_EQ(outcome.dead_letter->code, code);
  }
  const bool waits = failure_class != kPermanent && failure_class != kTooBig && failure_class != kAuth;
  EXPECT_EQ(outcome.chunk.not_before > kNow, waits);
  const int tries = failure_class == kPermanent     ? 1
                    : failure_class == kTransient   ? 12
                    : failure_class == kUnknownCode ? 6
                    : failure_class == kTooBig      ? -1
                                                    : 0;
  EXPECT_EQ(TriesUntilDead(code), tries);
}

class ReturnCodeTest : public testing::TestWithParam<CodeRow> {};

TEST_P(ReturnCodeTest, HasItsClassTreatmentAndMend) {
  for (int code = GetParam().from; code <= GetParam().to; ++code) {
    SCOPED_TRACE(code);
    EXPECT_FALSE(IsSuccessCode(code));
    EXPECT_EQ(ClassifyCode(code, "the API's words"), GetParam().failure_class);
    EXPECT_THAT(MendOf(GetParam().failure_class, code), HasSubstr(GetParam().mend));
    ExpectTreatment(GetParam().failure_class, code);
  }
}

INSTANTIATE_TEST_SUITE_P(Sheet, ReturnCodeTest, testing::ValuesIn(kSheet),
                         [](const auto& info) { return "Code" + std::to_string(info.param.from); });

// No rule of the client is without a row above, so that neither grows alone. 40067 and the wide 5xxxx stand elsewhere.
TEST(ReturnCodesTest, EveryRuleIsInTheTable) {
  for (const ErrorRule& rule : ErrorRules()) {
    if (rule.from == 40067) continue;
    for (int code = rule.from; code <= std::min(rule.to, rule.from + 20); ++code) {
      if (code / 10'000 == 5) continue;
      const bool found = std::any_of(std::begin(kSheet), std::end(kSheet),
                                     [&](const CodeRow& row) { return code >= row.from && code <= row.to; });
      EXPECT_TRUE(found) << code;
    }
  }
}

TEST(ReturnCodesTest, AnUnknownCodeIsParkedWithItsWords) {
  Chunk chunk = RunningChunk();
  absl::Duration waited;
  for (int tries = 1; tries < 6; ++tries) {
    const FailureOutcome outcome = OutcomeOf(chunk, 45678);
    ASSERT_EQ(outcome.chunk.state, ChunkState::kReady);
    waited += outcome.chunk.not_before - kNow;
    chunk = DecideClaim(outcome.chunk, "worker-1", absl::InfiniteFuture(), std::nullopt, false).chunk;
  }
  EXPECT_GT(waited, absl::Seconds(75));
  EXPECT_LT(waited, absl::Minutes(10));
  const FailureOutcome last = OutcomeOf(chunk, 45678);
  ASSERT_TRUE(last.dead_letter.has_value());
  EXPECT_EQ(last.dead_letter->reason, kUnknownCode);
  EXPECT_THAT(last.dead_letter->message,
              HasSubstr("given up after 6 failures of class unknown_code (the API's words)"));
}

TEST(ReturnCodesTest, EveryClassThatEndsInADeadLetterSaysWhatToDo) {
  for (const FailureClass failure_class : {kTransient, kPermanent, kTooBig, kTruncated, kDrift, kCrash, kUnknownCode}) {
    EXPECT_THAT(MendOf(failure_class, 0), HasSubstr("tikhaul retry"));
  }
  EXPECT_EQ(MendOf(kReleased, 0), "");
}

}  // namespace
}  // namespace tikhaul
