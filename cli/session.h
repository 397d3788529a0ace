// What the commands have in common: global options, the way to the coordinator, how results and errors are shown.
#ifndef TIKHAUL_CLI_SESSION_H_
#define TIKHAUL_CLI_SESSION_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/admin_client.h"
#include "cli/console.h"
#include "common/base/clock.h"
#include "google/protobuf/message.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Exit codes, as --help tells them.
enum ExitCode {
  kExitOk = 0,
  kExitFailed = 1,
  kExitUsage = 2,
  kExitPartial = 3,  // finished, but with dead letters, pauses or blocks
  kExitFlagged = 4,  // verification found differences that nothing explains
};

class LocalCluster;

// One run of the program. Borrows console and clock. Not thread-safe.
class Session {
 public:
  Session(Console& console, const Clock& clock);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Filled in by the parser.
  std::string config_path = "tikhaul.yaml";
  std::string coordinator;  // empty: from the configuration
  std::string token_file;   // this and what follows: the same
  v1::Tls tls;
  bool json = false;

  int exit_code = kExitOk;

  Console& console() { return console_; }
  const Clock& clock() const { return clock_; }

  // How this run reaches coordinators.
  absl::StatusOr<Dialer> MakeDialer() const;
  // A client that has reached a coordinator. The session owns it.
  absl::StatusOr<AdminClient*> Connect();
  // The same, but where nobody answers at an address of this machine, starts a coordinator for the length of the
  // command (with a Redis of its own, without workers) and says so on console.err.
  absl::StatusOr<AdminClient*> ConnectOrStart();

  // Shows the error on console.err, sets and returns the exit code.
  int Fail(const absl::Status& error);
  // Prints the answer as JSON when that was asked for, and says whether it did.
  bool PrintedAsJson(const google::protobuf::Message& answer);

 private:
  absl::StatusOr<std::vector<std::string>> Addresses() const;
  bool HasConfig() const;
  absl::Status Reach(const std::vector<std::string>& addresses, const Dialer& dialer);
  absl::Status StartTemporary();

  Console& console_;
  const Clock& clock_;
  std::unique_ptr<LocalCluster> temporary_;
  std::unique_ptr<AdminClient> client_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_SESSION_H_
