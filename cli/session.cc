#include "cli/session.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/json.h"
#include "cli/local/local_cluster.h"
#include "cli/local/local_folder.h"
#include "common/base/process.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"

namespace tikhaul {
namespace {

// Without an eye on signals: a Ctrl-C ends this program as usual, and the kernel then ends its children.
bool JustWait(absl::Duration duration) {
  tikhaul::SleepFor(duration);
  return false;
}

}  // namespace

Session::Session(Console& console, const Clock& clock) : console_(console), clock_(clock) {}

Session::~Session() = default;

absl::StatusOr<std::vector<std::string>> Session::Addresses() const {
  if (!coordinator.empty()) return std::vector<std::string>(absl::StrSplit(coordinator, ','));
  if (!HasConfig()) return std::vector<std::string>{kDefaultCoordinator};
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(config_path));
  const auto& addresses = config.coordinator().addresses();
  if (!addresses.empty()) return std::vector<std::string>(addresses.begin(), addresses.end());
  return std::vector<std::string>{DialAddress(config.coordinator().listen())};
}

absl::StatusOr<Dialer> Session::MakeDialer() const {
  v1::Config config;
  if (HasConfig()) {
    ASSIGN_OR_RETURN(config, LoadConfig(config_path));
  }
  if (!token_file.empty()) config.set_token_file(token_file);
  if (tls.ByteSizeLong() != 0) *config.mutable_tls() = tls;
  return Dialer::Make(config);
}

absl::Status Session::Reach(const std::vector<std::string>& addresses, const Dialer& dialer) {
  client_ = std::make_unique<AdminClient>(addresses, dialer);
  const absl::Status reached = client_->Connect();
  if (reached.ok() || !coordinator.empty() || HasConfig()) return reached;
  return absl::Status(reached.code(),
                      absl::StrCat(reached.message(), "\nthere is no ", config_path,
                                   " to tell another address: `tikhaul init` writes one, --config names one"));
}

bool Session::HasConfig() const { return access(config_path.c_str(), F_OK) == 0; }

absl::StatusOr<AdminClient*> Session::Connect() {
  ASSIGN_OR_RETURN(const std::vector<std::string> addresses, Addresses());
  ASSIGN_OR_RETURN(const Dialer dialer, MakeDialer());
  RETURN_IF_ERROR(Reach(addresses, dialer));
  return client_.get();
}

absl::StatusOr<AdminClient*> Session::ConnectOrStart() {
  ASSIGN_OR_RETURN(const std::vector<std::string> addresses, Addresses());
  ASSIGN_OR_RETURN(const Dialer dialer, MakeDialer());
  const absl::Status reached = Reach(addresses, dialer);
  if (reached.ok()) return client_.get();
  if (!std::all_of(addresses.begin(), addresses.end(), IsLocalAddress) || !HasConfig()) return reached;
  RETURN_IF_ERROR(StartTemporary());
  RETURN_IF_ERROR(Reach({temporary_->coordinator_address()}, Dialer()));  // a Unix socket of this user
  return client_.get();
}

absl::Status Session::StartTemporary() {
  ASSIGN_OR_RETURN(const v1::Config config, LoadConfig(config_path));
  console_.err << "no coordinator runs here: starting one for the length of this command" << std::endl;
  ASSIGN_OR_RETURN(LocalFolder folder, LocalFolder::MakeTemporary());
  LocalClusterOptions options;
  ASSIGN_OR_RETURN(options.binaries, FolderOfThisProgram());
  options.config_path = config_path;
  options.private_redis = config.redis().empty();
  options.listen = absl::StrCat("unix:", folder.socket_folder(), "/admin.sock");
  options.coordinator_address = options.listen;
  temporary_ = std::make_unique<LocalCluster>(std::move(options), std::move(folder), clock_);
  return temporary_->Start(JustWait);
}

int Session::Fail(const absl::Status& error) {
  exit_code = kExitFailed;
  for (const absl::string_view line : absl::StrSplit(error.message(), '\n', absl::SkipEmpty())) {
    console_.err << Paint("tikhaul:", Colour::kRed, console_.colour) << " " << Redact(line) << "\n";
  }
  console_.err.flush();
  return exit_code;
}

bool Session::PrintedAsJson(const google::protobuf::Message& answer) {
  if (!json) return false;
  console_.out << ToJson(answer, /*pretty=*/true) << "\n";
  return true;
}

}  // namespace tikhaul
