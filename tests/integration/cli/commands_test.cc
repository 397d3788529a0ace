// Every command against a coordinator's admin service on a real socket: what is asked, what is shown, the exit code.
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_split.h"
#include "cli/app.h"
#include "cli/session.h"
#include "common/base/clock.h"
#include "common/base/files.h"
#include "tests/integration/cli/fake_admin.h"
#include "tests/support/eventually.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

template <typename Message>
Message Parse(const char* text) {
  Message message;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &message));
  return message;
}

class CommandsTest : public ::testing::Test {
 protected:
  // Runs `tikhaul --coordinator <the fake's> words...`.
  int Run(const std::string& words) {
    out_.str("");
    err_.str("");
    std::vector<std::string> arguments = {"tikhaul", "--coordinator", address_};
    for (const absl::string_view word : absl::StrSplit(words, ' ', absl::SkipEmpty())) arguments.emplace_back(word);
    std::vector<const char*> argv;
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    Console console{out_, err_};
    return RunTikhaul(static_cast<int>(argv.size()), argv.data(), console, clock_);
  }

  ScratchFolder folder_;
  const std::string address_ = "unix:" + folder_.Path("admin.sock");
  FakeAdmin admin_;
  std::unique_ptr<grpc::Server> server_ = ServeAdmin(admin_, address_);
  SystemClock clock_;
  std::ostringstream out_, err_;
};

TEST_F(CommandsTest, HelpStandsOnEveryLevel) {
  EXPECT_EQ(Run("--help"), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("backfill"), HasSubstr("Exit codes: 0")));
  for (const char* command :
       {"local", "init", "check", "streams", "plan", "backfill", "sync", "status", "runs", "cancel", "pause", "resume",
        "retry", "cursors", "calendar", "ledger", "restatements", "verify", "migrate"}) {
    EXPECT_EQ(Run(std::string(command) + " --help"), kExitOk) << command;
    EXPECT_THAT(out_.str(), AllOf(HasSubstr(command), HasSubstr("Exit codes: 0"))) << command;
  }
  for (const char* command : {"url", "exchange", "list", "check", "revoke"}) {
    EXPECT_EQ(Run(std::string("auth ") + command + " --help"), kExitOk) << command;
    EXPECT_THAT(out_.str(), AllOf(HasSubstr(command), HasSubstr("Exit codes: 0"))) << command;
  }
  EXPECT_THAT(admin_.requests(), IsEmpty());
}

TEST_F(CommandsTest, VersionIsPrinted) {
  EXPECT_EQ(Run("--version"), kExitOk);
  EXPECT_THAT(out_.str(), StartsWith("tikhaul "));
}

TEST_F(CommandsTest, WrongUsageIsToldWithoutACall) {
  for (const char* words :
       {"", "no-such-command", "plan --from yesterday", "plan --from 2026-02-30", "cancel", "pause", "pause everything",
        "pause connection", "pause all main", "auth", "auth nobody", "local --workers 0", "plan --nonsense"}) {
    EXPECT_EQ(Run(words), kExitUsage) << words;
    EXPECT_THAT(err_.str(), Not(IsEmpty())) << words;
  }
  EXPECT_THAT(admin_.requests(), IsEmpty());
}

TEST_F(CommandsTest, CheckPrintsALinePerSubjectWithTheMend) {
  admin_.Answer(
      "Check", Parse<v1::CheckResponse>(R"pb(
        lines { state: STATE_OK subject: "config" detail: "6 extracts" }
        lines { state: STATE_FAILED subject: "token main" detail: "refused (40105)" mend: "write a new token" }
      )pb"));
  EXPECT_EQ(Run("check"), kExitFailed);
  EXPECT_EQ(out_.str(),
            "ok       config      6 extracts\n"
            "FAILED   token main  refused (40105); write a new token\n");
}

TEST_F(CommandsTest, CheckSucceedsWithWarnings) {
  admin_.Answer("Check", Parse<v1::CheckResponse>(
                             R"pb(ok: true
                                  lines { state: STATE_WARNING subject: "redis" detail: "no password" })pb"));
  EXPECT_EQ(Run("check"), kExitOk);
  EXPECT_EQ(out_.str(), "warning  redis  no password\n");
}

constexpr char kStreams[] = R"pb(
  streams {
    name: "basic_report"
    title: "Basic report"
    endpoint: "report/integrated/get/"
    levels: "campaign"
    levels: "ad"
    dimensions { name: "country_code" type: "string" levels: "ad" lag: "11 hours" note: "ISO" }
    metrics { name: "spend" type: "decimal" group: "core" levels: "ad" lag: "30 minutes" }
    presets { name: "core" metrics: "spend" metrics: "clicks" }
    limits: "30 days by day"
    source: "tiktok-api.md 4"
    evidence: "one source"
    evidence_note: "no recorded answer"
    in_sandbox: true
    options { name: "language" values: "en" values: "de" note: "of the names" }
    options { name: "store_ids" note: "the shop" required: true }
  }
)pb";

TEST_F(CommandsTest, StreamsGivesAnOverview) {
  admin_.Answer("ListStreams", Parse<v1::ListStreamsResponse>(kStreams));
  EXPECT_EQ(Run("streams"), kExitOk);
  EXPECT_THAT(
      out_.str(),
      HasSubstr("basic_report  Basic report  campaign ad           1        1       0  report/integrated/get/  one "
                "source *  yes"));
}

TEST_F(CommandsTest, StreamsShowsOneInFull) {
  admin_.Answer("ListStreams", Parse<v1::ListStreamsResponse>(kStreams));
  EXPECT_EQ(Run("streams basic_report"), kExitOk);
  EXPECT_THAT(admin_.requests(), ElementsAre("ListStreams stream: \"basic_report\""));
  EXPECT_THAT(
      out_.str(),
      AllOf(HasSubstr("country_code  string  ad      11 hours  ISO"), HasSubstr("spend   decimal  core"),
            HasSubstr("preset   core: spend, clicks"), HasSubstr("limit    30 days by day"),
            HasSubstr("facts    one source; no recorded answer"), HasSubstr("sandbox  supported"),
            HasSubstr("option   language (en de): of the names"), HasSubstr("option   store_ids, needed: the shop")));
}

TEST_F(CommandsTest, PlanSendsTheSelectionAndShowsTheCost) {
  admin_.Answer("Plan", Parse<v1::PlanResponse>(R"pb(
                  lines {
                    extract: "ads_daily"
                    advertisers: 3
                    chunks: 75
                    calls: 150
                    rows: 120000
                    rows_known: true
                    first_day: "2024-06-15"
                    last_day: "2026-06-15"
                    seconds_at_quota: 15
                    idle_windows: 12
                  }
                  lines { extract: "adverts" advertisers: 3 chunks: 3 calls: 3 seconds_at_quota: 0.3 }
                  chunks: 78
                  calls: 153
                  seconds_at_quota: 15.3
                  quota_per_second: 10
                  quota_left_today: 864000
                  calls_spent: 7
                  notes: "adverts: the API does not tell"
                )pb"));
  EXPECT_EQ(Run("plan ads_daily adverts --advertiser 71 --advertiser 72 --from 2024-06-15 --to 2026-06-15"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("Plan extracts: \"ads_daily\" extracts: \"adverts\" advertisers: \"71\" advertisers: \"72\" "
                          "range { first_day: \"2024-06-15\" last_day: \"2026-06-15\" }"));
  EXPECT_EQ(out_.str(),
            "extract    days                    advertisers  chunks  left out as idle  calls     rows  at the quota\n"
            "ads_daily  2024-06-15..2026-06-15            3      75                12    150  120,000          15 s\n"
            "adverts    -                                 3       3                 0      3        ?     under 1 s\n"
            "adverts: the API does not tell\n"
            "together: 78 chunks, at least 153 calls, 15 s at 10.0 calls/s; 864,000 calls left today\n"
            "finding this out took 7 calls\n");
}

TEST_F(CommandsTest, PlanOfIncrementsWithoutCalls) {
  admin_.Answer("Plan", Parse<v1::PlanResponse>(R"pb(chunks: 9 calls: 90 quota_left_today: 100)pb"));
  EXPECT_EQ(Run("plan --sync --no-calls"), kExitOk);
  EXPECT_THAT(admin_.requests(), ElementsAre("Plan range { } without_calls: true increments: true"));
  EXPECT_THAT(out_.str(), HasSubstr("about 90 calls"));
  EXPECT_NE(Run("plan --sync --from 2026-01-01"), kExitOk);
}

TEST_F(CommandsTest, PlanSaysWhenTheDayIsTooShort) {
  admin_.Answer("Plan", Parse<v1::PlanResponse>(R"pb(chunks: 9 calls: 900 quota_left_today: 100)pb"));
  EXPECT_EQ(Run("plan"), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("goes on after 00:00 UTC"));
}

constexpr char kOneRun[] = R"pb(
  runs {
    id: "r1"
    extract: "ads_daily"
    kind: "backfill"
    state: "running"
    chunks { ready: 3 done: 1 }
    first_day: "2026-01-01"
    last_day: "2026-01-31"
  }
  notes: "adverts: already done, nothing to do"
)pb";

TEST_F(CommandsTest, BackfillShowsRunsAndNotes) {
  admin_.Answer("Backfill", Parse<v1::BackfillResponse>(kOneRun));
  EXPECT_EQ(Run("backfill --from 2026-01-01 --to 2026-01-31"), kExitOk);
  EXPECT_THAT(admin_.requests(), ElementsAre("Backfill range { first_day: \"2026-01-01\" last_day: \"2026-01-31\" }"));
  EXPECT_THAT(out_.str(), AllOf(StartsWith("adverts: already done, nothing to do\n"),
                                HasSubstr("r1   ads_daily  backfill  2026-01-01..2026-01-31  running     1/4")));
}

TEST_F(CommandsTest, OnlyMetricsAreNamedByCommas) {
  EXPECT_EQ(Run("backfill --only-metrics clicks,ctr ads_daily"), kExitOk);
  EXPECT_EQ(Run("plan ads_daily --only-metrics clicks"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("Backfill extracts: \"ads_daily\" range { } only_metrics: \"clicks\" only_metrics: \"ctr\"",
                          "Plan extracts: \"ads_daily\" range { } only_metrics: \"clicks\""));
  EXPECT_NE(Run("plan --sync --only-metrics clicks"), kExitOk);
}

TEST_F(CommandsTest, BackfillAgainIsANewRequestEachTime) {
  EXPECT_EQ(Run("backfill --again"), kExitOk);
  EXPECT_EQ(Run("backfill --again"), kExitOk);
  ASSERT_EQ(admin_.requests().size(), 2u);
  EXPECT_THAT(admin_.requests()[0], HasSubstr("again_key: "));
  EXPECT_NE(admin_.requests()[0], admin_.requests()[1]);
}

TEST_F(CommandsTest, BackfillWaitsForItsRunsAndReportsPartialOnes) {
  admin_.Answer("Backfill", Parse<v1::BackfillResponse>(kOneRun));
  admin_.Answer("WatchStatus", Parse<v1::Status>(R"pb(
                  runs { id: "r1" state: "running" }
                  extracts {
                    extract: "ads_daily"
                    chunks { ready: 3 done: 1 }
                  }
                )pb"));
  admin_.Answer("WatchStatus", Parse<v1::Status>(R"pb(
                  runs { id: "r1" state: "partial" }
                  extracts {
                    extract: "ads_daily"
                    chunks { done: 3 dead: 1 }
                  }
                )pb"));
  admin_.Answer("GetStatus", Parse<v1::Status>(R"pb(
                  runs { id: "r0" extract: "other" state: "running" }
                  runs {
                    id: "r1"
                    extract: "ads_daily"
                    state: "partial"
                    chunks { done: 3 dead: 1 }
                  }
                )pb"));
  EXPECT_EQ(Run("backfill --wait"), kExitPartial);
  EXPECT_THAT(out_.str(),
              AllOf(HasSubstr("ads_daily: 1/4 chunks"), HasSubstr("partial, 1 dead"), Not(HasSubstr("r0"))));
}

TEST_F(CommandsTest, BackfillStopsWaitingWhenNothingCanRun) {
  admin_.Answer("Backfill", Parse<v1::BackfillResponse>(kOneRun));
  const auto paused = Parse<v1::Status>(R"pb(
    idle: true
    runs { id: "r1" state: "running" paused: true }
    pauses { scope: "connection" name: "main" reason: "token" }
  )pb");
  admin_.Answer("WatchStatus", paused);
  admin_.Answer("GetStatus", paused);
  EXPECT_EQ(Run("backfill --wait"), kExitPartial);
  EXPECT_THAT(out_.str(), HasSubstr("paused   connection main: token"));
}

TEST_F(CommandsTest, SyncNamesItsExtracts) {
  EXPECT_EQ(Run("sync ads_daily adverts"), kExitOk);
  EXPECT_THAT(admin_.requests(), ElementsAre("Sync extracts: \"ads_daily\" extracts: \"adverts\""));
}

TEST_F(CommandsTest, StatusShowsEverySection) {
  admin_.Answer("GetStatus", Parse<v1::Status>(R"pb(
                  version: "0.1.0"
                  now { seconds: 1781524805 }
                  queue_connected: true
                  runs { id: "r1" extract: "ads_daily" state: "running" }
                  workers { name: "local-1" chunks: 2 }
                  quota { per_second: 10 per_day: 864000 used_today: 7 state: "open" }
                  faults: "spool: disk full"
                  drift { extract: "ads_daily" kind: "unknown field" name: "new_metric" count: 12 }
                )pb"));
  EXPECT_EQ(Run("status --runs 3"), kExitOk);
  EXPECT_THAT(admin_.requests(), ElementsAre("GetStatus recent_runs: 3"));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("coordinator 0.1.0 at 2026-06-15 12:00:05 UTC, working"),
                                HasSubstr("7 of 864,000 calls used"), HasSubstr("fault    spool: disk full"),
                                HasSubstr("local-1"), HasSubstr("unknown field"), HasSubstr("new_metric")));
}

TEST_F(CommandsTest, StatusWatchPrintsOneObjectPerLineAsJson) {
  admin_.Answer("WatchStatus", Parse<v1::Status>("version: \"a\""));
  admin_.Answer("WatchStatus", Parse<v1::Status>("version: \"b\""));
  EXPECT_EQ(Run("status --watch --json"), kExitOk);
  const std::vector<std::string> lines = absl::StrSplit(out_.str(), '\n', absl::SkipEmpty());
  EXPECT_THAT(lines, ElementsAre(StartsWith("{\"version\":\"a\""), StartsWith("{\"version\":\"b\"")));
}

TEST_F(CommandsTest, CancelPauseAndResumeNameTheirTarget) {
  EXPECT_EQ(Run("cancel r1"), kExitOk);
  EXPECT_EQ(Run("pause all"), kExitOk);
  EXPECT_EQ(Run("pause connection main"), kExitOk);
  EXPECT_EQ(out_.str(), "paused: connection main\n");
  EXPECT_EQ(Run("resume run r1"), kExitOk);
  EXPECT_EQ(Run("pause advertiser 71"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("Cancel run_id: \"r1\"", "Pause scope: \"all\"", "Pause scope: \"connection\" name: \"main\"",
                          "Resume scope: \"run\" name: \"r1\"", "Pause scope: \"advertiser\" name: \"71\""));
}

TEST_F(CommandsTest, RetrySendsWhatIsChosen) {
  admin_.Answer("Retry", Parse<v1::RetryResponse>("chunks: 2"));
  EXPECT_EQ(Run("retry --extract ads_daily --reason permanent 17 18"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("Retry chunk_ids: 17 chunk_ids: 18 extract: \"ads_daily\" reason: \"permanent\""));
  EXPECT_EQ(out_.str(), "2 chunks will be tried again\n");
}

TEST_F(CommandsTest, RetryListReadsAllPagesAndChangesNothing) {
  admin_.Answer("ListDeadLetters", Parse<v1::ListDeadLettersResponse>(
                                       R"pb(dead_letters { chunk_id: 17 reason: "permanent" message: "bad\nmetric" }
                                            next_page_token: "17")pb"));
  admin_.Answer("ListDeadLetters",
                Parse<v1::ListDeadLettersResponse>(R"pb(dead_letters { chunk_id: 18 reason: "crash" })pb"));
  EXPECT_EQ(Run("retry --list --reason permanent"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("ListDeadLetters page_size: 1000 reason: \"permanent\"",
                          "ListDeadLetters page_size: 1000 page_token: \"17\" reason: \"permanent\""));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("bad metric"), HasSubstr("18")));
  EXPECT_EQ(Run("retry --list 18 --advertiser 71"), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("crash"), Not(HasSubstr("bad metric")))) << "only the chunk that is named";
  EXPECT_THAT(admin_.requests().back(), HasSubstr("advertiser: \"71\""));
}

TEST_F(CommandsTest, CommandsThatChangeTakeAnIdempotencyKey) {
  for (const char* words : {"backfill", "sync", "cancel r1", "pause all", "resume all", "retry"}) {
    EXPECT_EQ(Run(std::string(words) + " --idempotency-key k1"), kExitOk) << words;
    EXPECT_THAT(admin_.requests().back(), HasSubstr("idempotency_key: \"k1\"")) << words;
  }
  EXPECT_EQ(Run("backfill --again --idempotency-key k2"), kExitOk);
  EXPECT_THAT(admin_.requests().back(), HasSubstr("again_key: \"k2\"")) << "the same command is the same request";
}

TEST_F(CommandsTest, RunsAreListedPageByPage) {
  admin_.Answer("ListRuns", Parse<v1::ListRunsResponse>(R"pb(runs { id: "r2" extract: "ads_daily" state: "done" }
                                                             next_page_token: "t")pb"));
  admin_.Answer("ListRuns", Parse<v1::ListRunsResponse>(R"pb(runs { id: "r1" state: "done" })pb"));
  EXPECT_EQ(Run("runs --extract ads_daily --kind backfill --state done --limit 0"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("ListRuns extract: \"ads_daily\" kind: \"backfill\" state: \"done\" page_size: 1000",
                          "ListRuns extract: \"ads_daily\" kind: \"backfill\" state: \"done\" page_size: 1000 "
                          "page_token: \"t\""));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("r2"), HasSubstr("r1")));
  EXPECT_EQ(Run("runs --state sleeping"), kExitUsage);
}

TEST_F(CommandsTest, CursorsShowHoles) {
  admin_.Answer("ListCursors", Parse<v1::ListCursorsResponse>(R"pb(
                  cursors {
                    extract: "ads_daily"
                    advertiser: "71"
                    timezone: "Asia/Tokyo"
                    first_day: "2024-06-15"
                    cursor: "2026-06-13"
                    through: "2026-06-14"
                    holes: "2025-01-01..2025-01-30"
                    look_back_days: 3
                    look_back_why: "no day older than 2 moved in 41 re-reads"
                  }
                )pb"));
  EXPECT_EQ(Run("cursors ads_daily"), kExitOk);
  EXPECT_THAT(admin_.requests(), ElementsAre("ListCursors extract: \"ads_daily\" page_size: 1000"));
  EXPECT_THAT(out_.str(), AllOf(HasSubstr("2026-06-13"), HasSubstr("2025-01-01..2025-01-30"), HasSubstr("Asia/Tokyo"),
                                HasSubstr("3 days"), HasSubstr("no day older than 2 moved in 41 re-reads")));
}

TEST_F(CommandsTest, LedgerReadsPagesUpToTheLimit) {
  admin_.Answer("ListLedger", Parse<v1::ListLedgerResponse>(R"pb(
                  entries {
                    extract: "ads_daily"
                    advertiser: "71"
                    first_day: "2026-03-01"
                    last_day: "2026-03-30"
                    promised_rows: 1200
                    rows: 1200
                    pages: 2
                    finality: "final"
                    digest: "00ff"
                    only_metrics: "clicks,ctr"
                  }
                  next_page_token: "1"
                )pb"));
  EXPECT_EQ(Run("ledger --extract ads_daily --from 2026-03-14 --to 2026-03-14 --limit 2"), kExitOk);
  EXPECT_THAT(
      admin_.requests(),
      ElementsAre(
          "ListLedger extract: \"ads_daily\" range { first_day: \"2026-03-14\" last_day: \"2026-03-14\" } page_size: 2",
          "ListLedger extract: \"ads_daily\" range { first_day: \"2026-03-14\" last_day: \"2026-03-14\" } page_size: 1 "
          "page_token: \"1\""));
  EXPECT_THAT(out_.str(), HasSubstr("2026-03-01..2026-03-30  clicks,ctr     1,200  1,200"));
  EXPECT_THAT(err_.str(), HasSubstr("there is more"));
}

TEST_F(CommandsTest, RestatementsShowEachMetricOfADay) {
  admin_.Answer("ListRestatements", Parse<v1::ListRestatementsResponse>(R"pb(
                  restatements {
                    extract: "ads_daily"
                    advertiser: "71"
                    day: "2026-03-14"
                    age_days: 3
                    finality_before: "settling"
                    updated: 12
                    removed: 1
                    metrics { metric: "conversion" rows: 13 before: "1041" after: "1090" difference: "49" moved: "55" }
                    metrics { metric: "ad_name" rows: 2 }
                  }
                  restatements {
                    extract: "ads_daily"
                    advertiser: "71"
                    day: "2026-03-13"
                    finality_before: "provisional"
                    inserted: 4
                  }
                )pb"));
  EXPECT_EQ(Run("restatements --advertiser 71 --to 2026-03-14"), kExitOk);
  EXPECT_THAT(admin_.requests(),
              ElementsAre("ListRestatements advertiser: \"71\" range { last_day: \"2026-03-14\" } page_size: 1000"));
  EXPECT_THAT(out_.str(),
              AllOf(ContainsRegex("2026-03-14 +3 +settling +0 +12 +1 +conversion +13 +1041 +1090 +\\+49"),
                    ContainsRegex("ad_name +2 +- +- +-"), ContainsRegex("2026-03-13 +0 +provisional +4 +0 +0 +-")));
}

TEST_F(CommandsTest, TheCalendarShowsHolesWithTheCommandThatMends) {
  admin_.Answer("GetCalendar", Parse<v1::GetCalendarResponse>(R"pb(
                  first_day: "2026-03-01"
                  last_day: "2026-03-05"
                  rows { advertiser: "71" advertiser_name: "Shoes" days: "ffmps" }
                )pb"));
  EXPECT_EQ(Run("calendar ads_daily --advertiser 71 --from 2026-03-01"), kExitOk);
  EXPECT_THAT(
      admin_.requests(),
      ElementsAre("GetCalendar extract: \"ads_daily\" range { first_day: \"2026-03-01\" } advertisers: \"71\""));
  EXPECT_THAT(
      out_.str(),
      AllOf(ContainsRegex("71 Shoes +ffmps\n"),
            HasSubstr("tikhaul backfill ads_daily --advertiser 71 --from 2026-03-03 --to 2026-03-03 --again\n")));
  EXPECT_EQ(Run("calendar"), kExitUsage);
  EXPECT_EQ(Run("calendar ads_daily --scale year"), kExitUsage);
  EXPECT_EQ(Run("calendar ads_daily --scale month"), kExitOk);
  EXPECT_THAT(out_.str(), ContainsRegex("71 Shoes +m\n"));
}

TEST_F(CommandsTest, ACalendarWithoutWantedDaysSaysHowToBegin) {
  EXPECT_EQ(Run("calendar ads_daily"), kExitOk);
  EXPECT_THAT(out_.str(), HasSubstr("`tikhaul backfill ads_daily` begins"));
}

TEST_F(CommandsTest, EveryReadHasAJsonForm) {
  for (const char* words : {"check", "streams", "plan", "status", "runs", "retry --list", "cursors",
                            "calendar ads_daily", "ledger", "restatements"}) {
    Run(std::string(words) + " --json");
    EXPECT_THAT(out_.str(), AllOf(StartsWith("{"), HasSubstr("}\n"))) << words;
  }
}

TEST_F(CommandsTest, TheCoordinatorsRefusalIsShownAsItIs) {
  admin_.Refuse("Backfill",
                {grpc::StatusCode::INVALID_ARGUMENT, "no extract \"ad_daily\"; did you mean \"ads_daily\"?"});
  EXPECT_EQ(Run("backfill ad_daily"), kExitFailed);
  EXPECT_EQ(err_.str(), "tikhaul: no extract \"ad_daily\"; did you mean \"ads_daily\"?\n");
}

TEST_F(CommandsTest, AMissingCoordinatorIsToldWithTheMend) {
  server_->Shutdown();
  server_.reset();
  EXPECT_EQ(Run("status"), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("no coordinator answers at " + address_ + ": start one with `tikhaul local`"));
}

TEST_F(CommandsTest, InitWritesOnceAndAgainOnlyByForce) {
  const std::string path = folder_.Path("tikhaul.yaml");
  EXPECT_EQ(Run("init " + folder_.path()), kExitOk);
  EXPECT_THAT(out_.str(), AllOf(HasSubstr(path), HasSubstr("tikhaul check")));
  EXPECT_THAT(ReadFile(path).value_or(""), HasSubstr("extracts:"));
  ASSERT_TRUE(WriteFileAtomically(path, "mine").ok());
  EXPECT_EQ(Run("init " + path), kExitFailed);
  EXPECT_THAT(err_.str(), HasSubstr("--force"));
  EXPECT_EQ(ReadFile(path).value_or(""), "mine");
  EXPECT_EQ(Run("init --force " + path), kExitOk);
  EXPECT_THAT(ReadFile(path).value_or(""), HasSubstr("extracts:"));
}

}  // namespace
}  // namespace tikhaul
