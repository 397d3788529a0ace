#include "worker/chunk_inbox.h"

namespace tikhaul {

void ChunkInbox::AddPage(PageRef ref, ApiTransport::Result result) {
  MutexLock lock(mu_);
  events_.pages.push_back({ref, std::move(result)});
  news_ = true;
  changed_.SignalAll();
}

void ChunkInbox::AddMessage(v1::ExtractResponse message) {
  MutexLock lock(mu_);
  switch (message.message_case()) {
    case v1::ExtractResponse::kGranted:
      events_.granted = std::move(*message.mutable_granted());
      break;
    case v1::ExtractResponse::kRefused:
      events_.refused = std::move(*message.mutable_refused());
      break;
    case v1::ExtractResponse::kCredit:
      events_.credit_bytes += message.credit().bytes();
      break;
    case v1::ExtractResponse::kCommitted:
      End(StreamEnd::kCommitted, "");
      break;
    case v1::ExtractResponse::kRevoked:
      End(StreamEnd::kRevoked, message.revoked().reason());
      break;
    case v1::ExtractResponse::MESSAGE_NOT_SET:
      return;  // of a newer coordinator
  }
  news_ = true;
  changed_.SignalAll();
}

void ChunkInbox::End(StreamEnd end, std::string reason) {
  if (events_.end.has_value()) return;
  events_.end = end;
  events_.end_reason = std::move(reason);
}

void ChunkInbox::AddStreamEnd(std::string reason) {
  MutexLock lock(mu_);
  End(StreamEnd::kBroken, std::move(reason));
  stream_over_ = news_ = true;
  changed_.SignalAll();
}

void ChunkInbox::RequestRelease() {
  MutexLock lock(mu_);
  events_.release = news_ = true;
  changed_.SignalAll();
}

void ChunkInbox::Renew() {
  MutexLock lock(mu_);
  const bool release = events_.release;
  events_ = ChunkEvents{};
  events_.release = release;
  news_ = release;
  stream_over_ = false;
}

void ChunkInbox::Poke() {
  MutexLock lock(mu_);
  news_ = true;
  changed_.SignalAll();
}

ChunkEvents ChunkInbox::Wait(absl::Duration timeout) {
  MutexLock lock(mu_);
  if (!news_) changed_.WaitFor(mu_, timeout);
  news_ = false;
  ChunkEvents taken = std::move(events_);
  events_ = ChunkEvents{};
  events_.end = taken.end;
  events_.end_reason = taken.end_reason;
  events_.release = taken.release;
  return taken;
}

bool ChunkInbox::WaitForEnd(absl::Duration timeout) {
  MutexLock lock(mu_);
  if (!stream_over_) changed_.WaitFor(mu_, timeout);
  return stream_over_;
}

bool ChunkInbox::ended() const {
  MutexLock lock(mu_);
  return events_.end.has_value();
}

}  // namespace tikhaul
