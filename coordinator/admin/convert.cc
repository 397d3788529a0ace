#include "coordinator/admin/convert.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/civil.h"
#include "common/base/digest.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "common/tiktok/error_rules.h"
#include "coordinator/core/access.h"

namespace tikhaul {
namespace {

void AddLevels(uint8_t levels, google::protobuf::RepeatedPtrField<std::string>* out) {
  for (const uint8_t level : {kAdvertiserLevel, kCampaignLevel, kAdGroupLevel, kAdLevel}) {
    if ((levels & level) != 0) out->Add(std::string(LevelName(level)));
  }
}

std::string Mend(const Pause& pause) {
  if (pause.automatic)
    return absl::StrCat("put a valid token into the token file of connection \"", pause.name,
                        "\"; work goes on by itself once it is good");
  return pause.scope == "all" ? "tikhaul resume all" : absl::StrCat("tikhaul resume ", pause.scope, " ", pause.name);
}

}  // namespace

grpc::Status ToGrpc(const absl::Status& status) {
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), Redact(status.message()));
}

void SetInstant(absl::Time instant, google::protobuf::Timestamp* out) {
  const int64_t nanos = absl::ToUnixNanos(instant);
  out->set_seconds(nanos / 1'000'000'000);
  out->set_nanos(static_cast<int32_t>(nanos % 1'000'000'000));
}

v1::ChunkCounts ToProto(const ChunkCounts& counts) {
  v1::ChunkCounts out;
  out.set_ready(counts.ready);
  out.set_running(counts.running);
  out.set_done(counts.done);
  out.set_split(counts.split);
  out.set_cancelled(counts.cancelled);
  out.set_dead(counts.dead);
  out.set_waiting(counts.waiting);
  return out;
}

v1::Run ToProto(const Run& run, const ChunkCounts& counts) {
  v1::Run out;
  out.set_id(run.id);
  out.set_extract(run.extract);
  out.set_kind(std::string(Name(run.kind)));
  out.set_state(std::string(Name(run.state)));
  SetInstant(run.created, out.mutable_created());
  if (run.finished.has_value()) SetInstant(*run.finished, out.mutable_finished());
  *out.mutable_chunks() = ToProto(counts);
  out.set_rows(counts.rows);
  out.set_calls(counts.calls);
  out.set_first_day(FormatDay(run.first_day));
  out.set_last_day(FormatDay(run.last_day));
  return out;
}

v1::LedgerEntry ToProto(const LedgerEntry& entry) {
  v1::LedgerEntry out;
  out.set_chunk_id(entry.chunk);
  out.set_run_id(entry.run_id);
  out.set_extract(entry.extract);
  out.set_advertiser(entry.advertiser);
  if (entry.window.kind != WindowKind::kWhole) {
    out.set_first_day(FormatDay(entry.window.first));
    out.set_last_day(FormatDay(entry.window.last));
  }
  out.set_promised_rows(entry.promised_rows);
  out.set_rows(entry.rows);
  out.set_distinct_keys(entry.distinct_keys);
  out.set_pages(entry.pages);
  out.set_calls(entry.calls);
  out.set_digest(HashHex(entry.digest));
  for (const std::string& id : entry.request_ids) out.add_request_ids(id);
  out.set_attempts(static_cast<uint32_t>(entry.attempts));
  out.set_worker(entry.worker);
  out.set_finality(std::string(Name(entry.finality)));
  SetInstant(entry.committed, out.mutable_committed());
  out.set_inserted(entry.inserted);
  out.set_updated(entry.updated);
  out.set_removed(entry.removed);
  out.set_unchanged(entry.unchanged);
  out.set_epoch(entry.epoch);
  out.set_road(std::string(Name(entry.road)));
  out.set_by_probe(entry.by_probe);
  out.set_only_metrics(entry.only_metrics);
  return out;
}

v1::Restatement ToProto(const Restatement& restatement) {
  const DayChange& change = restatement.change;
  v1::Restatement out;
  out.set_extract(restatement.extract);
  out.set_advertiser(restatement.advertiser);
  out.set_day(FormatDay(change.day));
  out.set_run_id(restatement.run_id);
  out.set_chunk_id(restatement.chunk);
  out.set_epoch(restatement.epoch);
  SetInstant(restatement.settled, out.mutable_settled());
  out.set_age_days(restatement.age_days);
  out.set_finality_before(std::string(Name(restatement.finality_before)));
  out.set_inserted(change.inserted);
  out.set_updated(change.updated);
  out.set_removed(change.removed);
  for (const RestatedMetric& metric : change.metrics) {
    v1::RestatedMetric* const added = out.add_metrics();
    added->set_metric(metric.metric);
    added->set_rows(metric.rows);
    added->set_filled(metric.filled);
    if (!metric.sums.has_value()) continue;
    added->set_before(metric.sums->before);
    added->set_after(metric.sums->after);
    added->set_difference(metric.sums->difference);
    added->set_moved(metric.sums->moved);
  }
  return out;
}

v1::Pause ToProto(const Pause& pause) {
  v1::Pause out;
  out.set_scope(pause.scope);
  out.set_name(pause.name);
  out.set_reason(pause.reason);
  SetInstant(pause.since, out.mutable_since());
  out.set_mend(Mend(pause));
  return out;
}

bool HoldsBack(const std::vector<Pause>& pauses, const Run& run) {
  return std::any_of(pauses.begin(), pauses.end(), [&](const Pause& pause) {
    return pause.scope == "all" || (pause.scope == "run" && pause.name == run.id) ||
           (pause.scope == "extract" && pause.name == run.extract);
  });
}

void AddAccess(const std::vector<Access>& access, v1::Status* status) {
  v1::AccessCounts& counts = *status->mutable_access();
  for (const Access& field : access) {
    if (field.state == AccessState::kOpen) counts.set_open(counts.open() + 1);
    if (field.state == AccessState::kUnknown) counts.set_unknown(counts.unknown() + 1);
    if (field.state == AccessState::kNoGrant) counts.set_no_grant(counts.no_grant() + 1);
    if (field.state == AccessState::kAccountDead) counts.set_account_dead(counts.account_dead() + 1);
    if (!IsClosed(field.state)) continue;
    v1::Block& block = *status->add_blocks();
    block.set_advertiser(field.advertiser);
    block.set_endpoint(field.endpoint);
    block.set_state(std::string(Name(field.state)));
    block.set_code(field.code);
    block.set_reason(field.message);
    block.set_mend(MendOf(FailureClass::kPermission, field.code));
    SetInstant(field.since, block.mutable_since());
    SetInstant(field.checked, block.mutable_checked());
    SetInstant(field.retry_at, block.mutable_retry_at());
  }
}

v1::Drift ToProto(const Drift& drift) {
  v1::Drift out;
  out.set_extract(drift.extract);
  out.set_kind(drift.kind);
  out.set_name(drift.name);
  out.set_count(drift.count);
  SetInstant(drift.first_seen, out.mutable_first_seen());
  SetInstant(drift.last_seen, out.mutable_last_seen());
  return out;
}

v1::Verification ToProto(const Verification& verification) {
  v1::Verification out;
  out.set_extract(verification.extract);
  out.set_advertiser(verification.advertiser);
  SetInstant(verification.verified, out.mutable_verified());
  if (verification.first_day.has_value()) out.set_first_day(FormatDay(*verification.first_day));
  if (verification.last_day.has_value()) out.set_last_day(FormatDay(*verification.last_day));
  out.set_equal(verification.equal);
  out.set_explained(verification.explained);
  out.set_flagged(verification.flagged);
  return out;
}

v1::DeadLetter ToProto(const DeadLetter& letter, const Chunk& chunk) {
  v1::DeadLetter out;
  out.set_chunk_id(letter.chunk);
  out.set_run_id(chunk.run_id);
  out.set_extract(chunk.extract);
  out.set_advertiser(chunk.advertiser);
  out.set_window(FormatWindow(chunk.window));
  out.set_reason(std::string(Name(letter.reason)));
  out.set_code(letter.code);
  out.set_message(letter.message);
  out.set_request_id(letter.request_id);
  out.set_exchange(letter.exchange);
  SetInstant(letter.died, out.mutable_died());
  out.set_attempts(static_cast<uint32_t>(chunk.attempts.deliveries));
  out.set_mend(MendOf(letter.reason, letter.code));
  return out;
}

v1::StreamInfo ToProto(const StreamSpec& stream) {
  v1::StreamInfo out;
  out.set_name(std::string(stream.name));
  out.set_title(std::string(stream.title));
  out.set_endpoint(std::string(stream.path));
  if (stream.kind == StreamKind::kReport) AddLevels(stream.levels, out.mutable_levels());
  out.set_evidence(std::string(EvidenceName(stream.evidence)));
  out.set_evidence_note(std::string(stream.evidence_note));
  out.set_in_sandbox(stream.in_sandbox);
  for (const OptionSpec& option : stream.options) {
    v1::OptionInfo* const info = out.add_options();
    info->set_name(std::string(option.name));
    for (const absl::string_view value : absl::StrSplit(option.values, ' ', absl::SkipEmpty())) {
      info->add_values(std::string(value));
    }
    info->set_note(std::string(option.note));
    info->set_required(option.required);
  }
  for (const DimensionSpec& dimension : stream.dimensions) {
    v1::DimensionInfo* const info = out.add_dimensions();
    info->set_name(std::string(dimension.name));
    info->set_type(std::string(Name(dimension.type)));
    info->set_note(std::string(dimension.note));
    AddLevels(dimension.levels, info->mutable_levels());
    info->set_lag(std::string(LagName(dimension.lag)));
  }
  for (const MetricSpec& metric : stream.metrics) {
    v1::MetricInfo* const info = out.add_metrics();
    info->set_name(std::string(metric.name));
    info->set_type(std::string(Name(metric.type)));
    info->set_group(std::string(metric.group));
    AddLevels(metric.levels, info->mutable_levels());
    info->set_lag(std::string(LagName(metric.lag)));
    info->set_note(std::string(metric.note));
  }
  for (const FieldSpec& field : stream.fields) {
    v1::FieldInfo* const info = out.add_fields();
    info->set_name(std::string(field.name));
    info->set_type(std::string(Name(field.type)));
    info->set_key(field.key);
  }
  for (const PresetSpec& preset : stream.presets) {
    v1::PresetInfo* const info = out.add_presets();
    info->set_name(std::string(preset.name));
    for (const absl::string_view metric : preset.metrics) info->add_metrics(std::string(metric));
  }
  for (const std::string& limit : StreamLimits(stream)) out.add_limits(limit);
  out.set_source(absl::StrCat("TikTok API for Business v1.3 fact sheet, section ", stream.section));
  return out;
}

absl::StatusOr<Selection> FromProto(const google::protobuf::RepeatedPtrField<std::string>& extracts,
                                    const google::protobuf::RepeatedPtrField<std::string>& advertisers,
                                    const v1::DateRange& range) {
  Selection selection{.extracts = {extracts.begin(), extracts.end()},
                      .advertisers = {advertisers.begin(), advertisers.end()},
                      .first = {},
                      .last = {}};
  if (!range.first_day().empty()) {
    ASSIGN_OR_RETURN(selection.first, ParseDay(range.first_day()));
  }
  if (!range.last_day().empty()) {
    ASSIGN_OR_RETURN(selection.last, ParseDay(range.last_day()));
  }
  return selection;
}

}  // namespace tikhaul
