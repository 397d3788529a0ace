#include "coordinator/admin/admin_service.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/base/civil.h"
#include "common/base/process.h"
#include "common/base/status_macros.h"
#include "common/model/names.h"
#include "coordinator/accounts/access_book.h"
#include "coordinator/admin/calendar.h"
#include "coordinator/admin/convert.h"
#include "coordinator/admin/kept_answers.h"
#include "coordinator/admin/plan_answer.h"
#include "coordinator/core/coverage.h"
#include "coordinator/runs/look_back_of.h"

namespace tikhaul {
namespace {

constexpr uint32_t kDefaultPage = 100;
constexpr uint32_t kLargestPage = 10000;
constexpr uint32_t kDefaultRecentRuns = 10;
constexpr uint32_t kDefaultWatchMs = 1000;

size_t PageSize(uint32_t asked, uint32_t otherwise = kDefaultPage) {
  return std::min(asked == 0 ? otherwise : asked, kLargestPage);
}

absl::Status BadPageToken() { return absl::InvalidArgumentError("page_token is not one that this service gave out"); }

absl::StatusOr<int64_t> PageStart(const std::string& token) {
  int64_t start = 0;
  if (!token.empty() && (!absl::SimpleAtoi(token, &start) || start < 0)) return BadPageToken();
  return start;
}

// Tokens of lists whose elements are named by two words, neither of which has a slash.
std::string PairToken(absl::string_view first, absl::string_view second) { return absl::StrCat(first, "/", second); }

absl::StatusOr<std::pair<std::string, std::string>> PairOf(const std::string& token) {
  const std::vector<std::string> words = absl::StrSplit(token, '/');
  if (words.size() != 2) return BadPageToken();
  return std::pair(words[0], words[1]);
}

// Nothing for an empty name. INVALID_ARGUMENT for one that `what` does not have.
template <typename Enum>
absl::StatusOr<std::optional<Enum>> Named(const std::string& name, absl::string_view what) {
  if (name.empty()) return std::optional<Enum>();
  const std::optional<Enum> known = FromName<Enum>(name);
  if (!known.has_value()) return absl::InvalidArgumentError(absl::StrCat("\"", name, "\" is not ", what));
  return known;
}

constexpr char kReason[] = "a reason; `tikhaul retry --list` shows them";

// Cursors in order, those behind `token`, at most `size`; says in `next` where the next page begins.
absl::StatusOr<std::vector<Cursor>> PageOfCursors(std::vector<Cursor> cursors, const std::string& advertiser,
                                                  const std::string& token, size_t size, std::string* next) {
  if (!advertiser.empty()) {
    std::erase_if(cursors, [&](const Cursor& cursor) { return cursor.advertiser != advertiser; });
  }
  if (!token.empty()) {
    ASSIGN_OR_RETURN(const auto last, PairOf(token));
    std::erase_if(cursors, [&](const Cursor& one) { return std::pair(one.extract, one.advertiser) <= last; });
  }
  if (cursors.size() > size) {
    cursors.resize(size);
    *next = PairToken(cursors.back().extract, cursors.back().advertiser);
  }
  return cursors;
}

// One page of what the store keeps by day, of an extract, an advertiser and a range of days.
template <typename Request, typename Response, typename Filter, typename Entry, typename Message>
absl::Status ListByDay(Store& store, const ExtractRegistry& extracts, const Request& request,
                       absl::StatusOr<std::vector<Entry>> (StoreReader::*list)(const Filter&, size_t, size_t),
                       Filter filter, Message* (Response::*add)(), Response* response) {
  const size_t size = PageSize(request.page_size());
  ASSIGN_OR_RETURN(const Selection range, FromProto({}, {}, request.range()));
  return store.Read([&](StoreReader& reader) -> absl::Status {
    if (!request.extract().empty()) RETURN_IF_ERROR(extracts.Select({request.extract()}).status());
    ASSIGN_OR_RETURN(const int64_t start, PageStart(request.page_token()));
    filter.extract = request.extract();
    filter.advertiser = request.advertiser();
    filter.first_day = range.first;
    filter.last_day = range.last;
    ASSIGN_OR_RETURN(const std::vector<Entry> entries, (reader.*list)(filter, static_cast<size_t>(start), size));
    for (const Entry& entry : entries) *(response->*add)() = ToProto(entry);
    if (entries.size() == size) response->set_next_page_token(absl::StrCat(start + static_cast<int64_t>(size)));
    return absl::OkStatus();
  });
}

// Of a BackfillRequest, or of the request that asks what it costs.
template <typename Request>
absl::StatusOr<Selection> BackfillSelection(const Request& request) {
  ASSIGN_OR_RETURN(Selection selection, FromProto(request.extracts(), request.advertisers(), request.range()));
  selection.only_metrics = {request.only_metrics().begin(), request.only_metrics().end()};
  return selection;
}

std::string DayText(const std::optional<absl::CivilDay>& day) { return day.has_value() ? FormatDay(*day) : ""; }

// Days that no chunk read, because the API's totals prove them empty.
absl::StatusOr<std::vector<Coverage>> DaysLeftOut(StoreReader& reader, const Cursor& cursor) {
  const LedgerFilter filter{.extract = cursor.extract, .advertiser = cursor.advertiser, .only_by_probe = true};
  ASSIGN_OR_RETURN(const std::vector<LedgerEntry> ledger, reader.ListLedger(filter, 0, 0));
  std::vector<Coverage> days;
  for (const LedgerEntry& entry : ledger) days.push_back({entry.window.first, entry.window.last});
  return NormalizeIntervals(std::move(days));
}

bool IsRunning(const v1::Run& run) { return run.state() == Name(RunState::kRunning); }

v1::Cursor CursorProto(const Cursor& cursor, const std::vector<Coverage>& coverage, const std::vector<Coverage>& idle,
                       const Advertiser& advertiser) {
  v1::Cursor out;
  out.set_extract(cursor.extract);
  out.set_advertiser(cursor.advertiser);
  out.set_advertiser_name(advertiser.name);
  out.set_timezone(advertiser.timezone);
  out.set_first_day(FormatDay(cursor.first_day));
  out.set_cursor(DayText(cursor.cursor));
  out.set_through(DayText(cursor.through));
  for (const Coverage& days : idle) {
    out.add_idle(FormatWindow({.kind = WindowKind::kDays, .first = days.first, .last = days.last}));
  }
  if (!coverage.empty()) {
    for (const Coverage& hole : Holes(coverage, cursor.first_day, coverage.back().last)) {
      out.add_holes(FormatWindow({.kind = WindowKind::kDays, .first = hole.first, .last = hole.last}));
    }
  }
  SetInstant(cursor.updated, out.mutable_updated());
  return out;
}

}  // namespace

grpc::Status AdminService::Check(grpc::ServerContext* /*context*/, const v1::CheckRequest* /*request*/,
                                 v1::CheckResponse* response) {
  *response = RunChecks({.config = parts_.config,
                         .store = parts_.store,
                         .accounts = parts_.accounts,
                         .quota = parts_.quota,
                         .faults = parts_.faults,
                         .clock = parts_.clock});
  parts_.wake_dispatcher();  // what was closed is asked again
  return grpc::Status::OK;
}

grpc::Status AdminService::ListStreams(grpc::ServerContext* /*context*/, const v1::ListStreamsRequest* request,
                                       v1::ListStreamsResponse* response) {
  const absl::StatusOr<int64_t> start = PageStart(request->page_token());
  if (!start.ok()) return ToGrpc(start.status());
  std::vector<std::string> names;
  std::vector<const StreamSpec*> wanted;
  for (const StreamSpec& stream : Streams()) {
    names.emplace_back(stream.name);
    if (request->stream().empty() || request->stream() == stream.name) wanted.push_back(&stream);
  }
  const size_t end = static_cast<size_t>(*start) + PageSize(request->page_size());
  for (size_t i = static_cast<size_t>(*start); i < std::min(end, wanted.size()); ++i) {
    *response->add_streams() = ToProto(*wanted[i]);
  }
  if (end < wanted.size()) response->set_next_page_token(absl::StrCat(end));
  if (!wanted.empty()) return grpc::Status::OK;
  const std::string nearest = NearestWord(request->stream(), names);
  return ToGrpc(
      absl::NotFoundError(absl::StrCat("no stream \"", request->stream(), "\"",
                                       nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?"))));
}

grpc::Status AdminService::Plan(grpc::ServerContext* /*context*/, const v1::PlanRequest* request,
                                v1::PlanResponse* response) {
  const absl::Status status = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(const Selection selection, BackfillSelection(*request));
    const bool may_call = !request->without_calls();
    ASSIGN_OR_RETURN(const PlanEstimate plan, request->increments() ? parts_.runs.PlanSync(selection.extracts, may_call)
                                                                    : parts_.runs.PlanBackfill(selection, may_call));
    // Quota days are days of the real clock.
    FillPlan(plan, LimitsAt(parts_.config.quota(), parts_.quota.Report().used_today, SystemClock().Now()), response);
    return absl::OkStatus();
  }();
  return ToGrpc(status);
}

template <typename Request, typename Response>
absl::Status AdminService::Once(const Request& request, Response* response,
                                const std::function<absl::Status(StoreTransaction&)>& change,
                                const std::function<absl::Status()>& prepare) {
  const absl::Status status = CarryOutOnce(parts_.store, parts_.clock.Now(),
                                           {.idempotency_key = request.idempotency_key(),
                                            .request = request,
                                            .response = *response,
                                            .prepare = prepare,
                                            .change = change});
  parts_.wake_dispatcher();
  return status;
}

absl::StatusOr<v1::Run> AdminService::WithCounts(StoreReader& reader, const Run& run) {
  ASSIGN_OR_RETURN(const ChunkCounts counts, reader.CountChunks(run.id, parts_.clock.Now()));
  return ToProto(run, counts);
}

template <typename Response>
absl::Status AdminService::AddRuns(StoreReader& reader, const std::vector<StartedRun>& started, Response* response) {
  for (const StartedRun& run : started) {
    if (!run.note.empty()) response->add_notes(run.note);
    if (!run.run.has_value()) continue;
    ASSIGN_OR_RETURN(v1::Run out, WithCounts(reader, *run.run));
    out.set_existed(run.existed);
    *response->add_runs() = std::move(out);
  }
  return absl::OkStatus();
}

grpc::Status AdminService::Backfill(grpc::ServerContext* /*context*/, const v1::BackfillRequest* request,
                                    v1::BackfillResponse* response) {
  BackfillPlans plans;
  const auto prepare = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(Selection selection, BackfillSelection(*request));
    selection.again_key = request->again_key();
    ASSIGN_OR_RETURN(plans, parts_.runs.PrepareBackfill(selection));
    return absl::OkStatus();
  };
  const auto change = [&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<StartedRun> started, parts_.runs.Backfill(tx, plans));
    return AddRuns(tx, started, response);
  };
  return ToGrpc(Once(*request, response, change, prepare));
}

grpc::Status AdminService::Sync(grpc::ServerContext* /*context*/, const v1::SyncRequest* request,
                                v1::SyncResponse* response) {
  IncrementRequests increments;
  const auto prepare = [&]() -> absl::Status {
    ASSIGN_OR_RETURN(increments, parts_.runs.PrepareSync({request->extracts().begin(), request->extracts().end()}));
    return absl::OkStatus();
  };
  const auto change = [&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<StartedRun> started, parts_.runs.Sync(tx, increments));
    return AddRuns(tx, started, response);
  };
  return ToGrpc(Once(*request, response, change, prepare));
}

grpc::Status AdminService::GetStatus(grpc::ServerContext* /*context*/, const v1::GetStatusRequest* request,
                                     v1::Status* response) {
  absl::StatusOr<v1::Status> status = parts_.status.Build(
      request->recent_runs() == 0 ? kDefaultRecentRuns : std::min(request->recent_runs(), kLargestPage));
  if (status.ok()) *response = *std::move(status);
  return ToGrpc(status.status());
}

grpc::Status AdminService::WatchStatus(grpc::ServerContext* context, const v1::WatchStatusRequest* request,
                                       grpc::ServerWriter<v1::Status>* writer) {
  const uint32_t interval_ms = request->interval_ms() == 0 ? kDefaultWatchMs : request->interval_ms();
  const absl::Duration interval = absl::Milliseconds(std::clamp<uint32_t>(interval_ms, 100, 60000));
  const std::vector<std::string> run_ids(request->run_ids().begin(), request->run_ids().end());
  while (!context->IsCancelled() && !stopping_) {
    const absl::StatusOr<v1::Status> status = parts_.status.Build(kDefaultRecentRuns, run_ids);
    if (!status.ok()) return ToGrpc(status.status());
    if (!writer->Write(*status)) return grpc::Status::OK;
    const bool ended = !run_ids.empty() && std::none_of(status->runs().begin(), status->runs().end(), IsRunning);
    if (ended || (request->until_idle() && status->idle())) return grpc::Status::OK;
    for (absl::Duration waited; waited < interval && !context->IsCancelled() && !stopping_;
         waited += absl::Milliseconds(50))
      tikhaul::SleepFor(absl::Milliseconds(50));
  }
  return stopping_ ? grpc::Status(grpc::StatusCode::UNAVAILABLE, "the coordinator is stopping") : grpc::Status::OK;
}

grpc::Status AdminService::ListRuns(grpc::ServerContext* /*context*/, const v1::ListRunsRequest* request,
                                    v1::ListRunsResponse* response) {
  const size_t size = PageSize(request->page_size());
  return ToGrpc(parts_.store.Read([&](StoreReader& reader) -> absl::Status {
    response->Clear();
    RunFilter filter{.extract = request->extract()};
    ASSIGN_OR_RETURN(filter.kind, Named<RunKind>(request->kind(), "backfill or increment"));
    ASSIGN_OR_RETURN(filter.state, Named<RunState>(request->state(), "running, done, partial or cancelled"));
    if (!request->page_token().empty()) {
      ASSIGN_OR_RETURN(const auto last, PairOf(request->page_token()));
      int64_t created = 0;
      if (!absl::SimpleAtoi(last.first, &created)) return BadPageToken();
      filter.after = {absl::FromUnixSeconds(created), last.second};
    }
    ASSIGN_OR_RETURN(const std::vector<Run> runs, reader.FindRuns(filter, size));
    ASSIGN_OR_RETURN(const std::vector<tikhaul::Pause> pauses, reader.ListPauses());
    for (const Run& run : runs) {
      ASSIGN_OR_RETURN(*response->add_runs(), WithCounts(reader, run));
      response->mutable_runs()->rbegin()->set_paused(HoldsBack(pauses, run));
    }
    if (runs.size() == size) {
      response->set_next_page_token(PairToken(absl::StrCat(absl::ToUnixSeconds(runs.back().created)), runs.back().id));
    }
    return absl::OkStatus();
  }));
}

grpc::Status AdminService::Cancel(grpc::ServerContext* /*context*/, const v1::CancelRequest* request,
                                  v1::CancelResponse* response) {
  const absl::Status status = Once(*request, response, [&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const Run run, parts_.runs.Cancel(tx, request->run_id()));
    ASSIGN_OR_RETURN(*response->mutable_run(), WithCounts(tx, run));
    return absl::OkStatus();
  });
  if (status.ok()) {
    parts_.claims.Revoke([&](const LiveClaim& claim) { return claim.run_id == request->run_id(); }, "cancelled");
  }
  return ToGrpc(status);
}

absl::Status AdminService::CheckScope(StoreReader& reader, const std::string& scope, const std::string& name) {
  if (scope == "all")
    return name.empty() ? absl::OkStatus() : absl::InvalidArgumentError("scope \"all\" takes no name");
  if (scope == "extract") return parts_.extracts.Select({name}).status();
  if (scope == "connection") {
    for (const v1::Connection& connection : parts_.config.connections()) {
      if (connection.name() == name) return absl::OkStatus();
    }
    return absl::NotFoundError(absl::StrCat("no connection \"", name, "\" in the configuration"));
  }
  if (scope == "advertiser") {
    ASSIGN_OR_RETURN(const std::optional<Advertiser> advertiser, reader.GetAdvertiser(name));
    return advertiser.has_value() ? absl::OkStatus()
                                  : absl::NotFoundError(absl::StrCat("no advertiser \"", name,
                                                                     "\" is known; `tikhaul check` asks which there "
                                                                     "are"));
  }
  if (scope != "run")
    return absl::InvalidArgumentError(
        absl::StrCat("scope \"", scope, "\" is none of all, connection, extract, run, advertiser"));
  ASSIGN_OR_RETURN(const std::optional<Run> run, reader.GetRun(name));
  return run.has_value() ? absl::OkStatus()
                         : absl::NotFoundError(absl::StrCat("no run \"", name, "\"; `tikhaul status` lists them"));
}

grpc::Status AdminService::Pause(grpc::ServerContext* /*context*/, const v1::PauseRequest* request,
                                 v1::PauseResponse* response) {
  // Chunks that run come to their end: their calls are paid for.
  return ToGrpc(Once(*request, response, [&](StoreTransaction& tx) -> absl::Status {
    RETURN_IF_ERROR(CheckScope(tx, request->scope(), request->name()));
    return tx.PutPause({.scope = request->scope(),
                        .name = request->name(),
                        .reason = "operator",
                        .automatic = false,
                        .since = parts_.clock.Now()});
  }));
}

grpc::Status AdminService::Resume(grpc::ServerContext* /*context*/, const v1::ResumeRequest* request,
                                  v1::ResumeResponse* response) {
  return ToGrpc(Once(*request, response, [&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<tikhaul::Pause> pauses, tx.ListPauses());
    const bool paused = std::any_of(pauses.begin(), pauses.end(), [&](const tikhaul::Pause& pause) {
      return pause.scope == request->scope() && pause.name == request->name();
    });
    // What is paused may be resumed, even if there is no such thing any more.
    if (!paused) return CheckScope(tx, request->scope(), request->name());
    RETURN_IF_ERROR(tx.RemovePause(request->scope(), request->name()));
    return tx.ForgetHints();
  }));
}

grpc::Status AdminService::Retry(grpc::ServerContext* /*context*/, const v1::RetryRequest* request,
                                 v1::RetryResponse* response) {
  return ToGrpc(Once(*request, response, [&](StoreTransaction& tx) -> absl::Status {
    ChunkFilter filter{.run_id = {}, .extract = request->extract(), .advertiser = request->advertiser()};
    ASSIGN_OR_RETURN(filter.last_failure, Named<FailureClass>(request->reason(), kReason));
    const bool accesses = request->chunk_ids().empty() &&
                          filter.last_failure.value_or(FailureClass::kPermission) == FailureClass::kPermission;
    const RegisteredExtract* const extract = parts_.extracts.Find(request->extract());
    if (accesses && (extract != nullptr || request->extract().empty())) {
      const std::string endpoint = extract == nullptr ? "" : extract->endpoint;
      ASSIGN_OR_RETURN(const uint64_t count, AskClosedAgain(tx, endpoint, request->advertiser(), parts_.clock.Now()));
      response->set_blocks(count);
    }
    ASSIGN_OR_RETURN(const uint64_t retried,
                     parts_.runs.Retry(tx, filter, {request->chunk_ids().begin(), request->chunk_ids().end()}));
    response->set_chunks(retried);
    return absl::OkStatus();
  }));
}

grpc::Status AdminService::ListDeadLetters(grpc::ServerContext* /*context*/, const v1::ListDeadLettersRequest* request,
                                           v1::ListDeadLettersResponse* response) {
  const size_t size = PageSize(request->page_size());
  return ToGrpc(parts_.store.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(const int64_t after, PageStart(request->page_token()));
    response->Clear();
    ChunkFilter filter{.run_id = {}, .extract = request->extract(), .advertiser = request->advertiser()};
    ASSIGN_OR_RETURN(filter.last_failure, Named<FailureClass>(request->reason(), kReason));
    ASSIGN_OR_RETURN(const std::vector<DeadLetter> letters, reader.ListDeadLetters(filter, after, size));
    for (const DeadLetter& letter : letters) {
      ASSIGN_OR_RETURN(const std::optional<Chunk> chunk, reader.GetChunk(letter.chunk));
      *response->add_dead_letters() = ToProto(letter, chunk.value_or(Chunk{}));
    }
    if (letters.size() == size) response->set_next_page_token(absl::StrCat(letters.back().chunk));
    return absl::OkStatus();
  }));
}

grpc::Status AdminService::ListCursors(grpc::ServerContext* /*context*/, const v1::ListCursorsRequest* request,
                                       v1::ListCursorsResponse* response) {
  return ToGrpc(parts_.store.Read([&](StoreReader& reader) -> absl::Status {
    response->Clear();
    if (!request->extract().empty()) RETURN_IF_ERROR(parts_.extracts.Select({request->extract()}).status());
    ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, reader.ListAdvertisers());
    ASSIGN_OR_RETURN(std::vector<Cursor> all, reader.ListCursors(request->extract()));
    ASSIGN_OR_RETURN(const std::vector<Cursor> cursors,
                     PageOfCursors(std::move(all), request->advertiser(), request->page_token(),
                                   PageSize(request->page_size(), kLargestPage), response->mutable_next_page_token()));
    for (const Cursor& cursor : cursors) {
      ASSIGN_OR_RETURN(const std::vector<Coverage> coverage, reader.ListCoverage(cursor.extract, cursor.advertiser));
      ASSIGN_OR_RETURN(const std::vector<Coverage> idle, DaysLeftOut(reader, cursor));
      const auto advertiser = std::find_if(advertisers.begin(), advertisers.end(),
                                           [&](const Advertiser& one) { return one.id == cursor.advertiser; });
      v1::Cursor* const added = response->add_cursors();
      *added = CursorProto(cursor, coverage, idle, advertiser == advertisers.end() ? Advertiser{} : *advertiser);
      const RegisteredExtract* const extract = parts_.extracts.Find(cursor.extract);
      const absl::StatusOr<absl::TimeZone> zone = LoadZone(added->timezone());
      if (extract == nullptr || !zone.ok()) continue;
      ASSIGN_OR_RETURN(const LookBack look_back,
                       LookBackOf(reader, *extract, cursor.advertiser, *zone, parts_.clock.Now()));
      added->set_look_back_days(static_cast<uint32_t>(look_back.days));
      added->set_look_back_why(look_back.why);
    }
    return absl::OkStatus();
  }));
}

grpc::Status AdminService::ListLedger(grpc::ServerContext* /*context*/, const v1::ListLedgerRequest* request,
                                      v1::ListLedgerResponse* response) {
  return ToGrpc(ListByDay(parts_.store, parts_.extracts, *request, &StoreReader::ListLedger,
                          LedgerFilter{.fills_too = true}, &v1::ListLedgerResponse::add_entries, response));
}

grpc::Status AdminService::Verify(grpc::ServerContext* context, const v1::VerifyRequest* request,
                                  grpc::ServerWriter<v1::VerifyResult>* writer) {
  const absl::StatusOr<Selection> selection = FromProto(request->extracts(), request->advertisers(), request->range());
  if (!selection.ok()) return ToGrpc(selection.status());
  std::atomic<bool> gone{false};
  const auto wanted = [&] { return !gone && !context->IsCancelled() && !stopping_; };
  return ToGrpc(parts_.verify.Verify(*selection, request->search_calls(), wanted, [&](const v1::VerifyResult& result) {
    if (!writer->Write(result)) gone = true;
  }));
}

grpc::Status AdminService::ListFigures(grpc::ServerContext* context, const v1::ListFiguresRequest* request,
                                       grpc::ServerWriter<v1::FiguresPage>* writer) {
  const absl::StatusOr<Selection> selection = FromProto({}, request->advertisers(), request->range());
  if (!selection.ok()) return ToGrpc(selection.status());
  return ToGrpc(parts_.verify.ListFigures(*request, *selection, [&](const v1::FiguresPage& page) {
    return !context->IsCancelled() && writer->Write(page) ? absl::OkStatus() : absl::CancelledError("the client went");
  }));
}

grpc::Status AdminService::ListRestatements(grpc::ServerContext* /*context*/,
                                            const v1::ListRestatementsRequest* request,
                                            v1::ListRestatementsResponse* response) {
  return ToGrpc(ListByDay(parts_.store, parts_.extracts, *request, &StoreReader::ListRestatements, RestatementFilter{},
                          &v1::ListRestatementsResponse::add_restatements, response));
}

grpc::Status AdminService::GetCalendar(grpc::ServerContext* /*context*/, const v1::GetCalendarRequest* request,
                                       v1::GetCalendarResponse* response) {
  return ToGrpc(parts_.store.Read(
      [&](StoreReader& reader) { return FillCalendar(reader, parts_.extracts, *request, response); }));
}

}  // namespace tikhaul
