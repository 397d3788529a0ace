#include "worker/row_decoder.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/unit/worker/plans.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

constexpr auto kDimension = v1::ColumnPlan::SOURCE_DIMENSION;
constexpr auto kMetric = v1::ColumnPlan::SOURCE_METRIC;
constexpr auto kField = v1::ColumnPlan::SOURCE_FIELD;

absl::StatusOr<DecodedPage> Decode(const v1::ReadPlan& plan, std::string body, DecoderOptions options = {}) {
  absl::StatusOr<RowDecoder> decoder = RowDecoder::Make(plan, 0, options);
  if (!decoder.ok()) return decoder.status();
  return decoder->Decode(body);
}

// One row with one metric of the given type; `json` is its value.
DecodedPage DecodeMetric(v1::ColumnType type, const std::string& json) {
  v1::ReadPlan plan;
  plan.set_rows_member("list");
  AddColumn(&plan, kMetric, "m", type);
  absl::StatusOr<DecodedPage> page = Decode(plan, AnswerOf(absl::StrCat(R"({"list":[{"metrics":{"m":)", json, "}}]}")));
  EXPECT_TRUE(page.ok()) << page.status() << " " << json;
  return page.ok() ? *std::move(page) : DecodedPage{};
}

const Column& Cells(const DecodedPage& page, size_t column) { return page.batches.at(0).columns.at(column); }
// The cell of DecodeMetric's page as text, "null" without a value.
std::string Shown(const DecodedPage& page) {
  const Column& cells = Cells(page, 0);
  if (!cells.HasValue(0)) return "null";
  if (IsText(cells.type())) return std::string(cells.Text(0));
  return cells.type() == ColumnType::kDecimal ? FormatDecimal(cells.DecimalAt(0)) : absl::StrCat(cells.Number(0));
}
// Contents of _extra or _raw in row 0, "null" without.
std::string Kept(const DecodedPage& page, size_t from_end) {
  const Column& cells = Cells(page, page.batches.at(0).columns.size() - from_end);
  return cells.HasValue(0) ? std::string(cells.Text(0)) : "null";
}
std::string Extra(const DecodedPage& page) { return Kept(page, 2); }
std::string Raw(const DecodedPage& page) { return Kept(page, 1); }

TEST(RowDecoderTest, ReportRowsBecomeColumns) {
  const auto page =
      Decode(ReportPlan(), AnswerOf(R"({"page_info":{"page":1,"page_size":1000,"total_number":2,"total_page":1},
    "list":[
    {"dimensions":{"ad_id":"1714125051115569123","stat_time_day":"2021-10-25 00:00:00"},
     "metrics":{"spend":"20.00","clicks":"69","ad_name":"some \"text\" \ud83d\ude00"}},
    {"metrics":{"ad_name":null,"clicks":"116.0","spend":"0.2899"},
     "dimensions":{"stat_time_day":"2021-10-26","ad_id":1714125042508817321}}]})"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->rows, 2u);
  ASSERT_TRUE(page->page_info.has_value());
  EXPECT_EQ(page->page_info->total_number, 2);
  EXPECT_EQ(page->page_info->page_size, 1000);
  ASSERT_EQ(page->batches.size(), 1u);
  ASSERT_EQ(page->batches[0].columns.size(), 7u);
  EXPECT_EQ(page->batches[0].rows, 2u);
  EXPECT_EQ(Cells(*page, 0).Text(0), "1714125051115569123");
  EXPECT_EQ(Cells(*page, 0).Text(1), "1714125042508817321");
  EXPECT_EQ(Cells(*page, 1).Number(0), 18925);
  EXPECT_EQ(Cells(*page, 1).Number(1), 18926);
  EXPECT_EQ(FormatDecimal(Cells(*page, 2).DecimalAt(0)), "20.0000");
  EXPECT_EQ(FormatDecimal(Cells(*page, 2).DecimalAt(1)), "0.2899");
  EXPECT_EQ(Cells(*page, 3).Number(0), 69);
  EXPECT_EQ(Cells(*page, 3).Number(1), 116);
  EXPECT_EQ(Cells(*page, 4).Text(0), "some \"text\" \xf0\x9f\x98\x80");
  EXPECT_FALSE(Cells(*page, 4).HasValue(1));
  EXPECT_FALSE(Cells(*page, 5).HasValue(0));
  EXPECT_FALSE(Cells(*page, 6).HasValue(0));
  EXPECT_THAT(page->unknown_fields, IsEmpty());
  EXPECT_THAT(page->unparsed_values, IsEmpty());
}

TEST(RowDecoderTest, NumbersInAllSpellings) {
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_INT64, R"("10505.0")")), "10505");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_INT64, "10505.00")), "10505");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_INT64, "9007199254740993")), "9007199254740993");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_INT64, "-3")), "-3");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, R"("20.000")")), "20.000");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, "0.1")), "0.1");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, "1.2e3")), "1200");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, R"("1234")")), "1234");  // JPY has no decimals
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, R"("\u0031.5")")), "1.5");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_BOOL, "true")), "1");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_BOOL, R"("false")")), "0");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_BOOL, "1")), "1");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_TIMESTAMP, R"("2021-10-25 13:00:00")")), "1635166800");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_LOCAL_HOUR, R"("2021-10-25 13:00:00")")), "1635166800");
}

TEST(RowDecoderTest, TextsInAllSpellings) {
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_STRING, R"("a\u0000\n\\\"\/b")")), std::string("a\0\n\\\"/b", 7));
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_STRING, "1714125051115569123")), "1714125051115569123");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_STRING, "true")), "true");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_STRING, R"("")")), "");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_STRING, R"("  ")")), "  ");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_JSON, R"([ "a b" , {"c" : [1, 2.50 ] } ])")),
            R"(["a b",{"c":[1,2.50]}])");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_JSON, R"("text")")), R"("text")");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_JSON, "[]")), "[]");
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_JSON, "12")), "12");
}

TEST(RowDecoderTest, NoValueIsNullWithoutTrace) {
  for (const v1::ColumnType type :
       {v1::COLUMN_TYPE_INT64, v1::COLUMN_TYPE_DECIMAL, v1::COLUMN_TYPE_STRING, v1::COLUMN_TYPE_DATE,
        v1::COLUMN_TYPE_TIMESTAMP, v1::COLUMN_TYPE_JSON, v1::COLUMN_TYPE_BOOL}) {
    for (const char* json : {R"("-")", "null"}) {
      const DecodedPage page = DecodeMetric(type, json);
      EXPECT_EQ(Shown(page), "null") << json;
      EXPECT_EQ(Raw(page), "null") << json;
      EXPECT_THAT(page.unparsed_values, IsEmpty()) << json;
    }
  }
  EXPECT_EQ(Shown(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, R"("")")), "null");
}

TEST(RowDecoderTest, WhatDoesNotParseIsKept) {
  const struct {
    v1::ColumnType type;
    std::string json;
  } cases[] = {{v1::COLUMN_TYPE_INT64, R"("<5")"},        {v1::COLUMN_TYPE_INT64, "1.5"},
               {v1::COLUMN_TYPE_INT64, "true"},           {v1::COLUMN_TYPE_INT64, R"("a\"b")"},
               {v1::COLUMN_TYPE_INT64, R"({"x":[1]})"},   {v1::COLUMN_TYPE_DECIMAL, R"("99999999999999999999")"},
               {v1::COLUMN_TYPE_DECIMAL, "[]"},           {v1::COLUMN_TYPE_DECIMAL, "1e400"},
               {v1::COLUMN_TYPE_DATE, R"("2025-02-30")"}, {v1::COLUMN_TYPE_TIMESTAMP, "true"},
               {v1::COLUMN_TYPE_BOOL, R"("maybe")"},      {v1::COLUMN_TYPE_STRING, R"(["a"])"}};
  for (const auto& [type, json] : cases) {
    const DecodedPage page = DecodeMetric(type, json);
    EXPECT_EQ(Shown(page), "null") << json;
    EXPECT_EQ(Raw(page), absl::StrCat(R"({"m":)", json, "}"));
    EXPECT_THAT(page.unparsed_values, ElementsAre(Pair("m", 1))) << json;
  }
}

TEST(RowDecoderTest, DecimalsBeyondADoubleAreKeptExactlyToo) {
  const DecodedPage page = DecodeMetric(v1::COLUMN_TYPE_DECIMAL, R"("1234567890.1234567")");
  EXPECT_EQ(Shown(page), "1234567890.1234567");
  EXPECT_EQ(Raw(page), R"({"m":"1234567890.1234567"})");
  EXPECT_THAT(page.unparsed_values, IsEmpty());
  EXPECT_EQ(Raw(DecodeMetric(v1::COLUMN_TYPE_DECIMAL, "1234567890.12345")), "null");
}

TEST(RowDecoderTest, KeysWithoutAValueAreEmptyOrZero) {
  v1::ReadPlan plan;
  plan.set_rows_member("list");
  AddColumn(&plan, kDimension, "country_code", v1::COLUMN_TYPE_STRING, true);
  AddColumn(&plan, kDimension, "stat_time_day", v1::COLUMN_TYPE_DATE, true);
  const auto page = Decode(plan, AnswerOf(R"({"list":[{"dimensions":{"country_code":"-"}},{"dimensions":null},{}]})"));
  ASSERT_TRUE(page.ok()) << page.status();
  for (size_t row = 0; row < 3; ++row) {
    EXPECT_TRUE(Cells(*page, 0).HasValue(row));
    EXPECT_EQ(Cells(*page, 0).Text(row), "");
    EXPECT_TRUE(Cells(*page, 1).HasValue(row));
    EXPECT_EQ(Cells(*page, 1).Number(row), 0);
  }
}

TEST(RowDecoderTest, UnknownMembersAreKeptAndCounted) {
  const auto page = Decode(ReportPlan(), AnswerOf(R"({"total_metrics":{"spend":"1"},"list":[
    {"dimensions":{"ad_id":"1","new_dim":"x"},"metrics":{"spend":"1","odd\u0020\"name":[1, 2],"ad_name":"n"},"ad_text_list":["a", "b"]},
    {"dimensions":{"ad_id":"2","new_dim":null},"metrics":{"spend":"2"}}]})"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(Cells(*page, 5).Text(0), R"({"new_dim":"x","odd\u0020\"name":[1,2],"ad_text_list":["a","b"]})");
  EXPECT_EQ(Cells(*page, 5).Text(1), R"({"new_dim":null})");
  EXPECT_THAT(page->unknown_fields,
              UnorderedElementsAre(Pair("new_dim", 2), Pair("odd \"name", 1), Pair("ad_text_list", 1)));
}

TEST(RowDecoderTest, AliasGivesWayToTheMemberItself) {
  v1::ReadPlan plan;
  plan.set_rows_member("list");
  AddColumn(&plan, kDimension, "interest_category", v1::COLUMN_TYPE_STRING, true)->add_aliases("interest_category_v2");
  const auto page = Decode(plan, AnswerOf(R"({"list":[{"dimensions":{"interest_category_v2":"1"}},
    {"dimensions":{"interest_category_v2":"1","interest_category":"2"}},
    {"dimensions":{"interest_category":"2","interest_category_v2":"1"}}]})"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(Cells(*page, 0).Text(0), "1");
  EXPECT_EQ(Cells(*page, 0).Text(1), "2");
  EXPECT_EQ(Cells(*page, 0).Text(2), "2");
  EXPECT_FALSE(Cells(*page, 1).HasValue(0));
  EXPECT_EQ(Cells(*page, 1).Text(1), R"({"interest_category_v2":"1"})");
  EXPECT_EQ(Cells(*page, 1).Text(2), R"({"interest_category_v2":"1"})");
}

TEST(RowDecoderTest, AgeLosesItsTrailingBlank) {
  v1::ReadPlan plan;
  plan.set_rows_member("list");
  AddColumn(&plan, kDimension, "age", v1::COLUMN_TYPE_STRING, true);
  AddColumn(&plan, kMetric, "age_note", v1::COLUMN_TYPE_STRING);
  const auto page =
      Decode(plan, AnswerOf(R"({"list":[{"dimensions":{"age":"AGE_18_24 "},"metrics":{"age_note":"x "}}]})"));
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(Cells(*page, 0).Text(0), "AGE_18_24");
  EXPECT_EQ(Cells(*page, 1).Text(0), "x ");
}

TEST(RowDecoderTest, EntityRowsAreFlat) {
  v1::ReadPlan plan;
  plan.set_rows_member("interest_categories");
  AddColumn(&plan, kField, "id", v1::COLUMN_TYPE_STRING, true);
  AddColumn(&plan, kField, "name", v1::COLUMN_TYPE_STRING);
  AddColumn(&plan, kField, "budget", v1::COLUMN_TYPE_DECIMAL);
  AddColumn(&plan, kField, "sub_category_ids", v1::COLUMN_TYPE_JSON);
  const auto page = Decode(
      plan,
      AnswerOf(
          R"({"interest_categories":[{"id":"10","name":"-","budget":"-","sub_category_ids":["10100"],"metrics":{"a":1}},{"id":11,"budget":0.0}]})"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(Cells(*page, 0).Text(1), "11");
  EXPECT_EQ(Cells(*page, 1).Text(0), "-");  // somebody's name for it
  EXPECT_FALSE(Cells(*page, 2).HasValue(0));
  EXPECT_TRUE(Cells(*page, 2).HasValue(1));
  EXPECT_EQ(Cells(*page, 3).Text(0), R"(["10100"])");
  EXPECT_FALSE(Cells(*page, 3).HasValue(1));
  EXPECT_EQ(Cells(*page, 4).Text(0), R"({"metrics":{"a":1}})");
  EXPECT_FALSE(page->page_info.has_value());
}

TEST(RowDecoderTest, MembersThatAreKnownAndNotKeptLeaveNoTrace) {
  v1::ReadPlan plan;
  plan.set_rows_member("pixels");
  plan.add_left_out("pixel_script");
  AddColumn(&plan, kField, "pixel_id", v1::COLUMN_TYPE_STRING, true);
  const auto page = Decode(plan, AnswerOf(R"({"pixels":[{"pixel_script":"<a \"b\">","pixel_id":"1","new":2}]})"));
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(Cells(*page, 0).Text(0), "1");
  EXPECT_EQ(Cells(*page, 1).Text(0), R"({"new":2})");
  EXPECT_EQ(page->unknown_fields.size(), 1u);
}

TEST(RowDecoderTest, TheListMayBeLeftOutWhereThereAreNoRows) {
  const auto info = [](int total) {
    return absl::StrCat(R"({"page_info":{"page":1,"page_size":10,"total_number":)", total, R"(,"total_page":1}})");
  };
  EXPECT_TRUE(Decode(ReportPlan(), AnswerOf(info(0))).ok());
  EXPECT_FALSE(Decode(ReportPlan(), AnswerOf(info(3))).ok());
}

TEST(RowDecoderTest, EmptyListsAreNoRows) {
  for (const char* data : {R"({"list":[]})", R"({"list":null})", R"({"list":[],"page_info":null})"}) {
    const auto page = Decode(ReportPlan(), AnswerOf(data));
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_EQ(page->rows, 0u);
    EXPECT_TRUE(page->batches.empty());
  }
}

TEST(RowDecoderTest, OtherShapesAreDataLoss) {
  const std::string bodies[] = {
      "",
      "null",
      "[]",
      "{}",
      AnswerOf("null"),
      AnswerOf("{}"),
      AnswerOf("[]"),
      AnswerOf(R"({"list":{}})"),
      AnswerOf(R"({"list":[1]})"),
      AnswerOf(R"({"list":[[]]})"),
      AnswerOf(R"({"list":[{"metrics":[]}]})"),
      AnswerOf(R"({"list":[{"metrics":{"spend":nul}}]})"),
      AnswerOf(R"({"list":[{"metrics":{"spend":01}}]})"),
      AnswerOf(R"({"list":[{"metrics":{"spend":"\q"}}]})"),
      AnswerOf(R"({"list":[{"metrics":{"other":[1 2]}}]})"),
      AnswerOf(R"({"list":[{"metrics":{"other":{"a"}}}]})"),
      AnswerOf(R"({"list":[{"metrics":{"spend" "1"}}]})"),
      AnswerOf(R"({"list":[{"metrics":{"spend":"1",}}]})"),
      AnswerOf(R"({"list":[],"page_info":{"total_number":"x"}})"),
      AnswerOf(R"({"list":[],"page_info":{"total_number":-1}})"),
      AnswerOf(R"({"list":[]})") + "{}",
      AnswerOf("{\"list\":[{\"metrics\":{\"ad_name\":\"\xff\"}}]}"),
      AnswerOf("{\"list\":[{\"metrics\":{\"ad_name\":\"\x01\"}}]}"),
      AnswerOf(R"({"list":[{"metrics":{"spend":"1"}})"),
  };
  for (const std::string& body : bodies) {
    const auto page = Decode(ReportPlan(), body);
    EXPECT_EQ(page.status().code(), absl::StatusCode::kDataLoss) << body;
    EXPECT_THAT(std::string(page.status().message()), HasSubstr("does not parse")) << body;
  }
}

TEST(RowDecoderTest, EveryCutOfAnAnswerIsRefused) {
  const std::string whole = ReportPage(1, 10, 2, 2);
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_FALSE(Decode(ReportPlan(), whole.substr(0, length)).ok()) << length;
  }
  EXPECT_TRUE(Decode(ReportPlan(), whole).ok());
}

TEST(RowDecoderTest, DeepNestingIsRefusedOrKeptButNeverACrash) {
  const auto nested = [](size_t depth) {
    return AnswerOf(
        absl::StrCat(R"({"list":[{"metrics":{"other":)", std::string(depth, '['), std::string(depth, ']'), "}}]}"));
  };
  EXPECT_TRUE(Decode(ReportPlan(), nested(500)).ok());
  EXPECT_FALSE(Decode(ReportPlan(), nested(1'000'000)).ok());
}

TEST(RowDecoderTest, LargePagesAreSplitIntoBatches) {
  DecoderOptions options;
  options.batch_bytes = 500;
  const auto page = Decode(ReportPlan(), ReportPage(1, 100, 100, 100), options);
  ASSERT_TRUE(page.ok());
  EXPECT_EQ(page->rows, 100u);
  EXPECT_GT(page->batches.size(), 5u);
  size_t rows = 0;
  for (const RowBatch& batch : page->batches) {
    EXPECT_GT(batch.rows, 0u);
    for (const Column& column : batch.columns) EXPECT_EQ(column.size(), batch.rows);
    rows += batch.rows;
  }
  EXPECT_EQ(rows, 100u);
}

TEST(RowDecoderTest, RowThatCannotBeSentIsRefused) {
  DecoderOptions options;
  options.max_row_bytes = 1000;
  const auto page =
      Decode(ReportPlan(),
             AnswerOf(absl::StrCat(R"({"list":[{"metrics":{"ad_name":")", std::string(2000, 'x'), "\"}}]}")), options);
  EXPECT_EQ(page.status().code(), absl::StatusCode::kOutOfRange);
}

TEST(RowDecoderTest, DecimalsThatShareNoScaleGoToSeparateBatches) {
  v1::ReadPlan plan;
  plan.set_rows_member("list");
  AddColumn(&plan, kMetric, "m", v1::COLUMN_TYPE_DECIMAL);
  const std::vector<std::string> values = {"9223372036854775807", "0.000000000000000001", "-9223372036854775807", "1.5",
                                           "2.25"};
  std::string list;
  for (const std::string& value : values)
    absl::StrAppend(&list, list.empty() ? "" : ",", R"({"metrics":{"m":")", value, "\"}}");
  const auto page = Decode(plan, AnswerOf(absl::StrCat("{\"list\":[", list, "]}")));
  ASSERT_TRUE(page.ok()) << page.status();
  std::vector<std::string> read;
  for (const RowBatch& batch : page->batches) {
    for (size_t row = 0; row < batch.rows; ++row) {
      EXPECT_TRUE(batch.columns[0].HasValue(row));
      read.push_back(FormatDecimal(Normalize(batch.columns[0].DecimalAt(row))));
    }
  }
  EXPECT_EQ(read, values);
  EXPECT_THAT(page->unparsed_values, IsEmpty());
}

TEST(RowDecoderTest, ReusedDecoderForgetsThePageBefore) {
  auto decoder = RowDecoder::Make(ReportPlan());
  ASSERT_TRUE(decoder.ok());
  std::string broken = AnswerOf(R"({"list":[{"dimensions":{"ad_id":"1"},"metrics":{"bad":"x","spend":tru}}]})");
  EXPECT_FALSE(decoder->Decode(broken).ok());
  std::string good = ReportPage(1, 2, 1, 1);
  const auto page = decoder->Decode(good);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->rows, 1u);
  EXPECT_THAT(page->unknown_fields, IsEmpty());
  EXPECT_EQ(Extra(*page), "null");
}

TEST(RowDecoderTest, PlansWithoutSenseAreRefused) {
  v1::ReadPlan plan = ReportPlan();
  plan.clear_rows_member();
  EXPECT_EQ(RowDecoder::Make(plan).status().code(), absl::StatusCode::kInvalidArgument);
  plan = ReportPlan();
  plan.mutable_columns(0)->set_source(v1::ColumnPlan::SOURCE_UNSPECIFIED);
  EXPECT_EQ(RowDecoder::Make(plan).status().code(), absl::StatusCode::kInvalidArgument);
  plan = ReportPlan();
  plan.mutable_columns(0)->set_type(v1::COLUMN_TYPE_UNSPECIFIED);
  EXPECT_EQ(RowDecoder::Make(plan).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace tikhaul
