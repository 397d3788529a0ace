// What only PostgreSQL can get wrong: types, several writers, one coordinator, lost connections.
#include <atomic>
#include <thread>

#include "absl/strings/str_cat.h"
#include "common/base/decimal.h"
#include "common/base/mutex.h"
#include "coordinator/store/postgres/pg_store.h"
#include "tests/contract/store/postgres_harness.h"
#include "tests/contract/store/row_maker.h"
#include "tests/contract/store/store_fixture.h"
#include "tests/support/postgres_proxy.h"

namespace tikhaul {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class PostgresStoreTest : public testing::Test {
 protected:
  TextRows Ask(const std::string& sql) {
    return PostgresServer::Shared().Run(absl::StrCat("SET search_path TO \"", harness_.schema(), "\"; ", sql));
  }
  static Chunk ChunkOf(const std::string& advertiser) {
    Chunk chunk;
    chunk.run_id = "run-1";
    chunk.extract = "ads_daily";
    chunk.advertiser = advertiser;
    chunk.window = Days(1, 1);
    return chunk;
  }
  static SettleRequest RequestFor(const TableSchema& table, const std::string& advertiser) {
    return {.table = table,
            .scope = {.advertiser = advertiser, .day_column = "stat_time_day", .first = Day(1), .last = Day(31)},
            .constants = {TextConstant("advertiser_id", advertiser)}};
  }
  absl::Status Ensure(const TableSchema& table) {
    return harness_.store().Write([&](StoreTransaction& tx) { return tx.EnsureTable(table); });
  }

  PostgresHarness harness_;
};

TEST_F(PostgresStoreTest, ColumnsHaveProperTypesAndDecimalsAreExact) {
  TableSchema table = DailyTable();
  table.columns.push_back({"is_new", ColumnType::kBool});
  table.columns.push_back({"hour", ColumnType::kLocalHour});
  table.columns.push_back({"tags", ColumnType::kJson});
  ASSERT_OK(Ensure(table));
  EXPECT_THAT(Ask("SELECT data_type FROM information_schema.columns WHERE table_schema = current_schema AND table_name "
                  "= 'ads_daily' ORDER BY ordinal_position"),
              ElementsAre(ElementsAre("date"), ElementsAre("text"), ElementsAre("text"), ElementsAre("bigint"),
                          ElementsAre("numeric"), ElementsAre("text"), ElementsAre("text"), ElementsAre("text"),
                          ElementsAre("timestamp with time zone"), ElementsAre("boolean"),
                          ElementsAre("timestamp without time zone"), ElementsAre("jsonb")));
  ASSERT_OK(harness_.store().WriteRows([&](StoreTransaction& tx) {
    TextRowSource rows(
        table, {"stat_time_day", "ad_id", "clicks", "spend", "ad_name", "is_new", "hour", "tags"},
        {{"2026-03-01", "a\tb\\", "-9223372036854775808", "1234567890.12345678", "line\nbreak '\"", "1",
          "2026-03-01 05:00:00", R"({"a":[1,"\u0000","\ud800x","\ud83d\ude00"]})"},
         {"0000-01-01", "", "NULL", "-0.10", std::string("zero\0byte \xff", 11), "0", "9999-12-31 23:00:00", "NULL"}});
    return tx.SettleRows(RequestFor(table, "7001"), rows).status();
  }));
  EXPECT_THAT(
      Ask("SELECT stat_time_day, ad_id, clicks, spend, ad_name, is_new, hour, tags::text FROM ads_daily ORDER BY "
          "1"),
      ElementsAre(ElementsAre("0001-01-01 BC", "", "NULL", "-0.10000000",
                              "zero\xef\xbf\xbd"
                              "byte \xef\xbf\xbd",
                              "f", "9999-12-31 23:00:00", "NULL"),
                  ElementsAre("2026-03-01", "a\tb\\", "-9223372036854775808", "1234567890.12345678", "line\nbreak '\"",
                              "t", "2026-03-01 05:00:00",
                              "{\"a\": [1, \"\xef\xbf\xbd\", \"\xef\xbf\xbdx\", \"\xf0\x9f\x98\x80\"]}")));
}

TEST_F(PostgresStoreTest, EveryDecimalArrivesDigitByDigit) {
  std::vector<std::string> decimals = {"0",
                                       "0.000000000000000000",
                                       "9223372036854775807",
                                       "-9223372036854775807",
                                       "9.223372036854775807",
                                       "-922337203685477.5807"};
  for (int scale = 0; scale <= kMaxDecimalScale; ++scale) {
    for (const int64_t unscaled : {1, 10, -9999, 10000, 10001, 100000000, -120003400, 99999999}) {
      decimals.push_back(FormatDecimal({unscaled, scale}));
    }
  }
  const TableSchema table = DailyTable();
  ASSERT_OK(Ensure(table));
  std::vector<std::vector<std::string>> cells;
  for (size_t i = 0; i < decimals.size(); ++i) cells.push_back({"2026-03-01", absl::StrCat(1000 + i), decimals[i]});
  ASSERT_OK(harness_.store().WriteRows([&](StoreTransaction& tx) {
    // A batch per row, so that each has its own scale.
    TextRowSource rows(table, {"stat_time_day", "ad_id", "spend"}, cells, /*batch_rows=*/1);
    return tx.SettleRows(RequestFor(table, "7001"), rows).status();
  }));
  const TextRows there = Ask("SELECT spend FROM ads_daily ORDER BY ad_id");
  ASSERT_EQ(there.size(), decimals.size());
  for (size_t i = 0; i < decimals.size(); ++i) EXPECT_EQ(there[i][0], decimals[i]);
  // What is stored is what the server itself makes of the text, also where only its bytes tell (sorting, hashing).
  EXPECT_THAT(Ask("SELECT count(*) FROM ads_daily WHERE numeric_send(spend) <> numeric_send(spend::text::numeric)"),
              ElementsAre(ElementsAre("0")));
}

class Gate {
 public:
  void Open() {
    MutexLock lock(mu_);
    open_ = true;
    opened_.SignalAll();
  }
  void Await() {
    MutexLock lock(mu_);
    while (!open_) opened_.Wait(mu_);
  }

 private:
  Mutex mu_;
  CondVar opened_;
  bool open_ ABSL_GUARDED_BY(mu_) = false;
};

// Gives one row, and waits before its end.
class WaitingRows : public RowSource {
 public:
  WaitingRows(const TableSchema& table, const std::string& ad, Gate& begun, Gate& go)
      : rows_(table, {"stat_time_day", "ad_id", "clicks"}, {{"2026-03-01", ad, "1"}}), begun_(begun), go_(go) {}
  const std::vector<std::string>& columns() const override { return rows_.columns(); }
  absl::StatusOr<const RowBatch*> Next() override {
    absl::StatusOr<const RowBatch*> batch = rows_.Next();
    if (batch.ok() && *batch == nullptr) {
      begun_.Open();
      go_.Await();
    }
    return batch;
  }

 private:
  TextRowSource rows_;
  Gate& begun_;
  Gate& go_;
};

TEST_F(PostgresStoreTest, SeveralSettleAtOnceAndTheirBookkeepingIsOneAfterTheOther) {
  const TableSchema table = DailyTable();
  ASSERT_OK(Ensure(table));
  ASSERT_OK(harness_.store().Write([&](StoreTransaction& tx) {
    return tx.InsertChunks({ChunkOf("7001"), ChunkOf("7002")}).status();
  }));
  Gate begun, go;
  const auto publish = [&](const std::string& advertiser, ChunkId id, Gate& first, Gate& second) {
    return harness_.store().WriteRows([&, id](StoreTransaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(std::optional<Chunk> chunk, tx.GetChunk(id));
      WaitingRows rows(table, "a", first, second);
      RETURN_IF_ERROR(tx.SettleRows(RequestFor(table, advertiser), rows).status());
      chunk->state = ChunkState::kDone;
      return tx.UpdateChunk(*chunk);
    });
  };
  std::thread slow([&] { EXPECT_OK(publish("7001", 1, begun, go)); });
  begun.Await();
  Gate at_once;
  at_once.Open();
  EXPECT_OK(publish("7002", 2, at_once, at_once));  // while the first is still settling
  EXPECT_EQ(Ask("SELECT count(*) FROM ads_daily")[0][0], "1");
  go.Open();
  slow.join();
  EXPECT_EQ(Ask("SELECT count(*) FROM ads_daily")[0][0], "2");
  EXPECT_EQ(Ask("SELECT done FROM tikhaul_chunk_count")[0][0], "2");
}

TEST_F(PostgresStoreTest, WorkThatReadWhatAnotherChangedIsRunAgain) {
  Store& store = harness_.store();
  ASSERT_OK(store.Write([&](StoreTransaction& tx) { return tx.InsertChunks({ChunkOf("7001")}).status(); }));
  int runs = 0;
  ASSERT_OK(store.WriteRows([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(std::optional<Chunk> chunk, tx.GetChunk(1));
    if (++runs == 1) {
      std::thread other([&] {
        EXPECT_OK(store.Write([](StoreTransaction& tx) -> absl::Status {
          ASSIGN_OR_RETURN(std::optional<Chunk> chunk, tx.GetChunk(1));
          chunk->calls += 10;
          return tx.UpdateChunk(*chunk);
        }));
      });
      other.join();
    }
    ++chunk->calls;
    return tx.UpdateChunk(*chunk);
  }));
  EXPECT_EQ(runs, 2);
  EXPECT_EQ(Ask("SELECT calls FROM tikhaul_chunk")[0][0], "11");
}

TEST_F(PostgresStoreTest, AKeyThatComesTwiceIntoAnEmptyWindowIsSettledAllTheSame) {
  const TableSchema table = DailyTable();
  ASSERT_OK(Ensure(table));
  SettleCounts counts;
  ASSERT_OK(harness_.store().WriteRows([&](StoreTransaction& tx) -> absl::Status {
    TextRowSource rows(table, {"stat_time_day", "ad_id", "clicks"},
                       {{"2026-03-01", "a", "1"}, {"2026-03-01", "b", "2"}, {"2026-03-01", "a", "3"}});
    ASSIGN_OR_RETURN(counts, tx.SettleRows(RequestFor(table, "7001"), rows));
    return absl::OkStatus();
  }));
  EXPECT_EQ(counts.rows, 3u);
  EXPECT_EQ(counts.distinct_keys, 2u);
  EXPECT_EQ(counts.inserted, 2u);
  EXPECT_THAT(Ask("SELECT ad_id, clicks FROM ads_daily ORDER BY 1"),
              ElementsAre(ElementsAre("a", "3"), ElementsAre("b", "2")));
}

TEST_F(PostgresStoreTest, EndedSessionsAreReplaced) {
  Store& store = harness_.store();
  Ask("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'tikhaul%'");
  EXPECT_OK(store.Write([](StoreTransaction& tx) { return tx.InsertChunks({ChunkOf("7001")}).status(); }));
  EXPECT_OK(store.Renew().status());
}

class CommitTest : public PostgresStoreTest {
 protected:
  CommitTest() : proxy_(PostgresServer::Shared().socket_folder()) {
    harness_.Close();
    StoreOptions options = harness_.options();
    options.url = proxy_.Url();
    store_ = OpenStore(options).value();
  }
  absl::Status InsertRow() {
    return store_->Write([](StoreTransaction& tx) { return tx.InsertChunks({ChunkOf("7001")}).status(); });
  }

  PostgresProxy proxy_;
  std::unique_ptr<Store> store_;
};

TEST_F(CommitTest, CommittedButNotToldIsCommitted) {
  ASSERT_OK(store_->Write([](StoreTransaction&) { return absl::OkStatus(); }));
  proxy_.CutNext(PostgresProxy::Cut::kAfterCommit);
  EXPECT_OK(InsertRow());
  EXPECT_EQ(proxy_.cuts(), 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM tikhaul_chunk")[0][0], "1");
}

TEST_F(CommitTest, NeverArrivedIsNotCommitted) {
  proxy_.CutNext(PostgresProxy::Cut::kBeforeCommit);
  const absl::Status status = InsertRow();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable) << status;
  EXPECT_EQ(proxy_.cuts(), 1);
  EXPECT_EQ(Ask("SELECT count(*) FROM tikhaul_chunk")[0][0], "0");
  EXPECT_OK(InsertRow());
}

TEST_F(PostgresStoreTest, ALockOfAnotherProgramIsToldAndWaitedForNoLongerThanAllowed) {
  harness_.Close();
  const std::unique_ptr<Store> store = OpenPgStore({.url = PostgresServer::Shared().Url(),
                                                    .password = nullptr,
                                                    .schema = harness_.schema(),
                                                    .address = "",
                                                    .lock_timeout = absl::Milliseconds(100)})
                                           .value();
  PGconn* const other = PQconnectdb(PostgresServer::Shared().Url().c_str());
  PQclear(PQexec(other, absl::StrCat("BEGIN; LOCK TABLE \"", harness_.schema(), "\".tikhaul_chunk").c_str()));
  const absl::Status status = store->Write([](StoreTransaction& tx) { return tx.CancelChunks("run").status(); });
  PQfinish(other);
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("locked by another program"));
  EXPECT_OK(store->Write([](StoreTransaction& tx) { return tx.CancelChunks("run").status(); }));
}

TEST_F(PostgresStoreTest, OldSchemasAreMigratedOnlyWhenThatIsAllowedAndNewerOnesAreRefused) {
  harness_.Close();
  StoreOptions options = harness_.options();
  Ask("UPDATE tikhaul_meta SET value = '99' WHERE name = 'schema_version'");
  EXPECT_THAT(std::string(OpenStore(options).status().message()), HasSubstr("newer tikhaul"));
  options.schema = PostgresServer::NewSchema();
  options.migrate = false;
  const absl::Status refused = OpenStore(options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(refused.message()), HasSubstr("tikhaul migrate"));
  options.migrate = true;
  EXPECT_OK(OpenStore(options).status());
  options.migrate = false;
  EXPECT_OK(OpenStore(options).status());
}

TEST_F(PostgresStoreTest, AStoreOfTheFirstReleaseIsBroughtToThisOnesSchema) {
  harness_.Close();
  Ask("DROP TABLE tikhaul_answer");
  Ask("DROP INDEX tikhaul_chunk_lost");
  Ask("ALTER TABLE tikhaul_ledger DROP COLUMN claimed_at");
  Ask("UPDATE tikhaul_meta SET value = '1' WHERE name = 'schema_version'");
  const std::unique_ptr<Store> store = OpenStore(harness_.options()).value();
  EXPECT_OK(store->Write([](StoreTransaction& tx) {
    return tx.PutAnswer({.key = "k", .call = "c", .request = "r", .answer = "{}", .kept = At(0)});
  }));
}

// The rights of docs/postgresql.md.
TEST_F(PostgresStoreTest, ARoleWithTheNeededRightsIsEnoughAndOneWithoutIsToldWhatIsMissing) {
  const std::string schema = PostgresServer::NewSchema();
  const std::string role = absl::StrCat("role of ", schema);
  PostgresServer& server = PostgresServer::Shared();
  server.Run(absl::StrCat("CREATE ROLE \"", role, "\" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE"));
  StoreOptions options{.url = absl::StrCat("postgresql:///postgres?host=", server.socket_folder(), "&user=role%20of%20",
                                           "store%20", schema.substr(6)),
                       .schema = schema};
  const absl::Status refused = OpenStore(options).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kFailedPrecondition) << refused;
  EXPECT_THAT(std::string(refused.message()), HasSubstr("CREATE SCHEMA"));
  server.Run(absl::StrCat("CREATE SCHEMA \"", schema, "\" AUTHORIZATION \"", role, "\""));
  absl::StatusOr<std::unique_ptr<Store>> store = OpenStore(options);
  ASSERT_OK(store.status());
  const TableSchema table = DailyTable();
  EXPECT_OK((*store)->Write([&](StoreTransaction& tx) { return tx.EnsureTable(table); }));
  for (const char* clicks : {"1", "2"}) {
    EXPECT_OK((*store)->WriteRows([&](StoreTransaction& tx) {
      TextRowSource rows(table, {"stat_time_day", "ad_id", "clicks"}, {{"2026-03-01", "a", clicks}});
      return tx.SettleRows(RequestFor(table, "7001"), rows).status();
    }));
  }
  TableSchema ads = AdTable();
  ads.history = true;
  EXPECT_OK((*store)->Write([&](StoreTransaction& tx) { return tx.EnsureTable(ads); }));
}

TEST(PostgresOpenTest, PasswordsStandInNoMessage) {
  for (const char* url : {"postgresql://me:hush-hush-1@/postgres?host=/nowhere/at/all",
                          "postgresql://me:hush-hush-1@host:not-a-port/db", "postgresql://me:hush-hush-1@%zz/db"}) {
    const absl::Status status = OpenStore(std::string(url)).status();
    EXPECT_FALSE(status.ok());
    EXPECT_THAT(std::string(status.message()), Not(HasSubstr("hush-hush"))) << url;
  }
  const StoreOptions options{.url = "postgresql://me@/postgres?host=/nowhere",
                             .password = [] { return Secret("hush-hush-2"); }};
  EXPECT_THAT(std::string(OpenStore(options).status().message()), Not(HasSubstr("hush-hush")));
}

}  // namespace
}  // namespace tikhaul
