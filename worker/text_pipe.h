// A text on its way from the transport's thread to the chunk's.
#ifndef TIKHAUL_WORKER_TEXT_PIPE_H_
#define TIKHAUL_WORKER_TEXT_PIPE_H_

#include <cstddef>
#include <functional>
#include <string>

#include "common/base/mutex.h"
#include "common/tiktok/client.h"

namespace tikhaul {

// Thread-safe. Holds about `room` bytes: a single piece always fits.
class TextPipe : public TextSink {
 public:
  // `wake`, which must not block, is called when there is text again.
  TextPipe(size_t room, std::function<void()> wake) : room_(room), wake_(std::move(wake)) {}

  bool Take(absl::string_view piece) override;
  // All that is there. `*turned_away`: a piece was refused since the last time, so its sender waits to be resumed.
  std::string Drain(bool* turned_away);

 private:
  const size_t room_;
  const std::function<void()> wake_;
  Mutex mu_;
  std::string text_ ABSL_GUARDED_BY(mu_);
  bool turned_away_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace tikhaul

#endif  // TIKHAUL_WORKER_TEXT_PIPE_H_
