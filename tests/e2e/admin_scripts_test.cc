// scripts/admin, run as people run them, against real coordinators.
#include <gmock/gmock.h>
#include <grpcpp/grpcpp.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/files.h"
#include "tests/support/postgres_server.h"
#include "tests/support/shell.h"
#include "tests/support/wanted.h"

namespace tikhaul {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kNobody[] = "7999999999999999999";

// One chunk of an account for 30 days.
Wanted Daily() {
  return {.name = "ads_daily",
          .stream = "basic_report",
          .level = "ad",
          .dimensions = {"stat_time_day"},
          .metrics = {"spend", "clicks"},
          .settings = "backfill: 60"};
}

// Runs a script: the first word is its name.
ShellResult Script(TestCluster& cluster, const std::string& words, const std::string& coordinator = "c.sock") {
  return RunShell(absl::StrCat("cd ", cluster.Path("."), "; export TIKHAUL_PYTHON=", STUBS, " TIKHAUL=", PROGRAMS,
                               "/tikhaul TIKHAUL_CONFIG=", cluster.Path("tikhaul.yaml"),
                               " TIKHAUL_COORDINATOR=unix:", cluster.Path(coordinator), "; ", SCRIPTS, "/", words));
}

class AdminScriptsTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    cluster_ = new TestCluster({.extracts = YamlOf({Daily()}), .coordinator = "leave_out_idle: false"});
    cluster_->Start();
    // Known as soon as the coordinator has asked for the accounts.
    ASSERT_TRUE(Eventually([] { return Count("tikhaul_advertiser") == 3; }));
    for (const auto& row : cluster_->Query("SELECT id FROM tikhaul_advertiser ORDER BY id")) ids_.push_back(row[0]);
  }
  static void TearDownTestSuite() {
    delete cluster_;
    cluster_ = nullptr;
  }
  static int64_t Count(const std::string& table) { return cluster_->QueryInt("SELECT count(*) FROM " + table); }
  static ShellResult Run(const std::string& words) { return Script(*cluster_, words); }
  static void Expect(const ShellResult& result, int code) { EXPECT_EQ(result.code, code) << result.out << result.err; }

  static TestCluster* cluster_;
  static std::vector<std::string> ids_;
};
TestCluster* AdminScriptsTest::cluster_ = nullptr;
std::vector<std::string> AdminScriptsTest::ids_;

// The tests below build on each other: they are one life of an installation, in this order.

TEST_F(AdminScriptsTest, A_EveryScriptTellsItsUseAndRefusesNonsense) {
  int scripts = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SCRIPTS)) {
    if (entry.path().has_extension() || entry.is_directory()) continue;
    const std::string name = entry.path().filename();
    const ShellResult help = Run(name + " --help");
    Expect(help, 0);
    EXPECT_THAT(help.out, AllOf(HasSubstr("usage:"), HasSubstr("Exit codes: 0"))) << name;
    Expect(Run(name + " --nonsense"), 2);
    ++scripts;
  }
  EXPECT_EQ(scripts, 6);
}

TEST_F(AdminScriptsTest, B_NewAdvertisersAreBackfilledOnceAndUnknownOnesAreNamed) {
  ASSERT_TRUE(
      WriteFileAtomically(cluster_->Path("new.txt"), absl::StrCat("# new customers\n", ids_[0], ", Shoes Ltd\n\n",  //
                                                                  ids_[1], "\n", kNobody, "\n", ids_[0], "\n"))
          .ok());
  ShellResult result = Run("backfill-advertisers new.txt --from 2026-06-01 --to 2026-06-03");
  Expect(result, 3);
  EXPECT_THAT(result.out, HasSubstr("2 advertisers, 2 backfills\n"));
  EXPECT_THAT(result.err, HasSubstr(absl::StrCat(kNobody, ": no connection opens it")));
  EXPECT_EQ(cluster_->QueryInt("SELECT count(*) FROM tikhaul_run WHERE state = 'done'"), 2) << "it has waited";
  EXPECT_EQ(cluster_->QueryInt("SELECT count(DISTINCT advertiser_id) FROM ads_daily"), 2);

  // A longer file: what was read is not read again.
  const int64_t chunks = Count("tikhaul_chunk");
  ASSERT_TRUE(
      WriteFileAtomically(cluster_->Path("new.txt"), absl::StrCat(ids_[0], "\n", ids_[1], "\n", ids_[2], "\n")).ok());
  Expect(Run("backfill-advertisers new.txt --from 2026-06-01 --to 2026-06-03 --extract ads_daily"), 0);
  EXPECT_GT(Count("tikhaul_chunk"), chunks);
  EXPECT_EQ(cluster_->QueryInt("SELECT count(*) FROM tikhaul_run"), 3);

  ASSERT_TRUE(WriteFileAtomically(cluster_->Path("bad.txt"), "shoes\n").ok());
  result = Run("backfill-advertisers bad.txt");
  Expect(result, 1);
  EXPECT_THAT(result.err, HasSubstr("'shoes' is not an advertiser id"));
}

TEST_F(AdminScriptsTest, C_GapsAreToldWithAnExitCodeForCron) {
  ShellResult result = Run("check-gaps");
  Expect(result, 3);
  EXPECT_THAT(result.out, AllOf(HasSubstr(ids_[0]), HasSubstr("behind: complete up to 2026-06-03")));
  cluster_->Backfill({"ads_daily"}, "2026-06-10", "2026-06-15");
  cluster_->WaitIdle();
  result = Run("check-gaps --extract ads_daily --advertiser " + ids_[1]);
  Expect(result, 3);
  EXPECT_THAT(result.out, HasSubstr(absl::StrCat("ads_daily ", ids_[1])));
  EXPECT_THAT(result.out, HasSubstr("not read: 2026-06-04..2026-06-09"));
  EXPECT_THAT(result.out, Not(HasSubstr(ids_[0])));
  cluster_->Backfill({"ads_daily"}, "2026-06-04", "2026-06-09");
  cluster_->WaitIdle();
  result = Run("check-gaps");
  Expect(result, 0);
  EXPECT_EQ(result.out, "") << "cron sends no mail";
  Expect(Run("check-gaps --most-lag -1"), 3);
}

TEST_F(AdminScriptsTest, D_AMonthIsReadAgainOnceADay) {
  const std::string command = "reread-month 2026-05 ads_daily";
  const int64_t runs = Count("tikhaul_run");
  Expect(Run(command), 0);
  EXPECT_EQ(Count("tikhaul_run"), runs + 1);
  EXPECT_EQ(cluster_->QueryInt("SELECT count(*) FROM tikhaul_ledger WHERE first_day >= '2026-05-01' AND last_day <= "
                               "'2026-05-31' AND advertiser = '" +
                               ids_[2] + "'"),
            cluster_->QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE first_day >= '2026-05-01' AND last_day <= "
                               "'2026-05-31' AND state = 'done' AND advertiser = '" +
                               ids_[2] + "'"));
  EXPECT_EQ(cluster_->QueryInt("SELECT count(*) FROM tikhaul_chunk WHERE last_day = '2026-05-31'"), 3);
  Expect(Run(command), 0);
  EXPECT_EQ(Count("tikhaul_run"), runs + 1);
  Expect(Run(command + " --key again"), 0);
  EXPECT_EQ(Count("tikhaul_run"), runs + 2);
  Expect(Run("reread-month 2026-13 ads_daily"), 2);
  Expect(Run("reread-month 2026-05"), 2);
}

TEST_F(AdminScriptsTest, E_TheLedgerIsExportedWhole) {
  const ShellResult result = Run("export-ledger ledger.csv");
  Expect(result, 0);
  const int64_t entries = Count("tikhaul_ledger");
  EXPECT_THAT(result.out, HasSubstr(absl::StrCat(entries, " entries in ledger.csv")));
  const std::string text = ReadFile(cluster_->Path("ledger.csv")).value_or("");
  const std::vector<std::string> lines = absl::StrSplit(text, '\n', absl::SkipEmpty());
  ASSERT_EQ(static_cast<int64_t>(lines.size()), entries + 1);
  EXPECT_THAT(lines[0], StartsWith("chunk_id,run_id,extract,advertiser,first_day,last_day,promised_rows,rows"));
  const ShellResult some = Run("export-ledger --advertiser " + ids_[0] + " --from 2026-06-01 --to 2026-06-03");
  Expect(some, 0);
  const std::vector<std::string> few = absl::StrSplit(some.out, '\n', absl::SkipEmpty());
  ASSERT_EQ(few.size(), 2u);
  EXPECT_THAT(few[1], AllOf(HasSubstr(absl::StrCat(",ads_daily,", ids_[0], ",2026-06-01,2026-06-03,")),
                            HasSubstr("2026-06-15T12:")));
  Expect(Run("export-ledger /nowhere/ledger.csv"), 1);
}

TEST_F(AdminScriptsTest, F_OneCustomerIsHeldBack) {
  ASSERT_TRUE(WriteFileAtomically(cluster_->Path("customer.txt"), absl::StrCat("# Shoes Ltd\n", ids_[0], "\n")).ok());
  ShellResult result = Run("pause-customer pause customer.txt " + ids_[1]);
  Expect(result, 0);
  EXPECT_EQ(result.out, absl::StrCat("paused: advertiser ", ids_[0], "\npaused: advertiser ", ids_[1], "\n"));
  // The backfill of all accounts comes to rest with the third's part done.
  result = Run("backfill-advertisers --from 2026-04-20 --to 2026-04-25 - <<END\n" + ids_[0] + "\n" + ids_[2] + "\nEND");
  Expect(result, 3);
  EXPECT_THAT(result.out, HasSubstr("paused or blocked"));
  const auto read = [](const std::string& id) {
    return cluster_->QueryInt(
        "SELECT count(*) FROM tikhaul_chunk WHERE last_day = '2026-04-25' AND state = 'done' "
        "AND advertiser = '" +
        id + "'");
  };
  EXPECT_EQ(read(ids_[0]), 0);
  EXPECT_EQ(read(ids_[2]), 1);
  Expect(Run("pause-customer resume customer.txt " + ids_[1]), 0);
  cluster_->WaitIdle();
  EXPECT_EQ(read(ids_[0]), 1);
  EXPECT_EQ(cluster_->GetStatus().pauses_size(), 0);
  result = Run(absl::StrCat("pause-customer pause ", kNobody));
  Expect(result, 1);
  EXPECT_THAT(result.err, HasSubstr("no advertiser"));
}

TEST_F(AdminScriptsTest, G_DeadLettersAreTriedAgainByReason) {
  Expect(Run("retry-dead-letters"), 0);
  cluster_->Fault(R"({"kind": "code", "code": 40002, "message": "metrics: not today",
                      "match": {"path": "report/integrated/get/"}, "times": 3})");
  Expect(Run("backfill-advertisers --from 2026-04-26 --to 2026-04-28 - <<END\n" + ids_[0] + "\n" + ids_[1] + "\nEND"),
         3);
  ShellResult result = Run("retry-dead-letters");
  Expect(result, 0);
  EXPECT_THAT(result.out, HasSubstr("2  permanent (40002)"));
  EXPECT_THAT(Run("check-gaps").out, HasSubstr("dead letter"));
  result = Run("retry-dead-letters --reason permanent");
  Expect(result, 3);
  EXPECT_THAT(result.out, AllOf(HasSubstr("2 chunks are tried again"), HasSubstr("1 are dead letters now")))
      << "the third time the API refuses";
  Expect(Run("retry-dead-letters --reason permanent --dry-run"), 0);
  result = Run("retry-dead-letters --reason permanent --advertiser " + ids_[0] + " --extract ads_daily");
  Expect(result, 0);
  Expect(Run("retry-dead-letters --reason permanent"), 0);
  EXPECT_EQ(cluster_->GetStatus().dead_letters(), 0u);
  result = Run("retry-dead-letters --reason weather");
  Expect(result, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("weather"), HasSubstr("INVALID_ARGUMENT")));
}

TEST_F(AdminScriptsTest, H_AMissingCoordinatorAndMissingFilesAreTold) {
  ShellResult result = Script(*cluster_, "check-gaps --patience 0.5", "nobody.sock");
  Expect(result, 1);
  EXPECT_THAT(result.err, AllOf(StartsWith("check-gaps: GetStatus at unix:"), HasSubstr("UNAVAILABLE")));
  result = Run("check-gaps --ca-file nowhere.pem");
  Expect(result, 1);
  EXPECT_THAT(result.err, HasSubstr("nowhere.pem: No such file"));
  result = Run("check-gaps --key-file k.pem");
  Expect(result, 1);
  EXPECT_THAT(result.err, HasSubstr("go together"));
  ASSERT_TRUE(WriteFileAtomically(cluster_->Path("rpc_token"), "secret-token\n").ok());
  result = Run("check-gaps --token-file rpc_token --coordinator 192.0.2.1:7733");
  Expect(result, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("not sent to 192.0.2.1:7733 without TLS"), Not(HasSubstr("secret-token"))));
  Expect(Run("retry-dead-letters --token-file rpc_token"), 0);
}

TEST(AdminScriptsOfSeveralTest, TheLeadIsFollowedAndAKeyHoldsAtTheNextOne) {
  TestCluster cluster({.extracts = YamlOf({Daily()}),
                       .coordinators = 2,
                       .postgres = PostgresServer::Shared().Url(),
                       .schema = PostgresServer::NewSchema(),
                       .coordinator = "leave_out_idle: false"});
  cluster.Start();
  const std::string lead = cluster.Lead();
  const std::string other = lead == "coordinator" ? "c1.sock" : "c.sock";
  ASSERT_TRUE(Eventually([&] { return cluster.QueryInt("SELECT count(*) FROM tikhaul_advertiser") == 3; }));
  const std::string id = cluster.Query("SELECT min(id) FROM tikhaul_advertiser")[0][0];
  const std::string command =
      absl::StrCat("backfill-advertisers --from 2026-06-01 --to 2026-06-03 - <<END\n", id, "\nEND");
  const ShellResult first = Script(cluster, command, other);
  EXPECT_EQ(first.code, 0) << first.out << first.err;
  EXPECT_THAT(first.out, HasSubstr("1 advertisers, 1 backfills"));
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_answer"), 1);

  cluster.Kill9(lead);
  const ShellResult second = Script(cluster, command, other);
  EXPECT_EQ(second.code, 0) << second.out << second.err;
  EXPECT_EQ(second.out, first.out);
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_answer"), 1) << "the first answer was given";
  EXPECT_EQ(cluster.QueryInt("SELECT count(*) FROM tikhaul_run"), 1);
}

// A coordinator as far as check-gaps looks, behind TLS that asks for the caller's certificate.
class GuardedAdmin final : public v1::Admin::Service {
 public:
  grpc::Status GetStatus(grpc::ServerContext* context, const v1::GetStatusRequest*, v1::Status* answer) override {
    const auto& metadata = context->client_metadata();
    const auto token = metadata.find("authorization");
    if (token == metadata.end() || token->second != "Bearer s3cret") return {grpc::UNAUTHENTICATED, "who are you?"};
    callers_ = static_cast<int>(context->auth_context()->FindPropertyValues(GRPC_X509_CN_PROPERTY_NAME).size());
    answer->mutable_now()->set_seconds(1780000000);
    return grpc::Status::OK;
  }
  grpc::Status ListCursors(grpc::ServerContext*, const v1::ListCursorsRequest*, v1::ListCursorsResponse*) override {
    return grpc::Status::OK;
  }
  grpc::Status ListDeadLetters(grpc::ServerContext*, const v1::ListDeadLettersRequest*,
                               v1::ListDeadLettersResponse*) override {
    return grpc::Status::OK;
  }
  int callers() const { return callers_; }

 private:
  int callers_ = 0;  // names in the certificate that was shown
};

TEST(AdminScriptsOverTlsTest, CertificateAndTokenAreShown) {
  const ScratchFolder folder;
  const ShellResult made = RunShell(absl::StrCat("cd ", folder.path(), R"(
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=other -keyout other.key -out other.pem &&
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=ca -keyout ca.key -out ca.pem &&
    for name in localhost ops.tikhaul; do
      openssl req -newkey rsa:2048 -nodes -subj /CN=$name -keyout $name.key -out $name.csr &&
      printf "subjectAltName=DNS:$name" >$name.ext &&
      openssl x509 -req -in $name.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile $name.ext -out $name.pem || exit 1
    done; echo s3cret >token; echo other >wrong_token)"));
  ASSERT_EQ(made.code, 0) << made.err;
  const auto read = [&](const std::string& name) { return ReadFile(folder.Path(name)).value_or(""); };
  grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  tls.pem_root_certs = read("ca.pem");
  tls.pem_key_cert_pairs.push_back({read("localhost.key"), read("localhost.pem")});
  GuardedAdmin admin;
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("localhost:0", grpc::SslServerCredentials(tls), &port);
  builder.RegisterService(&admin);
  const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
  const auto check = [&](const std::string& options) {
    return RunShell(absl::StrCat("cd ", folder.path(), "; export TIKHAUL_PYTHON=", STUBS, "; ", SCRIPTS,
                                 "/check-gaps --patience 0.5 --coordinator localhost:", port, " ", options));
  };
  const std::string certificate = "--certificate-file ops.tikhaul.pem --key-file ops.tikhaul.key ";
  ShellResult result = check("--ca-file ca.pem --token-file token " + certificate);
  EXPECT_EQ(result.code, 0) << result.out << result.err;
  EXPECT_EQ(admin.callers(), 1);
  result = check("--ca-file ca.pem --token-file wrong_token " + certificate);
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("who are you? (UNAUTHENTICATED)"));
  EXPECT_EQ(check("--ca-file ca.pem --token-file token").code, 1) << "no certificate is shown";
  EXPECT_EQ(check("--ca-file other.pem --token-file token " + certificate).code, 1) << "signed by another";
  EXPECT_EQ(check("--token-file token").code, 1) << "plaintext";
}

}  // namespace
}  // namespace tikhaul
