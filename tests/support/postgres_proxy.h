// Stands between a client and a PostgreSQL server, and cuts the line at the worst moment.
#ifndef TIKHAUL_TESTS_SUPPORT_POSTGRES_PROXY_H_
#define TIKHAUL_TESTS_SUPPORT_POSTGRES_PROXY_H_

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/base/mutex.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {

// Listens on a Unix socket of its own; connections live until either side ends them. Ends all when it goes.
class PostgresProxy {
 public:
  enum class Cut { kNever, kBeforeCommit, kAfterCommit };

  explicit PostgresProxy(const std::string& server_socket_folder);
  ~PostgresProxy();
  PostgresProxy(const PostgresProxy&) = delete;
  PostgresProxy& operator=(const PostgresProxy&) = delete;

  std::string Url() const;
  // The next COMMIT does not reach the server, or its answer does not reach the client; then nothing is cut again.
  void CutNext(Cut cut) { cut_ = cut; }
  int cuts() const { return cuts_; }

 private:
  void Accept();
  void Relay(int client, int server);

  const std::string server_;
  ScratchFolder folder_;
  int listener_ = -1;
  std::atomic<Cut> cut_{Cut::kNever};
  std::atomic<int> cuts_{0};
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
  Mutex mu_;
  std::vector<std::thread> relays_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_POSTGRES_PROXY_H_
