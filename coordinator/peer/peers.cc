#include "coordinator/peer/peers.h"

#include <chrono>
#include <utility>

namespace tikhaul {
namespace {

constexpr std::chrono::seconds kPatience(1);

}  // namespace

bool Peers::Ask(Peer& peer, v1::PeerReport* report) {
  if (peer.stub == nullptr) return false;
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kPatience);
  return peer.stub->Report(&context, v1::ReportRequest(), report).ok();
}

void Peers::Tick() {
  std::map<std::string, Peer> peers;
  std::map<std::string, v1::PeerReport> reports;
  for (const Member& member : membership_.roll().members) {
    if (member.id == self_id_) continue;
    Peer peer{.address = member.address, .stub = nullptr};
    const auto known = peers_.find(member.id);
    if (known != peers_.end() && known->second.address == member.address) {
      peer.stub = std::move(known->second.stub);
    } else if (auto channel = dialer_.Open(member.address); channel.ok()) {
      peer.stub = v1::Peer::NewStub(*channel);
    }
    v1::PeerReport report;
    if (Ask(peer, &report)) reports[member.id] = std::move(report);
    peers[member.id] = std::move(peer);
  }
  peers_ = std::move(peers);
  MutexLock lock(mu_);
  reports_ = std::move(reports);
}

std::vector<CoordinatorReport> Peers::List() const {
  std::vector<CoordinatorReport> list;
  const Roll roll = membership_.roll();
  for (const Member& member : roll.members) {
    CoordinatorReport one{.member = member, .self = member.id == self_id_};
    for (int seat = 0; seat < kSeats; ++seat) {
      if (roll.seats[static_cast<size_t>(seat)].member != member.id) continue;
      if (seat == kLeadSeat) one.leads = true;
      if (seat != kLeadSeat) ++one.shards;
    }
    one.answers = one.self;
    if (one.self) {
      one.report = self_.Describe();
    } else {
      MutexLock lock(mu_);
      const auto found = reports_.find(member.id);
      one.answers = found != reports_.end();
      if (one.answers) one.report = found->second;
    }
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace tikhaul
