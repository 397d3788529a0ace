#include "worker/text_pipe.h"

#include <utility>

namespace tikhaul {

bool TextPipe::Take(absl::string_view piece) {
  bool was_empty = false;
  {
    MutexLock lock(mu_);
    was_empty = text_.empty();
    if (!was_empty && text_.size() + piece.size() > room_) {
      turned_away_ = true;
      return false;
    }
    text_.append(piece.data(), piece.size());
  }
  if (was_empty) wake_();
  return true;
}

std::string TextPipe::Drain(bool* turned_away) {
  MutexLock lock(mu_);
  *turned_away = std::exchange(turned_away_, false);
  return std::exchange(text_, std::string());
}

}  // namespace tikhaul
