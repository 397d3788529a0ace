// A small network inside this machine whose lines can be cut.
#ifndef TIKHAUL_TESTS_SUPPORT_NET_SPACES_H_
#define TIKHAUL_TESTS_SUPPORT_NET_SPACES_H_

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/local/child_process.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {

// Network namespaces, numbered from 1, each with one line to a hub, which passes packets on between them. The hub is a
// namespace, too: the thread that makes the object lives in it as long as the object does, and what it starts. Nothing
// is left behind, whatever kills the program. Needs root, `ip`, `nsenter` and `unshare`. One thread at a time.
class NetSpaces {
 public:
  static constexpr int kHub = 0;

  // Why this machine can have none; empty when it can.
  static std::string WhyNot();

  explicit NetSpaces(int count);
  ~NetSpaces();
  NetSpaces(const NetSpaces&) = delete;
  NetSpaces& operator=(const NetSpaces&) = delete;

  // A command in front of another, which then runs in the space.
  std::vector<std::string> Prefix(int space) const;
  // An open descriptor of the space; lives as long as the object.
  int fd(int space) const { return fds_[static_cast<size_t>(space)]; }
  static std::string Address(int space);
  // The hub as seen from the space.
  static std::string HubAddress(int space);

  // What `from` sends to `to` is dropped without a word; the other way goes on. Cutting what is cut changes nothing.
  void Cut(int from, int to);
  void Join(int from, int to);

 private:
  void Run(const std::vector<std::string>& words, int space = kHub);
  void Hang(int space);
  void Rule(const std::string& change, int from, int to);

  ScratchFolder folder_;
  int home_ = -1;
  std::vector<int> fds_;
  std::vector<ChildProcess> keepers_;  // of the spaces, from 1
  std::set<std::pair<int, int>> cut_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_NET_SPACES_H_
