// Stands between a client and a PostgreSQL server, and cuts the line at the worst moment.
#ifndef TIKHAUL_TESTS_SUPPORT_POSTGRES_PROXY_H_
#define TIKHAUL_TESTS_SUPPORT_POSTGRES_PROXY_H_

#include <atomic>
#include <string>

#include "tests/support/scratch_folder.h"
#include "tests/support/stream_proxy.h"

namespace tikhaul {

// Listens on a Unix socket of its own; connections live until either side ends them. Ends all when it goes.
class PostgresProxy {
 public:
  enum class Cut { kNever, kBeforeCommit, kAfterCommit };

  explicit PostgresProxy(const std::string& server_socket_folder);

  std::string Url() const;
  // The next COMMIT does not reach the server, or its answer does not reach the client; then nothing is cut again.
  void CutNext(Cut cut) { cut_ = cut; }
  int cuts() const { return cuts_; }
  StreamProxy& line() { return line_; }

 private:
  StreamProxy::Look LookAt(absl::string_view bytes);

  ScratchFolder folder_;
  std::atomic<Cut> cut_{Cut::kNever};
  std::atomic<int> cuts_{0};
  StreamProxy line_;  // last: its threads use the others
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_POSTGRES_PROXY_H_
