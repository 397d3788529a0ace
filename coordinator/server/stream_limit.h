// How many Extract streams one address has, each of which costs a thread; and no stream may stay without a claim.
#ifndef TIKHAUL_COORDINATOR_SERVER_STREAM_LIMIT_H_
#define TIKHAUL_COORDINATOR_SERVER_STREAM_LIMIT_H_

#include <functional>
#include <map>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "common/base/clock.h"
#include "common/base/mutex.h"

namespace tikhaul {

// Thread-safe.
class StreamLimit {
 public:
  static constexpr absl::Duration kClaimPatience = absl::Seconds(10);

  StreamLimit(const Clock& clock, size_t most_per_peer) : clock_(clock), most_per_peer_(most_per_peer) {}

  // A stream's place as long as the object lives.
  class Place {
   public:
    // `peer`: as gRPC writes it, "ipv4:10.0.0.1:4711". `cancel` ends the stream without blocking.
    Place(StreamLimit& limit, absl::string_view peer, std::function<void()> cancel);
    ~Place();
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

    // False: the peer has as many streams as it may have.
    bool granted() const { return granted_; }
    // Its first message has come.
    void Spoke();

   private:
    friend class StreamLimit;
    StreamLimit& limit_;
    const std::string peer_;
    const std::function<void()> cancel_;
    const absl::Duration since_;
    bool granted_ = false;
  };

  // Cancels the streams that have been silent since they were opened, for longer than kClaimPatience. Every second or
  // so.
  void Watch() ABSL_LOCKS_EXCLUDED(mu_);

 private:
  const Clock& clock_;
  const size_t most_per_peer_;
  Mutex mu_;
  std::map<std::string, size_t> streams_ ABSL_GUARDED_BY(mu_);
  std::map<Place*, bool> silent_ ABSL_GUARDED_BY(mu_);  // true: cancelled
};

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_SERVER_STREAM_LIMIT_H_
