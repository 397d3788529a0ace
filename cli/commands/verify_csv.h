// `tikhaul verify --csv FILE`: an export of Ads Manager instead of the API.
#ifndef TIKHAUL_CLI_COMMANDS_VERIFY_CSV_H_
#define TIKHAUL_CLI_COMMANDS_VERIFY_CSV_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/commands/selectors.h"
#include "cli/session.h"
#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

struct CsvOptions {
  std::string file;               // empty: none
  std::string level;              // empty: as its id column tells
  std::vector<std::string> maps;  // "Head=metric"
};

// The extract is the one that `selectors` name, else the only one of the configuration that fits the file. Heads that
// are not compared are named on console.err.
absl::StatusOr<v1::VerifyResult> VerifyCsv(Session& session, AdminClient& client, const Selectors& selectors,
                                           const CsvOptions& options);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_COMMANDS_VERIFY_CSV_H_
