// Stands between clients and a server, and passes their bytes on as a bad network would.
#ifndef TIKHAUL_TESTS_SUPPORT_STREAM_PROXY_H_
#define TIKHAUL_TESTS_SUPPORT_STREAM_PROXY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tikhaul {

// How bytes travel, in both directions alike. The order of bytes stays, as it does over TCP.
struct Weather {
  absl::Duration delay = absl::ZeroDuration();
  absl::Duration jitter = absl::ZeroDuration();  // up to so much more
  // Of every hundred pieces so many are held up, and all behind them, as by a packet that is lost and sent again.
  int held_up_percent = 0;
  absl::Duration held_up = absl::ZeroDuration();
  int64_t bytes_per_second = 0;  // of all connections together; 0: no bound
};

// Connections live until either side ends them. One thread for each; ends all when it goes. Thread-safe.
class StreamProxy {
 public:
  // Addresses: "unix:/path" or "127.0.0.1:4711"; port 0 takes a free one.
  enum class Look { kPass, kCut, kPassAndCutAnswer };
  struct Options {
    std::string listen;
    std::string server;
    // A network namespace (an open /proc/PID/ns/net) in which both ends of the proxy live; -1: the caller's.
    int net_space = -1;
    uint32_t seed = 1;
    std::function<Look(absl::string_view)> look = nullptr;  // is shown every piece on its way to the server
  };

  explicit StreamProxy(Options options);
  ~StreamProxy();
  StreamProxy(const StreamProxy&) = delete;
  StreamProxy& operator=(const StreamProxy&) = delete;

  // Where it listens, with the port that was taken.
  const std::string& address() const { return address_; }
  void SetWeather(const Weather& weather);
  // While stalled nothing passes; connections stay, new ones are taken and get no answer.
  void Stall(bool stalled) { stalled_ = stalled; }
  uint64_t bytes() const { return bytes_; }
  uint64_t held_up() const { return held_up_; }

 private:
  friend class StreamRelay;
  void Accept();
  // When a piece that came now is to be passed on, no earlier than `after`.
  absl::Duration DueTime(absl::Duration now, size_t bytes, absl::Duration after);

  const Options options_;
  const SystemClock clock_;
  std::string address_;
  int listener_ = -1;
  std::atomic<bool> stopping_{false};
  std::atomic<bool> stalled_{false};
  std::atomic<uint64_t> bytes_{0}, held_up_{0};
  std::thread acceptor_;
  Mutex mu_;
  Weather weather_ ABSL_GUARDED_BY(mu_);
  std::mt19937 random_ ABSL_GUARDED_BY(mu_);
  absl::Duration line_free_ ABSL_GUARDED_BY(mu_) = absl::ZeroDuration();  // monotonic
  std::vector<std::thread> relays_ ABSL_GUARDED_BY(mu_);
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_STREAM_PROXY_H_
