#include "coordinator/verify/verify_service.h"

#include <algorithm>
#include <atomic>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/mutex.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "coordinator/verify/object_verifier.h"
#include "coordinator/verify/report_verifier.h"

namespace tikhaul {
namespace {

constexpr uint32_t kSearchCalls = 100;
constexpr size_t kAtOnce = 4;  // as many calls as the coordinator's transport has under way
constexpr int kFiguresPerPage = 5000;

}  // namespace

absl::StatusOr<std::vector<VerifyTask>> VerifyService::TasksOf(const Selection& selection, uint32_t search_calls) {
  if (selection.first.has_value() && selection.last.has_value() && *selection.last < *selection.first) {
    return absl::InvalidArgumentError(absl::StrCat("the range ends (", FormatDay(*selection.last),
                                                   ") before it begins (", FormatDay(*selection.first), ")"));
  }
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select(selection.extracts));
  std::vector<VerifyTask> tasks;
  for (const RegisteredExtract* extract : extracts) {
    ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, accounts_.Of(extract->spec, selection.advertisers));
    for (const Advertiser& advertiser : advertisers) {
      tasks.push_back({.extract = extract,
                       .advertiser = advertiser,
                       .first = selection.first,
                       .last = selection.last,
                       .search_calls = search_calls == 0 ? kSearchCalls : search_calls,
                       .sandbox = config_.api().sandbox()});
    }
  }
  return tasks;
}

absl::Status VerifyService::Verify(const Selection& selection, uint32_t search_calls,
                                   const std::function<bool()>& wanted, const Emit& emit) {
  RETURN_IF_ERROR(accounts_.CanCall());
  ASSIGN_OR_RETURN(const std::vector<VerifyTask> tasks, TasksOf(selection, search_calls));
  std::atomic<size_t> next{0};
  Mutex emitting;
  std::vector<std::thread> threads;
  for (size_t i = 0; i < std::min(kAtOnce, tasks.size()); ++i) {
    threads.emplace_back([&] {
      for (size_t task = next++; task < tasks.size() && wanted(); task = next++) {
        const v1::VerifyResult result = RunTask(tasks[task], wanted);
        MutexLock lock(emitting);
        emit(result);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  return absl::OkStatus();
}

v1::VerifyResult VerifyService::RunTask(const VerifyTask& task, const std::function<bool()>& wanted) {
  v1::VerifyResult result;
  result.set_extract(task.extract->spec.name());
  result.set_advertiser(task.advertiser.id);
  result.set_advertiser_name(task.advertiser.name);
  absl::Status status = RunInto(task, wanted, result);
  if (status.ok()) status = Keep(result);
  if (!status.ok()) {
    result.set_state("failed");
    result.set_note(std::string(status.message()));
  }
  return result;
}

absl::Status VerifyService::RunInto(const VerifyTask& task, const std::function<bool()>& wanted,
                                    v1::VerifyResult& result) {
  const auto connection =
      std::find_if(config_.connections().begin(), config_.connections().end(),
                   [&](const v1::Connection& one) { return one.name() == task.advertiser.connection; });
  if (connection == config_.connections().end()) {
    return absl::NotFoundError(absl::StrCat("no connection \"", task.advertiser.connection, "\" in the configuration"));
  }
  ASSIGN_OR_RETURN(Secret token, ReadToken(*connection));
  FigureAsker asker(transport_, std::move(token), task.advertiser.id, wanted);
  absl::Status status;
  const StreamSpec& stream = *FindStream(task.extract->spec.stream());
  switch (stream.kind) {
    case StreamKind::kReport:
      if (stream.report_type.empty()) {
        result.set_state("not compared");
        result.set_note("it has no coarser level whose figures are known to count the same");
        break;
      }
      status = ReportVerifier(task, store_, asker, result).Run();
      break;
    case StreamKind::kEntity:
      status = ObjectVerifier(task, extracts_, store_, asker, result).Run();
      break;
    default:
      result.set_state("not compared");
      result.set_note("one answer holds all of it: there is nothing else to compare it with");
  }
  result.set_calls(asker.calls());
  return status;
}

absl::Status VerifyService::Keep(const v1::VerifyResult& result) {
  if (result.state() == "not compared") return absl::OkStatus();
  Verification verification{.extract = result.extract(),
                            .advertiser = result.advertiser(),
                            .verified = clock_.Now(),
                            .first_day = {},
                            .last_day = {},
                            .equal = result.equal(),
                            .explained = result.explained(),
                            .flagged = result.flagged()};
  if (!result.first_day().empty()) {
    ASSIGN_OR_RETURN(verification.first_day, ParseDay(result.first_day()));
    ASSIGN_OR_RETURN(verification.last_day, ParseDay(result.last_day()));
  }
  return store_.Write([&](StoreTransaction& tx) { return tx.PutVerification(verification); });
}

absl::Status VerifyService::ListFigures(const v1::ListFiguresRequest& request, const Selection& selection,
                                        absl::FunctionRef<absl::Status(const v1::FiguresPage&)> take) {
  ASSIGN_OR_RETURN(const std::vector<const RegisteredExtract*> extracts, extracts_.Select({request.extract()}));
  const RegisteredExtract& extract = *extracts.front();
  if (extract.granularity != Granularity::kDay && extract.granularity != Granularity::kHour) {
    return absl::InvalidArgumentError(
        absl::StrCat("extract \"", request.extract(), "\" is no report by day or hour: it has no figures per day"));
  }
  ASSIGN_OR_RETURN(const std::vector<Advertiser> advertisers, accounts_.Of(extract.spec, selection.advertisers));
  SumRequest sums{.table = extract.table,
                  .advertiser = {},
                  .day_column = extract.day_column,
                  .first = selection.first.value_or(absl::CivilDay(1970, 1, 1)),
                  .last = selection.last.value_or(absl::CivilDay(9999, 12, 30)),
                  .group_columns = {request.columns().begin(), request.columns().end()},
                  .sum_columns = {request.metrics().begin(), request.metrics().end()}};
  v1::FiguresPage page;
  for (const Advertiser& advertiser : advertisers) {
    sums.advertiser = advertiser.id;
    ASSIGN_OR_RETURN(const StoredReads known, LoadReads(store_, extract.spec.name(), advertiser.id));
    const DayReads reads(known.ledger, sums.first, sums.last);
    const bool appended = extract.table.mode == WriteMode::kAppend;
    RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) {
      return reader.SumRows(sums, [&](const RowSums& row) -> absl::Status {
        const LedgerEntry* const read = appended ? reads.Of(row.day) : nullptr;
        if (appended && (read == nullptr || read->run_id != row.run_id)) return absl::OkStatus();
        v1::Figures& figures = *page.add_figures();
        figures.set_advertiser(advertiser.id);
        figures.set_day(FormatDay(row.day));
        figures.set_rows(row.rows);
        for (const std::string& value : row.groups) figures.add_values(value);
        for (size_t i = 0; i < row.sums.size(); ++i) figures.add_sums(row.unreadable[i] > 0 ? "" : row.sums[i].Text());
        if (page.figures_size() < kFiguresPerPage) return absl::OkStatus();
        RETURN_IF_ERROR(take(page));
        page.Clear();
        return absl::OkStatus();
      });
    }));
  }
  return page.figures().empty() ? absl::OkStatus() : take(page);
}

}  // namespace tikhaul
