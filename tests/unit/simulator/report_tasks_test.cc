// Asynchronous reports (tiktok-api.md 5).
#include <gmock/gmock.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class ReportTasksTest : public SimTest {
 protected:
  // The same report as AdDays(), without deleted ads, as a task wants it.
  json Body(size_t account = 0) const {
    return {{"advertiser_id", Account(account)},
            {"report_type", "BASIC"},
            {"data_level", "AUCTION_AD"},
            {"dimensions", {"ad_id", "stat_time_day"}},
            {"metrics", {"spend", "impressions", "clicks"}},
            {"start_date", "2026-05-01"},
            {"end_date", "2026-05-30"},
            {"enable_report_title_translation", false}};
  }
  json Post(const std::string& path, const json& body) {
    Call call = CallFor(path, {});
    call.method = "POST";
    call.body = body.dump();
    return json::parse(sim_->Handle(call).body, nullptr, false);
  }
  std::string Create(const json& body) {
    const json answer = Post("report/task/create/", body);
    EXPECT_EQ(answer.value("code", -1), 0) << answer.dump();
    return answer["data"].value("task_id", "");
  }
  Params Of(const std::string& task, size_t account = 0) const {
    return {{"advertiser_id", Account(account)}, {"task_id", task}};
  }
  std::string Status(const std::string& task) {
    return Get("report/task/check/", Of(task))["data"].value("status", "");
  }
  WireAnswer Download(const std::string& task, size_t account = 0) {
    return sim_->Handle(CallFor("report/task/download/", Of(task, account)));
  }
  // The data lines, unquoted as far as plain figures go, sorted.
  static std::vector<std::string> Lines(std::string csv) {
    csv.erase(std::remove(csv.begin(), csv.end(), '"'), csv.end());
    csv.erase(std::remove(csv.begin(), csv.end(), '\r'), csv.end());
    std::vector<std::string> lines = absl::StrSplit(csv, '\n', absl::SkipEmpty());
    if (!lines.empty()) lines.erase(lines.begin());
    std::sort(lines.begin(), lines.end());
    return lines;
  }
};

TEST_F(ReportTasksTest, ATaskWaitsWorksAndSucceeds) {
  const std::string task = Create(Body());
  EXPECT_EQ(Status(task), "QUEUING");
  EXPECT_EQ(json::parse(Download(task).body)["code"], 40201);
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Status(task), "PROCESSING");
  clock_.Advance(absl::Seconds(1));
  EXPECT_EQ(Status(task), "SUCCESS");
  EXPECT_EQ(Download(task).content_type, "text/csv; charset=utf-8");
}

TEST_F(ReportTasksTest, GivesTheFiguresOfTheSynchronousReport) {
  for (size_t account = 0; account < 2; ++account) {
    Params params = AdDays(account);
    params.erase("filtering");
    std::vector<std::string> expected;
    for (const json& row : AllRows("report/integrated/get/", params)) {
      const auto of = [&](const char* part, const char* name) { return row[part][name].get<std::string>(); };
      expected.push_back(absl::StrCat(of("dimensions", "ad_id"), ",", of("dimensions", "stat_time_day"), ",",
                                      of("metrics", "spend"), ",", of("metrics", "impressions"), ",",
                                      of("metrics", "clicks")));
    }
    std::sort(expected.begin(), expected.end());
    ASSERT_FALSE(expected.empty());
    const std::string task = Create(Body(account));
    clock_.Advance(absl::Seconds(3));
    EXPECT_EQ(Lines(Download(task, account).body), expected);
  }
}

TEST_F(ReportTasksTest, LooksAtAllObjectsAndAtAnySpan) {
  options_.object_limit = 2;
  Remake();
  json body = Body();
  body["start_date"] = "2025-01-01";
  const std::string task = Create(body);
  clock_.Advance(absl::Seconds(3));
  const WireAnswer answer = Download(task);
  EXPECT_THAT(Lines(answer.body).size(), ::testing::Gt(60u));
  for (const auto& [name, value] : answer.headers) EXPECT_NE(name, "X-Tt-Ads-Throttle");
}

TEST_F(ReportTasksTest, HeadsAreNamesOrDisplayTexts) {
  json body = Body();
  const std::string names = Create(body);
  body.erase("enable_report_title_translation");
  const std::string titles = Create(body);
  clock_.Advance(absl::Seconds(3));
  EXPECT_THAT(Download(names).body, HasSubstr("stat_time_day"));
  EXPECT_THAT(Download(titles).body, HasSubstr("Stat Time Day"));
}

TEST_F(ReportTasksTest, GivesAUrlThatLivesAnHour) {
  json body = Body();
  body["output_format"] = "CSV_DOWNLOAD";
  body["file_name"] = "may";
  const std::string task = Create(body);
  clock_.Advance(absl::Seconds(3));
  Call call = CallFor("report/task/download/", Of(task));
  call.host = "127.0.0.1:9";
  const json data = json::parse(sim_->Handle(call).body)["data"];
  EXPECT_EQ(data["file_name"], "may.csv");
  EXPECT_EQ(data["output_format"], "CSV_DOWNLOAD");
  const std::string url = data["download_url"];
  ASSERT_THAT(url, StartsWith("http://127.0.0.1:9/files/report/"));
  Call file;
  file.method = "GET";
  file.path = url.substr(std::string("http://127.0.0.1:9").size());
  EXPECT_THAT(sim_->Handle(file).body, HasSubstr("ad_id"));
  sim_->clock().Advance(absl::Minutes(61));
  EXPECT_EQ(sim_->Handle(file).status, 403);
}

TEST_F(ReportTasksTest, RefusesWhatTheSheetForbids) {
  const std::pair<const char*, json> cases[] = {
      {"paging", {{"page_size", "1000"}}},
      {"status filter",
       {{"filtering", {{{"field_name", "ad_status"}, {"filter_type", "IN"}, {"filter_value", "[\"STATUS_ALL\"]"}}}}}},
      {"buying type",
       {{"filtering", {{{"field_name", "buying_type"}, {"filter_type", "IN"}, {"filter_value", "[\"AUCTION\"]"}}}}}},
      {"metrics as text", {{"metrics", "[\"spend\"]"}}},
      {"flag as text", {{"enable_report_title_translation", "false"}}},
      {"number as id", {{"advertiser_id", 17}}},
      {"billed cost", {{"metrics", {"billed_cost"}}}},
      {"reach by country", {{"dimensions", {"ad_id", "country_code"}}, {"metrics", {"reach"}}}},
      {"results by country", {{"dimensions", {"ad_id", "country_code"}}, {"metrics", {"result"}}}},
      {"output format", {{"output_format", "JSON"}}},
      {"file name", {{"file_name", "a/b"}}},
      {"end before start", {{"end_date", "2026-04-01"}}},
  };
  for (const auto& [what, change] : cases) {
    json body = Body();
    body.update(change);
    EXPECT_EQ(Post("report/task/create/", body).value("code", -1), 40002) << what;
  }
  EXPECT_EQ(Post("report/task/create/", json::array()).value("code", -1), 40002);
  json stranger = Body();
  stranger["advertiser_id"] = "1";
  EXPECT_EQ(Post("report/task/create/", stranger).value("code", -1), 40001);
}

TEST_F(ReportTasksTest, IdFiltersAreAllowed) {
  Params params = AdDays();
  params.erase("filtering");
  const std::string id = AllRows("report/integrated/get/", params).front()["dimensions"]["ad_id"];
  json body = Body();
  body["filtering"] = {
      {{"field_name", "ad_ids"}, {"filter_type", "IN"}, {"filter_value", absl::StrCat("[\"", id, "\"]")}}};
  const std::string task = Create(body);
  clock_.Advance(absl::Seconds(3));
  for (const std::string& line : Lines(Download(task).body)) EXPECT_THAT(line, StartsWith(id));
}

TEST_F(ReportTasksTest, TasksBelongToTheirAdvertiser) {
  const std::string task = Create(Body());
  EXPECT_EQ(Code("report/task/check/", Of(task, 1)), 40007);
  EXPECT_EQ(Code("report/task/check/", Of("7400000000000009999")), 40007);
  EXPECT_EQ(Code("report/task/check/", {{"advertiser_id", Account(0)}}), 40002);
}

TEST_F(ReportTasksTest, CanBeCancelled) {
  const std::string task = Create(Body());
  const json body = {{"advertiser_id", Account(0)}, {"task_id", task}};
  EXPECT_EQ(Post("report/task/cancel/", body)["data"]["status"], "CANCELED");
  EXPECT_EQ(Status(task), "CANCELED");
  EXPECT_EQ(json::parse(Download(task).body)["code"], 40200);
}

TEST_F(ReportTasksTest, ForgetsTasksAfterADay) {
  const std::string task = Create(Body());
  sim_->clock().Advance(absl::Hours(25));
  EXPECT_EQ(Code("report/task/check/", Of(task)), 40007);
}

TEST_F(ReportTasksTest, FaultsDecideHowTasksEnd) {
  ASSERT_TRUE(sim_->faults()
                  .Add(R"([{"kind":"task","text":"FAILED","message":"no room","ms":0,
                            "match":{"path":"report/task/create/"}},
                           {"kind":"task","text":"EXPIRED","ms":0},
                           {"kind":"task","text":"PROCESSING","ms":0}])")
                  .ok());
  const std::string failed = Create(Body()), expired = Create(Body()), never = Create(Body());
  clock_.Advance(absl::Seconds(3));
  const json data = Get("report/task/check/", Of(failed))["data"];
  EXPECT_EQ(data, (json{{"status", "FAILED"}, {"message", "no room"}}));
  EXPECT_EQ(json::parse(Download(failed).body)["code"], 40200);
  EXPECT_EQ(Code("report/task/check/", Of(expired)), 40007);
  EXPECT_EQ(Status(never), "PROCESSING");
}

}  // namespace
}  // namespace tikhaul::simulator
