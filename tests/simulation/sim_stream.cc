#include "tests/simulation/sim_stream.h"

#include <utility>

#include "absl/strings/match.h"
#include "tests/simulation/auditor.h"
#include "tests/simulation/sim_coordinator.h"

namespace tikhaul {
namespace {

// A dead peer is noticed by keepalive at the latest.
constexpr absl::Duration kKeepalive = absl::Seconds(15);
constexpr absl::Duration kLongestWay = absl::Milliseconds(300);

}  // namespace

SimStream::SimStream(World& world, Auditor& auditor, Process& worker_process, WorkerEnd worker,
                     SimCoordinator& coordinator, ChunkId chunk)
    : world_(world),
      auditor_(auditor),
      worker_process_(worker_process),
      worker_incarnation_(worker_process.incarnation),
      worker_(std::move(worker)),
      coordinator_(coordinator),
      coordinator_incarnation_(coordinator.incarnation),
      chunk_(chunk) {}

void SimStream::BlameOnce() {
  if (!blamed_) auditor_.Blame(chunk_, FailureClass::kCrash);
  blamed_ = true;
}

void SimStream::Send(v1::ExtractRequest request) {
  if (broken_) return;
  if (world_.Fault(world_.weather().link_breaks, Met::kLinkBroken)) Break();
  if (broken_) return;
  int copies = 1;
  absl::Duration delay = world_.scheduler().Between(absl::ZeroDuration(), kLongestWay);
  absl::Duration at = std::max(world_.scheduler().now() + delay, up_at_);
  if (world_.Fault(world_.weather().mangled, Met::kMessageLost)) {
    copies = 0;
  } else if (world_.Fault(world_.weather().mangled, Met::kMessageDoubled)) {
    copies = 2;
  } else if (world_.Fault(world_.weather().mangled, Met::kMessagesSwapped)) {
    at += absl::Seconds(1);  // others overtake it
  } else {
    up_at_ = at;
  }
  if (copies != 1 || at != up_at_) BlameOnce();
  const auto message = std::make_shared<const v1::ExtractRequest>(std::move(request));
  for (int i = 0; i < copies; ++i) {
    world_.scheduler().After(at - world_.scheduler().now(), [self = shared_from_this(), message] {
      if (self->coordinator_.incarnation != self->coordinator_incarnation_) return;
      self->world_.Enter(self->coordinator_, [self, message] { self->Arrive(*message); });
    });
  }
}

void SimStream::Arrive(const v1::ExtractRequest& request) {
  if (broken_) return;
  if (world_.tracing()) world_.Trace(worker_process_.name, " -> ", request.ShortDebugString().substr(0, 90));
  if (done_) return world_.Note(Met::kZombieSent);
  inbox_.push_back(request);
  Pump();
}

void SimStream::NoMore() {
  no_more_ = true;
  Pump();
}

void SimStream::Pump() {
  if (busy_ || done_) return;
  busy_ = true;
  for (;;) {
    ExtractSession::Next next = ExtractSession::Next::kEnd;
    if (!inbox_.empty() && !cancelled_) {
      v1::ExtractRequest request = std::move(inbox_.front());
      inbox_.pop_front();
      next = Handle(request);
    } else if (!no_more_ && !cancelled_) {
      busy_ = false;
      return;
    }
    if (next == ExtractSession::Next::kRead) continue;
    if (session_ != nullptr) {
      const auto before = coordinator_.SetSession(granted_);
      session_->End();
      coordinator_.SetSession(before);
    }
    done_ = true;
    busy_ = false;
    TellWorker(absl::ZeroDuration(), [self = shared_from_this()] { self->worker_.closed(); });
    return;
  }
}

ExtractSession::Next SimStream::Handle(v1::ExtractRequest& request) {
  if (session_ == nullptr) {
    if (!request.has_claim()) return ExtractSession::Next::kEnd;  // as the service does
    session_ = coordinator_.NewSession(*this);
    return session_->Claim(request.claim());
  }
  publishing_ = request.has_finish();
  const auto before = coordinator_.SetSession(granted_);
  const ExtractSession::Next next = session_->Handle(request);
  coordinator_.SetSession(before);
  publishing_ = false;
  return next;
}

bool SimStream::Write(const v1::ExtractResponse& response) {
  if (response.has_granted()) granted_ = {response.granted().chunk_id(), response.granted().epoch()};
  const bool definite = response.has_granted() || response.has_committed();
  if (world_.Fault(world_.weather().link_breaks, Met::kLinkBroken)) {
    Break();
    if (definite) world_.Note(response.has_granted() ? Met::kGrantLost : Met::kCommittedLost);
  }
  if (response.has_refused()) {
    world_.Note(Met::kClaimRefused);
    const v1::Refused::Reason reason = response.refused().reason();
    if (reason == v1::Refused::REASON_OWNED) world_.Note(Met::kClaimOfOwned);
    if (reason == v1::Refused::REASON_GONE) world_.Note(Met::kClaimOfEnded);
    if (reason == v1::Refused::REASON_PAUSED) world_.Note(Met::kClaimPaused);
  }
  if (response.has_revoked() && absl::StartsWith(response.revoked().reason(), "stale epoch"))
    world_.Note(Met::kStalePublish);
  if (response.has_revoked() && response.revoked().reason() == "the spool is full") world_.Note(Met::kSpoolFull);
  if (world_.tracing() && !response.has_credit())
    world_.Trace(worker_process_.name, " <- ", response.ShortDebugString().substr(0, 90), broken_ ? " (lost)" : "");
  if (broken_ || cancelled_) return false;
  TellWorker(world_.scheduler().Between(absl::ZeroDuration(), kLongestWay),
             [self = shared_from_this(), message = std::make_shared<const v1::ExtractResponse>(response)] {
               self->worker_.response(message);
             });
  return true;
}

void SimStream::TellWorker(absl::Duration delay, std::function<void()> what) {
  if (broken_) return;
  down_at_ = std::max(world_.scheduler().now() + delay, down_at_);
  world_.scheduler().After(down_at_ - world_.scheduler().now(), [self = shared_from_this(), what = std::move(what)] {
    if (self->broken_ || self->worker_process_.incarnation != self->worker_incarnation_) return;
    self->world_.Enter(self->worker_process_, what);
  });
}

void SimStream::Cancel() {
  if (cancelled_) return;
  cancelled_ = true;
  world_.Trace(coordinator_.name, " ends the stream of chunk ", chunk_);
  BlameOnce();
  world_.Later(coordinator_, absl::ZeroDuration(), [self = shared_from_this()] { self->Pump(); });
}

void SimStream::CloseFromWorker() {
  if (broken_) return;
  world_.Trace(worker_process_.name, " leaves the stream of chunk ", chunk_);
  BlameOnce();
  const absl::Duration at = std::max(world_.scheduler().now(), up_at_);
  world_.scheduler().After(at - world_.scheduler().now(), [self = shared_from_this()] {
    if (self->coordinator_.incarnation != self->coordinator_incarnation_) return;
    self->world_.Enter(self->coordinator_, [self] { self->NoMore(); });
  });
}

void SimStream::Bury() {
  session_.reset();
  done_ = true;
  if (broken_) return;
  TellWorker(world_.scheduler().Between(absl::ZeroDuration(), absl::Seconds(1)),
             [self = shared_from_this()] { self->worker_.closed(); });
}

void SimStream::Break() {
  if (broken_) return;
  broken_ = true;
  world_.Trace("the stream of ", worker_process_.name, " for chunk ", chunk_, " breaks");
  BlameOnce();
  const auto notice = [&] {
    if (world_.scheduler().Chance(0.5)) return world_.scheduler().Between(absl::ZeroDuration(), absl::Seconds(1));
    world_.Note(Met::kHalfOpen);
    return world_.scheduler().Between(absl::Seconds(1), kKeepalive);
  };
  world_.scheduler().After(notice(), [self = shared_from_this()] {
    if (self->coordinator_.incarnation != self->coordinator_incarnation_) return;
    self->world_.Enter(self->coordinator_, [self] { self->NoMore(); });
  });
  world_.scheduler().After(notice(), [self = shared_from_this()] {
    if (self->worker_process_.incarnation != self->worker_incarnation_) return;
    self->world_.Enter(self->worker_process_, [self] { self->worker_.closed(); });
  });
}

}  // namespace tikhaul
