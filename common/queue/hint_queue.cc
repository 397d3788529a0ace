#include "common/queue/hint_queue.h"

#include <algorithm>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kGroup = "workers";
constexpr absl::string_view kChunkField = "c";
constexpr absl::string_view kCoordinatorField = "a";
constexpr size_t kPushBatch = 256;  // commands per round trip

// Consumers never expire by themselves. Checks and deletes in one step, because deleting one that holds entries would
// lose them (queue-notes.md 2.12, race 34).
constexpr char kForgetConsumersScript[] = R"lua(
local forgotten = 0
for _, consumer in ipairs(redis.call('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])) do
  local facts = {}
  for i = 1, #consumer, 2 do facts[consumer[i]] = consumer[i + 1] end
  if facts.pending == 0 and facts.idle > tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], facts.name)
    forgotten = forgotten + 1
  end
end
return forgotten
)lua";
constexpr absl::Duration kFirstReclaimEvery = absl::Seconds(1);
constexpr int kForgetConsumersAfter = 60;  // times the idle time after which hints are reclaimed

std::string Key(const std::string& instance, absl::string_view name) {
  return absl::StrCat("tikhaul:{", instance, "}:", name);
}

std::vector<std::string> CreateGroupCommand(const std::string& stream) {
  return {"XGROUP", "CREATE", stream, std::string(kGroup), "0", "MKSTREAM"};
}

bool IsError(const RedisReply& reply, absl::string_view code) {
  return reply.kind == RedisReply::Kind::kError && absl::StartsWith(reply.text, code);
}

// Stream or group is gone: somebody flushed Redis, or it restarted without its data.
bool GroupIsMissing(const RedisReply& reply) { return IsError(reply, "NOGROUP") || IsError(reply, "UNBLOCKED"); }

absl::Status CheckGroupMade(RedisReply reply) {
  if (IsError(reply, "BUSYGROUP")) return absl::OkStatus();  // it is there already
  return NoError(std::move(reply)).status();
}

// EXEC answers with the replies of its commands, or nil or an error when none of them ran.
absl::Status CheckExecuted(const std::vector<RedisReply>& replies, absl::string_view what) {
  const RedisReply& last = replies.back();
  if (last.kind == RedisReply::Kind::kArray) {
    for (const RedisReply& reply : last.elements) RETURN_IF_ERROR(NoError(reply).status());
    return absl::OkStatus();
  }
  return absl::InternalError(absl::StrCat("Redis did not run the transaction to ", what, ": ", last.text));
}

// Milliseconds for Redis, rounded up so that a short wait does not become none.
std::string Milliseconds(absl::Duration duration) {
  return std::to_string(absl::ToInt64Milliseconds(absl::Ceil(duration, absl::Milliseconds(1))));
}

// Fields that we do not know are of a newer version. False: it names no chunk.
bool ReadFields(const std::vector<RedisReply>& fields, Hint* hint) {
  bool named = false;
  for (size_t i = 0; i + 1 < fields.size(); i += 2) {
    if (fields[i].text == kChunkField) named = absl::SimpleAtoi(fields[i + 1].text, &hint->chunk);
    if (fields[i].text == kCoordinatorField) hint->coordinator = fields[i + 1].text;
  }
  return named;
}

}  // namespace

HintStreams::HintStreams(const std::string& instance)
    : usual_(Key(instance, "hints")), first_(Key(instance, "first")) {}

HintPublisher::HintPublisher(RedisOptions redis, const std::string& instance)
    : redis_(std::move(redis)), streams_(instance), generation_key_(Key(instance, "generation")) {}

absl::Status HintPublisher::Push(HintOrder order, const std::vector<ChunkId>& chunks, const HintAddresses& addresses) {
  const std::string& stream = streams_.of(order);
  for (size_t begin = 0; begin < chunks.size(); begin += kPushBatch) {
    std::vector<std::vector<std::string>> commands = {CreateGroupCommand(stream)};
    for (size_t i = begin; i < std::min(chunks.size(), begin + kPushBatch); ++i) {
      commands.push_back({"XADD", stream, "*", std::string(kChunkField), std::to_string(chunks[i])});
      const auto address = addresses.find(chunks[i]);
      if (address == addresses.end()) continue;
      commands.back().insert(commands.back().end(), {std::string(kCoordinatorField), address->second});
    }
    ASSIGN_OR_RETURN(const std::vector<RedisReply> replies, redis_.Pipeline(commands));
    RETURN_IF_ERROR(CheckGroupMade(replies[0]));
    for (size_t i = 1; i < replies.size(); ++i) RETURN_IF_ERROR(NoError(replies[i]).status());
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> HintPublisher::Depth() {
  ASSIGN_OR_RETURN(const RedisReply reply, NoError(redis_.Command({"XLEN", streams_.of(HintOrder::kUsual)})));
  return static_cast<uint64_t>(reply.integer);
}

// The key is lost with the data, the run_id changes with the process that held them.
absl::StatusOr<std::string> HintPublisher::Generation() {
  ASSIGN_OR_RETURN(
      const std::vector<RedisReply> replies,
      redis_.Pipeline({{"SET", generation_key_, RandomId(), "NX"}, {"GET", generation_key_}, {"INFO", "server"}}));
  for (const RedisReply& reply : replies) RETURN_IF_ERROR(NoError(reply).status());
  constexpr absl::string_view kRunId = "run_id:";
  const absl::string_view info = replies[2].text;
  const size_t begin = info.find(kRunId);
  if (begin == absl::string_view::npos) return absl::InternalError("Redis does not name its run_id in INFO server");
  const size_t end = info.find_first_of("\r\n", begin);
  const absl::string_view run_id = info.substr(begin + kRunId.size(), end - begin - kRunId.size());
  return absl::StrCat(replies[1].text, "-", run_id);
}

absl::Status HintPublisher::Clear() {
  ASSIGN_OR_RETURN(const std::vector<RedisReply> replies,
                   redis_.Pipeline({{"MULTI"},
                                    {"DEL", streams_.of(HintOrder::kUsual)},
                                    {"DEL", streams_.of(HintOrder::kFirst)},
                                    CreateGroupCommand(streams_.of(HintOrder::kUsual)),
                                    CreateGroupCommand(streams_.of(HintOrder::kFirst)),
                                    {"EXEC"}}));
  return CheckExecuted(replies, "empty the hint streams");
}

HintConsumer::HintConsumer(RedisOptions redis, const std::string& instance, std::string consumer)
    : redis_(std::move(redis)), streams_(instance), consumer_(std::move(consumer)) {}

absl::StatusOr<RedisReply> HintConsumer::ReadGroup(const std::vector<HintOrder>& orders, size_t count,
                                                   absl::Duration wait) {
  std::vector<std::string> command = {"XREADGROUP", "GROUP", std::string(kGroup),
                                      consumer_,    "COUNT", std::to_string(count)};
  if (wait > absl::ZeroDuration()) command.insert(command.end(), {"BLOCK", Milliseconds(wait)});  // 0: for ever
  command.push_back("STREAMS");
  for (const HintOrder order : orders) command.push_back(streams_.of(order));
  command.insert(command.end(), orders.size(), ">");
  return redis_.Command(command, std::max(wait, absl::ZeroDuration()));
}

absl::StatusOr<std::vector<Hint>> HintConsumer::Read(const std::vector<HintOrder>& orders, size_t count,
                                                     absl::Duration wait) {
  const SystemClock clock;
  const absl::Duration end = clock.Monotonic() + wait;
  ASSIGN_OR_RETURN(RedisReply reply, ReadGroup(orders, count, wait));
  if (GroupIsMissing(reply)) {
    RETURN_IF_ERROR(MakeGroups());
    ASSIGN_OR_RETURN(reply, ReadGroup(orders, count, end - clock.Monotonic()));
  }
  RETURN_IF_ERROR(NoError(reply).status());
  // nil, or a [stream, entries] pair for each stream that has some.
  std::vector<Hint> hints;
  for (const HintOrder order : orders) {
    for (const RedisReply& pair : reply.elements) {
      if (pair.elements.size() < 2 || pair.elements[0].text != streams_.of(order)) continue;
      const std::vector<Hint> some = ReadEntries(order, pair.elements[1]);
      hints.insert(hints.end(), some.begin(), some.end());
    }
  }
  return hints;
}

absl::StatusOr<std::vector<Hint>> HintConsumer::First(size_t count) {
  ASSIGN_OR_RETURN(std::vector<Hint> hints, Read({HintOrder::kFirst}, count, absl::ZeroDuration()));
  const absl::Duration now = SystemClock().Monotonic();
  if (!hints.empty() || now < next_first_reclaim_) return hints;
  next_first_reclaim_ = now + kFirstReclaimEvery;
  return ReclaimFrom(HintOrder::kFirst, count, kFirstPatience);
}

absl::StatusOr<std::vector<Hint>> HintConsumer::Pop(size_t count, absl::Duration wait) {
  ASSIGN_OR_RETURN(std::vector<Hint> first, First(count));
  if (!first.empty()) return first;
  return Read({HintOrder::kFirst, HintOrder::kUsual}, count, wait);
}

absl::StatusOr<std::vector<Hint>> HintConsumer::PopFirst() { return First(1); }

absl::StatusOr<std::vector<Hint>> HintConsumer::Reclaim(size_t count, absl::Duration idle) {
  std::vector<Hint> hints;
  for (const HintOrder order : {HintOrder::kFirst, HintOrder::kUsual}) {
    if (!hints.empty()) break;
    ASSIGN_OR_RETURN(hints, ReclaimFrom(order, count, idle));
    ForgetConsumers(order, kForgetConsumersAfter * idle);
  }
  return hints;
}

void HintConsumer::ForgetConsumers(HintOrder order, absl::Duration silent_for) {
  const absl::StatusOr<RedisReply> forgotten =
      redis_.Eval(kForgetConsumersScript, {streams_.of(order)}, {std::string(kGroup), Milliseconds(silent_for)});
  if (forgotten.ok() && forgotten->kind != RedisReply::Kind::kError) return;
  LogDebug("silent consumers were not forgotten",
           {{"redis", forgotten.ok() ? forgotten->text : std::string(forgotten.status().message())}});
}

absl::StatusOr<std::vector<Hint>> HintConsumer::ReclaimFrom(HintOrder order, size_t count, absl::Duration idle) {
  const std::string& stream = streams_.of(order);
  std::string& from = reclaim_from_.try_emplace(order, "0-0").first->second;
  ASSIGN_OR_RETURN(const RedisReply reply, redis_.Command({"XAUTOCLAIM", stream, std::string(kGroup), consumer_,
                                                           Milliseconds(idle), from, "COUNT", std::to_string(count)}));
  if (GroupIsMissing(reply)) {
    RETURN_IF_ERROR(MakeGroups());
    return std::vector<Hint>();
  }
  RETURN_IF_ERROR(NoError(reply).status());
  // [where to go on, entries] and, since 7.0, the ids that were pending though their entries are deleted.
  if (reply.elements.size() < 2) return std::vector<Hint>();
  from = reply.elements[0].text.empty() ? "0-0" : reply.elements[0].text;
  return ReadEntries(order, reply.elements[1]);
}

absl::Status HintConsumer::Spend(const Hint& hint) {
  const std::string& stream = streams_.of(hint.order);
  ASSIGN_OR_RETURN(
      const std::vector<RedisReply> replies,
      redis_.Pipeline(
          {{"MULTI"}, {"XACK", stream, std::string(kGroup), hint.entry}, {"XDEL", stream, hint.entry}, {"EXEC"}}));
  return CheckExecuted(replies, "spend a hint");
}

absl::Status HintConsumer::MakeGroups() {
  for (const HintOrder order : {HintOrder::kUsual, HintOrder::kFirst}) {
    ASSIGN_OR_RETURN(RedisReply reply, redis_.Command(CreateGroupCommand(streams_.of(order))));
    RETURN_IF_ERROR(CheckGroupMade(std::move(reply)));
  }
  return absl::OkStatus();
}

std::vector<Hint> HintConsumer::ReadEntries(HintOrder order, const RedisReply& entries) {
  std::vector<Hint> hints;
  for (const RedisReply& entry : entries.elements) {
    if (entry.elements.size() < 2) continue;  // nil: deleted since
    Hint hint;
    hint.entry = entry.elements[0].text;
    hint.order = order;
    if (ReadFields(entry.elements[1].elements, &hint)) {
      hints.push_back(std::move(hint));
      continue;
    }
    // Not ours, or of a version we do not know. Kept, it would come back for ever; the store knows what is to be done.
    const absl::Status spent = Spend(hint);
    LogWarning("a hint that cannot be read was dropped",
               {{"entry", hint.entry}, {"deleted", spent.ok() ? "yes" : "no"}});
  }
  return hints;
}

}  // namespace tikhaul
