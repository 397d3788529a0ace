// What chunks are about, what stands in their way or came out of them.
#include <algorithm>
#include <tuple>

#include "tests/simulation/memory_transaction.h"

namespace tikhaul {
namespace {

template <typename Map>
auto ValuesOf(const Map& map) {
  std::vector<typename Map::mapped_type> values;
  for (const auto& [key, value] : map) values.push_back(value);
  return values;
}

}  // namespace

absl::StatusOr<std::vector<StoredExtract>> MemoryReader::ListExtracts() { return ValuesOf(*state_.extracts); }

absl::Status MemoryTransaction::PutExtract(const StoredExtract& extract) {
  state_.extracts.Edit()[extract.name] = extract;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Advertiser>> MemoryReader::ListAdvertisers() {
  std::vector<Advertiser> list = ValuesOf(*state_.advertisers);
  std::stable_sort(list.begin(), list.end(),
                   [](const Advertiser& a, const Advertiser& b) { return a.connection < b.connection; });
  return list;
}

absl::StatusOr<std::optional<Advertiser>> MemoryReader::GetAdvertiser(const std::string& id) {
  const auto found = state_.advertisers->find(id);
  return found == state_.advertisers->end() ? std::nullopt : std::optional<Advertiser>(found->second);
}

absl::Status MemoryTransaction::PutAdvertiser(const Advertiser& advertiser) {
  Advertiser& stored = state_.advertisers.Edit()[advertiser.id];
  stored = advertiser;
  stored.created = ToSecond(stored.created);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Pause>> MemoryReader::ListPauses() {
  std::vector<Pause> list = ValuesOf(*state_.pauses);
  std::stable_sort(list.begin(), list.end(), [](const Pause& a, const Pause& b) { return a.since < b.since; });
  return list;
}

absl::Status MemoryTransaction::PutPause(const Pause& pause) {
  Pause& stored = state_.pauses.Edit()[{pause.scope, pause.name}];
  stored = pause;
  stored.since = ToSecond(stored.since);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::RemovePause(const std::string& scope, const std::string& name) {
  if (state_.pauses->contains({scope, name})) state_.pauses.Edit().erase({scope, name});
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Access>> MemoryReader::ListAccess(bool open_too) {
  std::vector<Access> list;
  for (const auto& [key, value] : *state_.accesses) {
    if (open_too || value.access.state != AccessState::kOpen) list.push_back(value.access);
  }
  return list;
}

absl::StatusOr<std::optional<Access>> MemoryReader::GetAccess(const std::string& endpoint,
                                                              const std::string& advertiser) {
  const auto found = state_.accesses->find({advertiser, endpoint});
  return found == state_.accesses->end() ? std::nullopt : std::optional<Access>(found->second.access);
}

absl::Status MemoryTransaction::PutAccess(const Access& access) {
  Access& stored = state_.accesses.Edit()[{access.advertiser, access.endpoint}].access;
  stored = access;
  stored.since = ToSecond(stored.since);
  stored.checked = ToSecond(stored.checked);
  stored.retry_at = ToSecond(stored.retry_at);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::SetScout(const std::string& endpoint, const std::string& advertiser, ChunkId chunk) {
  const auto found = state_.accesses->find({advertiser, endpoint});
  if (found == state_.accesses->end() || found->second.access.state == AccessState::kOpen) return absl::OkStatus();
  state_.accesses.Edit()[{advertiser, endpoint}].scout = chunk;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Drift>> MemoryReader::ListDrift() { return ValuesOf(*state_.drift); }

absl::Status MemoryTransaction::AddDrift(const Drift& drift) {
  const auto [entry, is_new] = state_.drift.Edit().try_emplace({drift.extract, drift.name, drift.kind}, drift);
  Drift& stored = entry->second;
  const absl::Time first = ToSecond(drift.first_seen), last = ToSecond(drift.last_seen);
  stored.count = is_new ? drift.count : stored.count + drift.count;
  stored.first_seen = is_new ? first : std::min(stored.first_seen, first);
  stored.last_seen = is_new ? last : std::max(stored.last_seen, last);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<DeadLetter>> MemoryReader::ListDeadLetters(const ChunkFilter& filter, ChunkId after,
                                                                      size_t limit) {
  std::vector<DeadLetter> list;
  const absl::StatusOr<std::vector<Chunk>> chunks = ListChunks(filter, after, 0);
  for (const Chunk& chunk : *chunks) {
    const auto found = state_.dead_letters->find(chunk.id);
    if (found != state_.dead_letters->end()) list.push_back(found->second);
  }
  return PageOf(std::move(list), 0, limit);
}

absl::StatusOr<uint64_t> MemoryReader::CountDeadLetters() { return state_.dead_letters->size(); }

absl::Status MemoryTransaction::PutDeadLetter(const DeadLetter& letter) {
  DeadLetter& stored = state_.dead_letters.Edit()[letter.chunk];
  stored = letter;
  stored.died = ToSecond(stored.died);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::RemoveDeadLetter(ChunkId chunk) {
  if (state_.dead_letters->contains(chunk)) state_.dead_letters.Edit().erase(chunk);
  return absl::OkStatus();
}

absl::StatusOr<QuotaUsed> MemoryReader::GetQuotaUsed(const std::string& app) {
  QuotaUsed newest;
  for (const auto& [key, used] : *state_.quota) {
    if (key.first == app && used.recorded >= newest.recorded) newest = used;
  }
  return newest;
}

absl::Status MemoryTransaction::PutQuotaUsed(const std::string& app, const QuotaUsed& used) {
  QuotaUsed& stored = state_.quota.Edit()[{app, used.utc_day}];
  stored = used;
  stored.recorded = ToMicrosecond(stored.recorded);
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> MemoryReader::GetSliceIds(const std::string& extract, const std::string& advertiser) {
  const auto found = state_.slices->find({extract, advertiser});
  return found == state_.slices->end() ? 0 : found->second;
}

absl::Status MemoryTransaction::PutSliceIds(const std::string& extract, const std::string& advertiser, uint32_t ids) {
  state_.slices.Edit()[{extract, advertiser}] = ids;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Road>> MemoryReader::GetRoad(const std::string& extract, const std::string& advertiser,
                                                          int version) {
  const auto found = state_.roads->find({extract, advertiser});
  const bool known = found != state_.roads->end() && found->second.first == version;
  return known ? std::optional<Road>(found->second.second) : std::nullopt;
}

absl::Status MemoryTransaction::PutRoad(const std::string& extract, const std::string& advertiser, int version,
                                        Road road) {
  state_.roads.Edit()[{extract, advertiser}] = {version, road};
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Verification>> MemoryReader::ListVerifications() { return ValuesOf(*state_.verifications); }

absl::Status MemoryTransaction::PutVerification(const Verification& verification) {
  Verification& stored = state_.verifications.Edit()[{verification.extract, verification.advertiser}];
  stored = verification;
  stored.verified = ToSecond(stored.verified);
  return absl::OkStatus();
}

absl::StatusOr<std::optional<KeptAnswer>> MemoryReader::GetAnswer(const std::string& key) {
  const auto found = state_.answers->find(key);
  return found == state_.answers->end() ? std::nullopt : std::optional<KeptAnswer>(found->second);
}

absl::Status MemoryTransaction::PutAnswer(const KeptAnswer& answer) {
  KeptAnswer& stored = state_.answers.Edit()[answer.key];
  stored = answer;
  stored.kept = ToSecond(stored.kept);
  return absl::OkStatus();
}

absl::Status MemoryTransaction::ForgetAnswers(absl::Time before) {
  std::erase_if(state_.answers.Edit(), [&](const auto& entry) { return entry.second.kept < ToSecond(before); });
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ActivitySpan>> MemoryReader::ListActivity(const std::string& advertiser) {
  const auto found = state_.activity->find(advertiser);
  return found == state_.activity->end() ? std::vector<ActivitySpan>() : found->second;
}

absl::Status MemoryTransaction::PutActivity(const std::string& advertiser, const std::vector<ActivitySpan>& spans) {
  std::vector<ActivitySpan>& stored = state_.activity.Edit()[advertiser];
  stored = spans;
  for (ActivitySpan& span : stored) span.asked = ToSecond(span.asked);
  std::sort(stored.begin(), stored.end(),
            [](const ActivitySpan& a, const ActivitySpan& b) { return a.first < b.first; });
  return absl::OkStatus();
}

}  // namespace tikhaul
