#include "coordinator/membership/membership.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "coordinator/membership/seats.h"

namespace tikhaul {
namespace {

// By how much one's own clock ends a membership before the store's does (queue-notes.md 2.11).
constexpr absl::Duration kSafety = absl::Seconds(1);

}  // namespace

Membership::Membership(Store& store, const Clock& clock, FaultBoard& faults, Options options,
                       std::function<bool(int)> busy)
    : store_(store), clock_(clock), faults_(faults), options_(options), busy_(std::move(busy)) {}

absl::Status Membership::ReadRoll() {
  const absl::Duration asked_at = clock_.Monotonic();
  ASSIGN_OR_RETURN(Roll roll, store_.Renew());
  MutexLock lock(mu_);
  roll_ = std::move(roll);
  renewed_at_ = asked_at;
  return absl::OkStatus();
}

void Membership::Renew() {
  absl::Status read = ReadRoll();
  const std::vector<std::string> expired = DecideSeats(roll(), store_.Self()).evict;
  if (read.ok() && !expired.empty()) {
    Evict(expired);
    read = ReadRoll();
  }
  faults_.Set("membership", read.message());
}

void Membership::Tick() {
  const Roll roll = this->roll();
  const SeatMoves moves = DecideSeats(roll, store_.Self());
  const std::map<std::string, std::vector<int>> released = Released(moves.hand_over);
  if (!moves.take.empty()) Move(roll, moves.take, store_.Self());
  for (const auto& [member, seats] : released) Move(roll, seats, member);
  if (!moves.take.empty() || !released.empty()) faults_.Set("membership", ReadRoll().message());
}

void Membership::Evict(const std::vector<std::string>& members) {
  for (const std::string& member : members) {
    const absl::StatusOr<bool> evicted = store_.Evict(member);
    if (!evicted.ok()) {
      LogWarning("a coordinator that is silent could not be evicted",
                 {{"member", member}, {"error", evicted.status().message()}});
    } else if (*evicted) {
      LogWarning("a coordinator was silent for too long; its work is taken over", {{"member", member}});
    }
  }
}

void Membership::Move(const Roll& roll, const std::vector<int>& seats, const std::string& member) {
  const absl::Status moved = MoveSeats(store_, roll, seats, member);
  if (!moved.ok()) {
    LogWarning("seats could not change hands", {{"seats", absl::StrJoin(seats, ",")}, {"error", moved.message()}});
    return;
  }
  const bool mine = member == store_.Self();
  LogInfo(mine ? "seats taken" : "seats handed over",
          {{"seats", absl::StrJoin(seats, ",")}, {"to", mine ? "this coordinator" : member}});
}

std::map<std::string, std::vector<int>> Membership::Released(const std::map<int, std::string>& hand_over) {
  std::map<std::string, std::vector<int>> released;
  const absl::Duration now = clock_.Monotonic();
  {
    MutexLock lock(mu_);
    std::erase_if(leaving_, [&](const auto& seat) { return !hand_over.contains(seat.first); });
    for (const auto& [seat, member] : hand_over) leaving_.try_emplace(seat, now);
  }
  for (const auto& [seat, member] : hand_over) {
    const bool busy = busy_(seat);
    MutexLock lock(mu_);
    if (!busy || now - leaving_[seat] > options_.drain) released[member].push_back(seat);
  }
  return released;
}

bool Membership::Sure() const {
  MutexLock lock(mu_);
  return roll_.members.size() <= 1 || clock_.Monotonic() - renewed_at_ < options_.membership - kSafety;
}

bool Membership::HasLocked(int seat) const {
  return !roll_.seats.empty() && roll_.seats[static_cast<size_t>(seat)].member == store_.Self();
}

bool Membership::Has(int seat) const {
  MutexLock lock(mu_);
  return HasLocked(seat);
}

bool Membership::Keeps(int seat) const {
  MutexLock lock(mu_);
  return HasLocked(seat) && !leaving_.contains(seat);
}

std::string Membership::AddressOf(int seat) const {
  MutexLock lock(mu_);
  const Member* const holder = HolderOf(roll_, seat);
  return holder == nullptr ? "" : holder->address;
}

Roll Membership::roll() const {
  MutexLock lock(mu_);
  return roll_;
}

}  // namespace tikhaul
