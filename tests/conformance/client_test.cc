// Our own client's requests against the simulator, which shares no code with it: every stream and preset is answered,
// and the answers decode without a rest. Shapes of reports: tests/contract/report.
#include <gmock/gmock.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "common/catalog/extract_shape.h"
#include "tests/unit/simulator/sim_fixture.h"
#include "worker/row_decoder.h"

namespace tikhaul::simulator {
namespace {

const Window kMay{WindowKind::kDays, absl::CivilDay(2026, 5, 1), absl::CivilDay(2026, 5, 30)};

class ClientTest : public SimTest {
 protected:
  std::string Store() const { return "749" + Account(0).substr(Account(0).size() - 16); }

  Window WindowFor(const v1::Extract& extract) const {
    switch (LongestWindowDays(extract)) {
      case 0:
        return Window{};
      case 180:
        return {WindowKind::kCreated, absl::CivilDay(2026, 1, 1), absl::CivilDay(2026, 6, 15)};
      default:
        return kMay;
    }
  }

  // The codes of all requests that the extract's plan makes; their first pages must decode.
  std::set<int> Ask(const v1::Extract& extract, uint64_t* rows = nullptr) {
    const v1::ReadPlan plan = CompileReadPlan(extract, "main", Account(0), WindowFor(extract));
    std::set<int> codes;
    for (const v1::ApiRequest& request : plan.requests()) {
      Params params;
      for (const v1::ApiParam& param : request.params()) params[param.name()] = param.value();
      if (plan.paged()) params["page_size"] = absl::StrCat(request.page_size());
      std::string body = sim_->Handle(CallFor(request.path(), params)).body;
      codes.insert(nlohmann::json::parse(body).value("code", -1));
      if (codes != std::set<int>{0}) return codes;
      auto decoder = RowDecoder::Make(plan);
      EXPECT_TRUE(decoder.ok()) << decoder.status();
      const auto page = decoder->Decode(body);
      EXPECT_TRUE(page.ok()) << extract.ShortDebugString() << page.status();
      if (!page.ok()) continue;
      if (rows != nullptr) *rows += page->rows;
      for (const auto& [name, count] : page->unknown_fields) unknown_.insert(extract.stream() + "." + name);
      EXPECT_TRUE(page->unparsed_values.empty())
          << extract.ShortDebugString() << " " << page->unparsed_values.begin()->first;
    }
    return codes;
  }

  std::set<std::string> unknown_;  // stream.field
};

TEST_F(ClientTest, EveryListOfTheCatalogueIsAnsweredAndDecodes) {
  for (const StreamSpec& stream : Streams()) {
    if (stream.kind == StreamKind::kReport) continue;
    v1::Extract extract;
    extract.set_name("x");
    extract.set_stream(std::string(stream.name));
    ASSERT_TRUE(CheckExtract(extract).empty()) << stream.name;
    uint64_t rows = 0;
    EXPECT_EQ(Ask(extract, &rows), std::set<int>{0}) << stream.name;
    EXPECT_GT(rows, 0u) << stream.name;
    if ((stream.filters & kCreationFilter) == 0) continue;
    extract.set_backfill_days(100);
    EXPECT_EQ(Ask(extract), std::set<int>{0}) << stream.name;
    extract.set_exclude_deleted(true);
    EXPECT_EQ(Ask(extract), std::set<int>{0}) << stream.name;
  }
  EXPECT_THAT(unknown_, ::testing::ElementsAre("portfolios.badge_show_time")) << "a field the sheet does not name";
}

TEST_F(ClientTest, EveryPresetIsAnswered) {
  for (const StreamSpec& stream : Streams()) {
    for (const PresetSpec& preset : stream.presets) {
      v1::Extract extract;
      extract.set_name("x");
      extract.set_stream(std::string(stream.name));
      for (const absl::string_view metric : preset.metrics) extract.add_metrics(std::string(metric));
      extract.add_dimensions("stat_time_day");
      if (stream.needs_breakdown) extract.add_dimensions("country_code");
      if (!stream.options.empty()) (*extract.mutable_options())["store_ids"] = absl::StrCat("[\"", Store(), "\"]");
      bool answered = false;
      for (const uint8_t level : {kAdLevel, kAdGroupLevel, kCampaignLevel}) {
        extract.set_level(std::string(LevelName(level)));
        if (!CheckExtract(extract).empty()) continue;
        EXPECT_EQ(Ask(extract), std::set<int>{0}) << preset.name;
        answered = true;
      }
      EXPECT_TRUE(answered) << preset.name;
    }
  }
  EXPECT_THAT(unknown_, ::testing::IsEmpty());
}

}  // namespace
}  // namespace tikhaul::simulator
