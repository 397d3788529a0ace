#include "tests/simulation/sim_worker.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "common/base/civil.h"
#include "common/wire/row_batch_wire.h"

namespace tikhaul {
namespace {

constexpr size_t kPageRows = 4;
constexpr absl::Duration kAnswerPatience = absl::Seconds(30);

// The rows as the coordinator wants them: the plan's columns, then _extra and _raw.
RowBatch BatchOf(const v1::ReadPlan& plan, const std::vector<ApiRow>& rows) {
  RowBatch batch;
  batch.rows = rows.size();
  for (const v1::ColumnPlan& column : plan.columns()) {
    Column& cells = batch.columns.emplace_back(FromWire(column.type()).value());
    for (const ApiRow& row : rows) {
      if (column.name() == "stat_time_day") {
        cells.AppendNumber(DayNumber(row.day));
      } else if (column.name() == "ad_id") {
        cells.AppendText(row.ad);
      } else if (column.name() == "clicks") {
        cells.AppendNumber(row.clicks);
      } else if (column.name() == "spend") {
        cells.AppendDecimal({row.cents, 2});
      } else {
        cells.AppendNull();
      }
    }
  }
  for (int kept = 0; kept < 2; ++kept) {
    Column& cells = batch.columns.emplace_back(ColumnType::kJson);
    for (size_t i = 0; i < rows.size(); ++i) cells.AppendNull();
  }
  return batch;
}

}  // namespace

SimWorker::SimWorker(std::string name, World& world, SimHints& hints, ApiWeather& api, Auditor& auditor,
                     std::vector<std::unique_ptr<SimCoordinator>>& coordinators, absl::Time began)
    : Process(std::move(name)),
      world_(world),
      hints_(hints),
      api_(api),
      auditor_(auditor),
      coordinators_(coordinators),
      began_(began) {}

void SimWorker::Start() {
  if (alive) return;
  alive = true;
  ++incarnation;
  Do(world_.scheduler().Between(absl::ZeroDuration(), absl::Seconds(1)), [this] { Poll(); });
}

void SimWorker::Bury() {
  world_.Note(Met::kWorkerKilled);
  if (stream_ != nullptr) {
    // Its host may be gone with it, so that nobody says that the connection is closed.
    if (world_.scheduler().Chance(0.3)) stream_->Break();
    stream_->CloseFromWorker();
  }
  stream_.reset();
  hint_.reset();
  frozen_until = -absl::InfiniteDuration();
  world_.scheduler().After(world_.scheduler().Between(absl::Seconds(1), absl::Seconds(5)), [this] { Start(); });
}

void SimWorker::Do(absl::Duration delay, std::function<void()> what) { world_.Later(*this, delay, std::move(what)); }

void SimWorker::Poll() {
  hint_ = hints_.Pop();
  if (!hint_.has_value()) {
    return Do(world_.scheduler().Between(absl::Milliseconds(200), absl::Seconds(2)), [this] { Poll(); });
  }
  if (world_.Fault(world_.weather().kill_inside, Met::kWorkerKilledBeforeClaim)) world_.DieHere(*this);
  Do(world_.scheduler().Between(absl::ZeroDuration(), absl::Milliseconds(300)), [this] { Claim(); });
}

SimCoordinator& SimWorker::CoordinatorAt(const std::string& address) {
  for (const auto& coordinator : coordinators_) {
    if (coordinator->name == address) return *coordinator;
  }
  return *coordinators_[world_.scheduler().Below(coordinators_.size())];
}

void SimWorker::Claim() {
  SimCoordinator& coordinator = CoordinatorAt(hint_->coordinator);
  if (!coordinator.serving()) {  // the hint stays where it is: others take it over later
    hint_.reset();
    return Do(absl::Seconds(1), [this] { Poll(); });
  }
  const uint64_t number = ++streams_;
  stream_ = std::make_shared<SimStream>(
      world_, auditor_, *this,
      SimStream::WorkerEnd{
          .response =
              [this, number](std::shared_ptr<const v1::ExtractResponse> response) {
                Do(absl::ZeroDuration(), [this, number, response] { OnResponse(number, *response); });
              },
          .closed = [this, number] { Do(absl::ZeroDuration(), [this, number] { OnClosed(number); }); }},
      coordinator, hint_->chunk);
  coordinator.Accept(stream_);
  finished_ = false;
  epoch_ = 0;
  v1::ExtractRequest request;
  v1::Claim* const claim = request.mutable_claim();
  claim->set_protocol(v1::PROTOCOL_VERSION_1);
  claim->set_chunk_id(hint_->chunk);
  claim->set_worker(name);
  claim->set_incarnation(absl::StrCat(name, "-", incarnation));
  Send(std::move(request));
  Do(kAnswerPatience, [this, number] {
    if (number == streams_ && stream_ != nullptr && epoch_ == 0) Leave();
  });
}

void SimWorker::Send(v1::ExtractRequest request) { stream_->Send(std::move(request)); }

void SimWorker::SpendHint() {
  if (hint_.has_value()) hints_.Spend(hint_->number);
  hint_.reset();
}

// The attempt is over on this side; what the coordinator has heard of it decides.
void SimWorker::Leave() {
  if (stream_ != nullptr) stream_->CloseFromWorker();
  stream_.reset();
  hint_.reset();
  Do(world_.scheduler().Between(absl::ZeroDuration(), absl::Seconds(1)), [this] { Poll(); });
}

void SimWorker::OnClosed(uint64_t stream) {
  if (stream == streams_ && stream_ != nullptr) Leave();
}

void SimWorker::OnResponse(uint64_t stream, const v1::ExtractResponse& response) {
  if (stream != streams_ || stream_ == nullptr) return;
  if (response.has_granted()) return Begin(response.granted());
  if (response.has_credit()) return;
  if (response.has_refused() && response.refused().reason() == v1::Refused::REASON_ELSEWHERE &&
      !response.refused().coordinator().empty() && hint_.has_value()) {
    world_.Note(Met::kClaimElsewhere);
    hint_->coordinator = response.refused().coordinator();
    stream_.reset();
    return Do(absl::ZeroDuration(), [this] { Claim(); });
  }
  // Refused, committed or revoked: the stream ends properly.
  SpendHint();
  stream_.reset();
  Do(world_.scheduler().Between(absl::ZeroDuration(), absl::Milliseconds(500)), [this] { Poll(); });
}

void SimWorker::Begin(const v1::Granted& granted) {
  SpendHint();
  plan_ = granted.plan();
  epoch_ = granted.epoch();
  const std::vector<std::string> days = absl::StrSplit(plan_.window(), "..");
  first_ = ParseDay(days.front()).value();
  last_ = ParseDay(days.back()).value();
  read_from_ = began_ + world_.scheduler().now();
  rows_.clear();
  page_ = sent_ = 0;
  sequence_ = calls_ = 0;
  Do(world_.scheduler().Between(absl::Milliseconds(50), absl::Seconds(1)), [this, number = streams_] {
    if (number == streams_ && stream_ != nullptr) ReadPage();
  });
}

bool SimWorker::IsOf(const std::vector<std::pair<std::string, absl::CivilDay>>& days) const {
  return std::any_of(days.begin(), days.end(), [&](const auto& one) {
    return one.first == plan_.advertiser_id() && first_ <= one.second && one.second <= last_;
  });
}

bool SimWorker::MeetsFault() {
  ++calls_;
  if (IsOf(api_.deadly)) world_.DieHere(*this);
  if (IsOf(api_.permanent)) {
    Fail(FailureClass::kPermanent, 40002, false);
    return true;
  }
  if (api_.token_bad[plan_.connection()]) {
    world_.Note(Met::kTokenRefused);
    Fail(FailureClass::kAuth, 40105, false);
    return true;
  }
  if (api_.access_closed[plan_.advertiser_id()]) {
    world_.Note(Met::kAccessClosed);
    Fail(FailureClass::kPermission, 40001, false);
    return true;
  }
  if (last_ - first_ + 1 > api_.longest_days && !world_.calm()) {
    world_.Note(Met::kTooBig);
    Fail(FailureClass::kTooBig, 40067, true);
    return true;
  }
  const double fault = world_.weather().api_fault;
  if (world_.Fault(fault / 4, Met::kThrottled)) {
    Fail(FailureClass::kThrottled, 40100, false);
  } else if (world_.Fault(fault / 4, Met::kTransient)) {
    Fail(FailureClass::kTransient, 0, true);
  } else if (world_.Fault(fault / 8, Met::kUnreachable)) {
    Fail(FailureClass::kUnreachable, 0, false);
  } else if (world_.Fault(fault / 16, Met::kUnknownCode)) {
    Fail(FailureClass::kUnknownCode, 59999, true);
  } else {
    return false;
  }
  return true;
}

void SimWorker::ReadPage() {
  if (MeetsFault()) return;
  // The rows as they are now: they may have moved since the page before.
  if (world_.Fault(world_.weather().api_fault / 8, Met::kDrifted)) api_.truth.Restate(plan_.advertiser_id());
  const std::vector<ApiRow> now =
      api_.truth.Rows(plan_.advertiser_id(), first_, last_, began_ + world_.scheduler().now());
  if (page_ == 0) promised_ = now.size();
  const size_t from = std::min(now.size(), page_ * kPageRows), to = std::min(now.size(), from + kPageRows);
  SendPage({now.begin() + static_cast<std::ptrdiff_t>(from), now.begin() + static_cast<std::ptrdiff_t>(to)});
  ++page_;
  if (page_ * kPageRows >= promised_) return Finish(now.size());
  Do(world_.scheduler().Between(absl::Milliseconds(50), absl::Seconds(1)), [this, number = streams_] {
    if (number == streams_ && stream_ != nullptr) ReadPage();
  });
}

void SimWorker::SendPage(const std::vector<ApiRow>& page) {
  v1::ExtractRequest progress;
  progress.mutable_progress()->set_pages(page_ + 1);
  progress.mutable_progress()->set_calls(calls_);
  Send(std::move(progress));
  if (page.empty()) return;
  v1::ExtractRequest request;
  v1::Batch* const batch = request.mutable_batch();
  batch->set_sequence(++sequence_);
  ToWire(BatchOf(plan_, page), batch->mutable_rows());
  rows_.insert(rows_.end(), page.begin(), page.end());
  sent_ += page.size();
  Send(std::move(request));
}

// A worker that sees that the total has moved says so; half of the time it does not see it.
void SimWorker::Finish(size_t rows_now) {
  if (rows_now != promised_ || sent_ != promised_) {
    auditor_.Blame(stream_->chunk(), FailureClass::kDrift);
    if (world_.scheduler().Chance(0.5)) return Fail(FailureClass::kDrift, 0, false);
    world_.Note(Met::kDriftCaught);
  } else {
    std::vector<std::pair<absl::CivilDay, std::string>> keys;
    for (const ApiRow& row : rows_) keys.emplace_back(row.day, row.ad);
    std::sort(keys.begin(), keys.end());
    if (std::adjacent_find(keys.begin(), keys.end()) != keys.end()) {
      auditor_.Blame(stream_->chunk(), FailureClass::kDrift);
      world_.Note(Met::kDriftCaught);
    }
  }
  auditor_.Finished(stream_->chunk(), epoch_, read_from_, rows_);
  finished_ = true;
  v1::ExtractRequest request;
  v1::Finish* const finish = request.mutable_finish();
  finish->set_last_sequence(sequence_);
  finish->set_rows(sent_);
  finish->set_promised_rows(promised_);
  finish->set_pages(page_);
  finish->set_calls(calls_);
  Send(std::move(request));
}

void SimWorker::Fail(FailureClass failure_class, int code, bool blame) {
  if (blame) auditor_.Blame(stream_->chunk(), failure_class);
  v1::ExtractRequest request;
  v1::Fail* const fail = request.mutable_fail();
  fail->set_failure_class(static_cast<v1::FailureClass>(failure_class));
  fail->set_code(code);
  fail->set_message("simulated");
  fail->set_calls(calls_);
  Send(std::move(request));
}

}  // namespace tikhaul
