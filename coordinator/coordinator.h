// The coordinator as a whole: its parts, its threads, its server.
#ifndef TIKHAUL_COORDINATOR_COORDINATOR_H_
#define TIKHAUL_COORDINATOR_COORDINATOR_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Brings the store of the configuration to the schema of this version. FAILED_PRECONDITION while a coordinator holds
// the file.
absl::Status MigrateStore(const v1::Config& config);

struct CoordinatorOptions {
  absl::Duration clock_offset = absl::ZeroDuration();  // shifts the calendar, for trials against a simulated API
  // Answers calls and does nothing of its own accord: hands out nothing, starts nothing that is due, asks the API
  // nothing that no caller wants to know.
  bool only_answer = false;
  std::string revision = "unknown";  // of the sources, for the metrics
};

// Serves from Start() until it is destroyed. Streams and chunks under way are given back, without blame, when it goes.
class Coordinator {
 public:
  // `config` is checked and complete. Redis and the API need not be up: what is missing stands in the status until it
  // is there. FAILED_PRECONDITION and others when the store, the spool or the address cannot be used, with the mend.
  static absl::StatusOr<std::unique_ptr<Coordinator>> Start(const v1::Config& config,
                                                            const CoordinatorOptions& options = {});
  ~Coordinator();

  // Lets in those of a configuration that was read again, from their next call on; streams that stand go on. As
  // Authenticator::Take.
  absl::Status TakeIdentities(const v1::Config& config);
  // Where HTTP is served; 0: nowhere.
  int http_port() const;

 private:
  class Parts;
  explicit Coordinator(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_COORDINATOR_H_
