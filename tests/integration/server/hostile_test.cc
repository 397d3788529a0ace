// Peers that mean harm, or are broken: the coordinator goes on serving a well-behaved one, and its memory stays
// bounded.
#include <arpa/inet.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/files.h"
#include "common/base/process.h"
#include "tests/integration/server/guarded_coordinator.h"
#include "tests/support/eventually.h"
#include "tests/support/instrumented.h"
#include "tests/support/test_tls.h"
#include "tikhaul/v1/admin.grpc.pb.h"
#include "tikhaul/v1/ingest.grpc.pb.h"

namespace tikhaul {
namespace {

constexpr int64_t kMostMemoryKb = 256 << 10;
// Of 50 GB that are sent; as a rule a third of it: docs/security.md.
constexpr int64_t kMostMemoryUnderAttackKb = 1536 << 10;
constexpr char kStatus[] = "/tikhaul.v1.Admin/GetStatus";

// A figure of /proc/PID/status, in KiB.
int64_t MemoryKb(pid_t pid, const std::string& name) {
  const std::string text = ReadFile(absl::StrCat("/proc/", pid, "/status")).value_or("");
  const size_t at = text.find(name + ":");
  return at == std::string::npos ? -1 : std::atoll(text.c_str() + at + name.size() + 1);
}

// Connections of this process, closed with the object.
class Flood {
 public:
  // `bytes` are sent once on each.
  Flood(int count, int port, const std::string& bytes) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(static_cast<uint16_t>(port));
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    for (int i = 0; i < count; ++i) {
      const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
      if (fd < 0) break;
      fds_.push_back(fd);
      if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof(to)) != 0) continue;
      if (!bytes.empty()) send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
  }
  ~Flood() {
    for (const int fd : fds_) close(fd);
  }
  size_t size() const { return fds_.size(); }
  // How many the other side has closed.
  size_t Closed() const {
    size_t closed = 0;
    char byte = 0;
    for (const int fd : fds_) {
      while (true) {
        const ssize_t got = recv(fd, &byte, 1, MSG_DONTWAIT);
        if (got == 1) continue;
        if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) ++closed;
        break;
      }
    }
    return closed;
  }

 private:
  std::vector<int> fds_;
};

// Asks for the status again and again on one connection, as an operator does who watches.
class WellBehaved {
 public:
  WellBehaved(const Dialer& dialer, const std::string& address)
      : stub_(v1::Admin::NewStub(*dialer.Open(address))), thread_([this] { Run(); }) {}
  ~WellBehaved() {
    stop_ = true;
    thread_.join();
  }
  int answers() const { return answers_; }
  int failures() const { return failures_; }

 private:
  void Run() {
    while (!stop_) {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
      v1::Status status;
      const grpc::Status ended = stub_->GetStatus(&context, v1::GetStatusRequest(), &status);
      // While thousands of calls end at once, one may be told to come again.
      const bool later = ended.error_code() == grpc::StatusCode::RESOURCE_EXHAUSTED;
      if (!ended.ok() && !later) ADD_FAILURE() << ended.error_code() << " " << ended.error_message();
      if (!later) ++(ended.ok() ? answers_ : failures_);
      tikhaul::SleepFor(absl::Milliseconds(20));
    }
  }

  std::atomic<bool> stop_ = false;
  std::atomic<int> answers_ = 0, failures_ = 0;
  std::unique_ptr<v1::Admin::Stub> stub_;
  std::thread thread_;
};

class HostileTest : public ::testing::Test {
 protected:
  HostileTest() {
    rlimit files{};
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
    setrlimit(RLIMIT_NOFILE, &files);
  }
  void Start(const GuardedOptions& options) {
    coordinator_ = std::make_unique<GuardedCoordinator>(options);
    ASSERT_TRUE(coordinator_->AwaitReady()) << coordinator_->Log();
  }
  // The well-behaved one has been answered since, and the memory has never been more than it may be.
  void ExpectWell(WellBehaved& peer) {
    const int before = peer.answers();
    EXPECT_TRUE(Eventually([&] { return peer.answers() > before + 2; }, kPatience));
    EXPECT_EQ(coordinator_->Ended(), std::nullopt);
    const int64_t peak = MemoryKb(coordinator_->pid(), "VmHWM");
    EXPECT_GT(peak, 0);
    EXPECT_TRUE(kInstrumented || peak < kMostMemoryKb) << peak << " KiB";
  }
  bool NewcomersAreServed(const Dialer& dialer) {
    return Eventually([&] { return TryCall(dialer, coordinator_->address(), kStatus).ok(); }, kPatience);
  }

  std::unique_ptr<GuardedCoordinator> coordinator_;
};

TEST_F(HostileTest, FloodsOfConnectionsAreTurnedAway) {
  Start({.yaml = "", .coordinator = "", .listen = ""});
  WellBehaved peer(Dialer(), coordinator_->address());
  ExpectWell(peer);
  {
    Flood silent(1500, coordinator_->port(), "");
    EXPECT_EQ(silent.size(), 1500u);
    EXPECT_TRUE(Eventually([&] { return silent.Closed() >= 1400; }, kPatience)) << "more than 64 of one address";
    ExpectWell(peer);
    // The rest said nothing for the time of a handshake.
    EXPECT_TRUE(Eventually([&] { return silent.Closed() == silent.size(); }, absl::Seconds(60)));
  }
  for (const std::string& bytes :
       {std::string(1 << 14, '\xff'), std::string("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
        std::string("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), std::string("\x16\x03\x01\x02\x00\x01", 6)}) {
    const Flood garbage(400, coordinator_->port(), bytes);
    ExpectWell(peer);
  }
  EXPECT_TRUE(NewcomersAreServed(Dialer()));
}

// gRPC's own listener would never listen again.
TEST_F(HostileTest, WithoutFileDescriptorsItWaitsForSome) {
  Start({.yaml = "", .coordinator = "", .listen = ""});
  WellBehaved peer(Dialer(), coordinator_->address());
  ExpectWell(peer);
  rlimit before{};
  rlimit few{.rlim_cur = 100, .rlim_max = 0};
  ASSERT_EQ(prlimit(coordinator_->pid(), RLIMIT_NOFILE, nullptr, &before), 0);
  few.rlim_max = before.rlim_max;
  ASSERT_EQ(prlimit(coordinator_->pid(), RLIMIT_NOFILE, &few, nullptr), 0);
  {
    const Flood silent(300, coordinator_->port(), "");
    const int answers = peer.answers();
    EXPECT_TRUE(Eventually([&] { return peer.answers() > answers + 2; }, kPatience));
  }
  ASSERT_EQ(prlimit(coordinator_->pid(), RLIMIT_NOFILE, &before, nullptr), 0);
  EXPECT_TRUE(NewcomersAreServed(Dialer()));
  ExpectWell(peer);
}

TEST_F(HostileTest, SilentStreamsEnd) {
  Start({.yaml = "", .coordinator = "streams_per_peer: 50", .listen = ""});
  WellBehaved peer(Dialer(), coordinator_->address());
  const auto channel = *Dialer().Open(coordinator_->address());
  const auto stub = v1::Ingest::NewStub(channel);
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::ExtractRequest, v1::ExtractResponse>> calls;
  };
  std::vector<std::unique_ptr<Stream>> silent;
  for (int i = 0; i < 60; ++i) {
    silent.push_back(std::make_unique<Stream>());
    silent.back()->calls = stub->Extract(&silent.back()->context);
  }
  ExpectWell(peer);
  int refused = 0, cancelled = 0;
  for (const auto& stream : silent) {
    v1::ExtractResponse response;
    const bool answered = stream->calls->Read(&response);
    if (answered && response.refused().reason() == v1::Refused::REASON_LATER) ++refused;
    if (!answered) ++cancelled;
    stream->calls->Finish();
  }
  EXPECT_EQ(refused, 10);
  EXPECT_EQ(cancelled, 50);
  ExpectWell(peer);
}

struct Load {
  size_t connections = 0;
  size_t calls = 0;  // over each of them
  size_t bytes = 0;  // of each call
};

// Sends all at once, and gives how many ended with `code`.
int SendAtOnce(const std::string& address, const std::shared_ptr<grpc::ChannelCredentials>& credentials,
               const Load& load, grpc::StatusCode code) {
  // Unknown fields of two bytes each, empty strings, of which protobuf makes some sixty bytes each.
  std::string junk;
  while (junk.size() < load.bytes) junk.append("\x7a\0", 2);
  const grpc::Slice text(junk);
  const grpc::ByteBuffer message(&text, 1);
  std::atomic<int> ended = 0;
  std::vector<std::thread> senders;
  for (size_t connection = 0; connection < load.connections; ++connection) {
    senders.emplace_back([&] {
      grpc::ChannelArguments arguments;
      arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
      arguments.SetMaxSendMessageSize(-1);
      grpc::GenericStub stub(grpc::CreateCustomChannel(address, credentials, arguments));
      struct Call {
        grpc::ClientContext context;
        std::unique_ptr<grpc::ClientAsyncResponseReader<grpc::ByteBuffer>> reader;
        grpc::ByteBuffer answer;
        grpc::Status end;
      };
      std::vector<Call> calls(load.calls);
      grpc::CompletionQueue queue;
      for (Call& call : calls) {
        call.context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
        call.reader = stub.PrepareUnaryCall(&call.context, "/tikhaul.v1.Ingest/Hello", message, &queue);
        call.reader->StartCall();
        call.reader->Finish(&call.answer, &call.end, nullptr);
      }
      void* tag = nullptr;
      bool ok = false;
      for (size_t call = 0; call < load.calls; ++call) queue.Next(&tag, &ok);
      for (const Call& call : calls) ended += call.end.error_code() == code;
    });
  }
  for (std::thread& sender : senders) sender.join();
  return ended;
}

// Nobody is a stranger here. Those that send are disconnected, and the others are served.
TEST_F(HostileTest, LargeMessagesDoNotBloat) {
  if (kInstrumented) GTEST_SKIP() << "the coordinator looks at the heap of glibc, which is not in use";
  Start({.yaml = "", .coordinator = "", .listen = ""});
  WellBehaved peer(Dialer(), coordinator_->address());
  const auto credentials = grpc::InsecureChannelCredentials();
  EXPECT_EQ(SendAtOnce(coordinator_->address(), credentials, {.connections = 1, .calls = 10, .bytes = 5 << 20},
                       grpc::StatusCode::RESOURCE_EXHAUSTED),
            10)
      << "too large";
  ExpectWell(peer);
  for (const Load& load : {Load{.connections = 40, .calls = 60, .bytes = 300'000},
                           Load{.connections = 40, .calls = 60, .bytes = 4'000'000},
                           Load{.connections = 40, .calls = 10, .bytes = 100 << 20}}) {
    SendAtOnce(coordinator_->address(), credentials, load, grpc::StatusCode::OK);
    const int before = peer.answers();
    EXPECT_TRUE(Eventually([&] { return peer.answers() > before + 2; }, kPatience));
  }
  const int64_t peak = MemoryKb(coordinator_->pid(), "VmHWM");
  RecordProperty("peak_kib", static_cast<int>(peak));
  EXPECT_LT(peak, kMostMemoryUnderAttackKb) << "KiB";
  EXPECT_THAT(coordinator_->Log(), ::testing::HasSubstr("those that sent most were disconnected"));
  EXPECT_EQ(peer.failures(), 0);
  EXPECT_EQ(coordinator_->Ended(), std::nullopt);
  EXPECT_TRUE(NewcomersAreServed(Dialer()));
  EXPECT_TRUE(Eventually([&] { return MemoryKb(coordinator_->pid(), "VmRSS") < kMostMemoryKb; }, kPatience))
      << "it is given back";
}

// HTTP/2 by hand.
std::string Frame(char type, char flags, uint32_t stream, const std::string& payload) {
  std::string frame;
  for (int shift = 16; shift >= 0; shift -= 8) frame += static_cast<char>(payload.size() >> shift);
  frame += type;
  frame += flags;
  for (int shift = 24; shift >= 0; shift -= 8) frame += static_cast<char>(stream >> shift);
  return frame + payload;
}

std::string Header(const std::string& name, const std::string& value) {
  return std::string(1, '\0') + static_cast<char>(name.size()) + name + static_cast<char>(value.size()) + value;
}

// The beginnings of so many calls, each of which promises 15 MB and brings 100 bytes.
std::string UnfinishedCalls(int count) {
  const std::string headers = Header(":method", "POST") + Header(":scheme", "http") +
                              Header(":path", "/tikhaul.v1.Ingest/Hello") + Header(":authority", "x") +
                              Header("content-type", "application/grpc") + Header("te", "trailers");
  std::string bytes = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, 0, "");
  for (int call = 0; call < count; ++call) {
    const auto stream = static_cast<uint32_t>(2 * call + 1);
    bytes += Frame(1, 4, stream, headers);
    bytes += Frame(0, 0, stream, std::string("\0\0\xe4\xe1\xc0", 5) + std::string(100, 'x'));
  }
  return bytes;
}

// gRPC keeps such calls for as long as their connection stays.
TEST_F(HostileTest, UnfinishedCallsDoNotBloat) {
  Start({.yaml = "", .coordinator = "", .listen = ""});
  WellBehaved peer(Dialer(), coordinator_->address());
  ExpectWell(peer);
  {
    const Flood flood(300, coordinator_->port(), UnfinishedCalls(200));
    EXPECT_TRUE(Eventually([&] { return flood.Closed() >= 230; }, kPatience));
    ExpectWell(peer);
  }
  {
    const Flood flood(60, coordinator_->port(), UnfinishedCalls(400));  // more than a connection may have
    ExpectWell(peer);
  }
  EXPECT_TRUE(NewcomersAreServed(Dialer()));
}

// On an encrypted port: garbage in place of handshakes, handshakes that stop half-way, and callers whom nobody knows.
TEST_F(HostileTest, StrangersAtAnEncryptedPort) {
  const TestCertificates certificates;
  certificates.Make("ops.tikhaul");
  v1::Config config;
  *config.mutable_tls() = TlsOf(certificates, "ops.tikhaul");
  Start({.yaml = absl::StrCat(TlsYaml(TlsOf(certificates, "server")),
                              "identities: [{name: ops, role: operator, certificate: ops.tikhaul}]\n"),
         .coordinator = "",
         .listen = ""});
  const Dialer known = *Dialer::Make(config);
  WellBehaved peer(known, coordinator_->address());
  ExpectWell(peer);
  // The beginning of a ClientHello that promises more.
  for (const std::string& bytes : {std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), std::string("junk"),
                                   std::string(1 << 14, '\0')}) {
    const Flood flood(400, coordinator_->port(), bytes);
    ExpectWell(peer);
  }
  *config.mutable_tls() = TlsOf(certificates, "");
  const Dialer stranger = *Dialer::Make(config);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(TryCall(stranger, coordinator_->address(), "/tikhaul.v1.Ingest/Extract").error_code(),
              grpc::StatusCode::UNAUTHENTICATED);
  }
  // What they send is not read.
  grpc::SslCredentialsOptions believes;
  believes.pem_root_certs = ReadFile(certificates.CaFile()).value_or("");
  EXPECT_EQ(SendAtOnce(coordinator_->address(), grpc::SslCredentials(believes),
                       {.connections = 12, .calls = 10, .bytes = 4'000'000}, grpc::StatusCode::UNAUTHENTICATED),
            120);
  ExpectWell(peer);
  EXPECT_LT(ReadFile(coordinator_->Path("coordinator.log"))->size(), 1u << 20) << "the log is bounded, too";
  EXPECT_TRUE(NewcomersAreServed(known));
}

}  // namespace
}  // namespace tikhaul
