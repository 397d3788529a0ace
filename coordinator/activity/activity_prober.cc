#include "coordinator/activity/activity_prober.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/catalog/activity_request.h"
#include "common/config/config.h"
#include "common/tiktok/report_figures.h"
#include "coordinator/core/coverage.h"

namespace tikhaul {
namespace {

// Always there, and zero where nothing was delivered.
constexpr absl::string_view kNeeded[] = {"spend", "impressions", "clicks"};

// Questions under way together; their answers, of up to a megabyte each, are held until the last has come.
constexpr size_t kAtOnce = 32;

// The request itself is refused, for one of its advertisers or for being about several.
bool IsRefusal(FailureClass failure_class) {
  return failure_class == FailureClass::kPermission || failure_class == FailureClass::kPermanent;
}

ProbeFrame FrameOf(const std::vector<const ActivityWish*>& wishes) {
  std::optional<ProbeFrame> frame;
  for (const ActivityWish* wish : wishes) {
    for (const WantedDays& extract : wish->extracts) {
      if (extract.days.empty()) continue;
      const absl::CivilDay oldest = extract.days.front().first, newest = extract.days.back().last;
      if (!frame.has_value()) frame = ProbeFrame{oldest, newest};
      frame->oldest = std::min(frame->oldest, oldest);
      frame->newest = std::max(frame->newest, newest);
    }
  }
  // Zones may lie a day apart: end with the day that is final for all, unless the wishes are about other times.
  for (const ActivityWish* wish : wishes) {
    for (const WantedDays& extract : wish->extracts) {
      if (extract.days.empty()) continue;
      const absl::CivilDay newest = extract.days.back().last;
      if (frame->newest - newest <= 2) frame->newest = std::min(frame->newest, newest);
    }
  }
  return frame.value_or(ProbeFrame{absl::CivilDay(1970, 1, 2), absl::CivilDay(1970, 1, 1)});
}

}  // namespace

// The questions to one connection.
class ActivityProber::Inquiry {
 public:
  Inquiry(ActivityProber& prober, std::string connection, std::vector<const ActivityWish*> wishes, KnownActivity& known,
          bool alone)
      : prober_(prober),
        connection_(std::move(connection)),
        wishes_(std::move(wishes)),
        known_(known),
        frame_(FrameOf(wishes_)),
        alone_(alone) {}

  absl::Status Run() {
    while (!gave_up_) {
      const std::vector<Question> questions = NextQuestions();
      if (questions.empty()) return absl::OkStatus();
      RETURN_IF_ERROR(Ask(questions));
    }
    return absl::OkStatus();
  }
  // The API answers for one advertiser at a time only.
  bool alone() const { return alone_; }

 private:
  struct Question {
    Probe probe;
    std::vector<std::string> advertisers;
  };
  // To questions about several advertisers at once.
  struct Answers {
    size_t refused = 0, answered = 0;
  };

  size_t Together(const std::string& advertiser) const {
    if (alone_ || single_.contains(advertiser)) return 1;
    return std::clamp<size_t>(prober_.config_.coordinator().advertisers_per_probe(), 1, wishes_.size());
  }

  std::vector<Question> NextQuestions() {
    std::map<std::pair<size_t, Probe>, std::vector<std::string>> wanted;
    for (const ActivityWish* wish : wishes_) {
      const std::string& id = wish->advertiser.id;
      if (silent_.contains(id)) continue;
      const size_t together = Together(id);
      for (const Probe& probe :
           NextProbes(wish->extracts, known_.spans[id], frame_, 1.0 / static_cast<double>(together))) {
        wanted[{together, probe}].push_back(id);
      }
    }
    std::vector<Question> questions;
    for (const auto& [key, ids] : wanted) {
      for (size_t first = 0; first < ids.size(); first += key.first) {
        const size_t end = std::min(ids.size(), first + key.first);
        questions.push_back(
            {key.second,
             {ids.begin() + static_cast<std::ptrdiff_t>(first), ids.begin() + static_cast<std::ptrdiff_t>(end)}});
      }
    }
    return questions;
  }

  absl::Status Ask(const std::vector<Question>& questions) {
    const auto connection = std::find_if(prober_.config_.connections().begin(), prober_.config_.connections().end(),
                                         [&](const v1::Connection& one) { return one.name() == connection_; });
    if (connection == prober_.config_.connections().end()) return GiveUp("its connection is not configured");
    const absl::StatusOr<Secret> token = ReadToken(*connection);
    if (!token.ok()) return GiveUp(token.status().message());
    Answers answers;
    for (size_t first = 0; first < questions.size() && !gave_up_; first += kAtOnce) {
      RETURN_IF_ERROR(AskSome(absl::MakeConstSpan(questions).subspan(first, kAtOnce), *token, &answers));
    }
    if (answers.refused > 0 && answers.answered == 0) alone_ = true;
    return Keep(questions);
  }

  absl::Status AskSome(absl::Span<const Question> questions, const Secret& token, Answers* answers) {
    std::vector<ApiCall> calls;
    for (const Question& question : questions) calls.push_back(CallFor(question, token));
    const absl::Time asked = prober_.clock_.Now();
    const std::vector<ApiTransport::Result> results = SendAll(prober_.transport_, std::move(calls));
    for (size_t i = 0; i < questions.size(); ++i) {
      const bool together = questions[i].advertisers.size() > 1;
      known_.calls += results[i].calls;
      if (results[i].ok) {
        Take(questions[i], results[i].answer, asked);
        answers->answered += together ? 1 : 0;
      } else {
        answers->refused += together && IsRefusal(results[i].fault.failure_class) ? 1 : 0;
        RETURN_IF_ERROR(Miss(questions[i], results[i].fault));
      }
    }
    return absl::OkStatus();
  }

  static ApiCall CallFor(const Question& question, const Secret& token) {
    const v1::ApiRequest request =
        ActivityRequest(question.advertisers, question.probe.first, question.probe.last, question.probe.by_day);
    ApiCall call{.path = request.path(), .params = {}, .token = token};
    for (const v1::ApiParam& param : request.params()) call.params.emplace_back(param.name(), param.value());
    call.params.emplace_back("page", "1");
    call.params.emplace_back("page_size", absl::StrCat(request.page_size()));
    return call;
  }

  void Take(const Question& question, const ApiAnswer& answer, absl::Time asked) {
    const absl::StatusOr<std::vector<FiguresRow>> rows = answer.truncated
                                                             ? absl::DataLossError("the answer is not whole")
                                                             : ReadFigures(answer.body, ActivityMetrics(), kNeeded);
    if (!rows.ok()) {
      LogWarning("an answer about the activity of advertisers is of no use",
                 {{"request_id", answer.request_id}, {"error", rows.status().message()}});
      silent_.insert(question.advertisers.begin(), question.advertisers.end());
      return;
    }
    for (const std::string& advertiser : question.advertisers) {
      std::vector<FiguresRow> own;
      std::copy_if(rows->begin(), rows->end(), std::back_inserter(own),
                   [&](const FiguresRow& row) { return row.advertiser == advertiser; });
      std::vector<ActivitySpan>& known = known_.spans[advertiser];
      if (question.probe.by_day) {
        std::vector<absl::CivilDay> days;
        for (const FiguresRow& row : own) days.push_back(row.day.value_or(question.probe.first));
        for (const ActivitySpan& span : SpansOfDays(question.probe, std::move(days), asked, answer.request_id)) {
          known = WithAnswer(known, span);
        }
      } else if (own.size() == 1) {
        known = WithAnswer(known, {.first = question.probe.first,
                                   .last = question.probe.last,
                                   .active = !own[0].all_zero,
                                   .exact = false,
                                   .asked = asked,
                                   .request_id = answer.request_id});
      } else {
        silent_.insert(advertiser);  // no row of zeros (tiktok-api.md 4.2, 4.3): nothing is proved
      }
    }
  }

  absl::Status Miss(const Question& question, const ApiFault& fault) {
    if (fault.failure_class == FailureClass::kReleased) return absl::CancelledError("the coordinator is stopping");
    if (!IsRefusal(fault.failure_class)) return GiveUp(fault.message);
    auto& asked_otherwise = question.advertisers.size() > 1 ? single_ : silent_;
    asked_otherwise.insert(question.advertisers.begin(), question.advertisers.end());
    LogInfo("the API does not tell when advertisers were active", {{"advertisers", question.advertisers.size()},
                                                                   {"first", question.advertisers.front()},
                                                                   {"code", fault.code},
                                                                   {"message", fault.message},
                                                                   {"request_id", fault.request_id}});
    return absl::OkStatus();
  }

  absl::Status GiveUp(absl::string_view why) {
    gave_up_ = true;
    known_.note = absl::StrCat("idle spans of connection ", connection_, " are not known: ", why);
    return absl::OkStatus();
  }

  absl::Status Keep(const std::vector<Question>& questions) {
    return prober_.store_.Write([&](StoreTransaction& tx) -> absl::Status {
      for (const Question& question : questions) {
        for (const std::string& advertiser : question.advertisers) {
          RETURN_IF_ERROR(tx.PutActivity(advertiser, known_.spans[advertiser]));
        }
      }
      return absl::OkStatus();
    });
  }

  ActivityProber& prober_;
  const std::string connection_;
  const std::vector<const ActivityWish*> wishes_;
  KnownActivity& known_;
  const ProbeFrame frame_;
  bool alone_;
  bool gave_up_ = false;
  std::set<std::string> single_;  // not asked about with others
  std::set<std::string> silent_;  // not asked about any more
};

ActivityProber::ActivityProber(const v1::Config& config, Store& store, ApiTransport& transport,
                               std::function<std::string()> obstacle, const Clock& clock)
    : config_(config), store_(store), transport_(transport), obstacle_(std::move(obstacle)), clock_(clock) {}

absl::StatusOr<KnownActivity> ActivityProber::Learn(const std::vector<ActivityWish>& wishes, const Options& options) {
  KnownActivity known;
  // The sandbox has no figures of advertisers (tiktok-api.md 2.4).
  if (!config_.coordinator().leave_out_idle() || config_.api().sandbox()) return known;
  MutexLock lock(mu_);
  std::map<std::string, std::vector<const ActivityWish*>> by_connection;
  RETURN_IF_ERROR(store_.Read([&](StoreReader& reader) -> absl::Status {
    for (const ActivityWish& wish : wishes) {
      by_connection[wish.advertiser.connection].push_back(&wish);
      if (options.anew) continue;
      ASSIGN_OR_RETURN(known.spans[wish.advertiser.id], reader.ListActivity(wish.advertiser.id));
    }
    return absl::OkStatus();
  }));
  if (!options.may_call) return known;
  const std::string obstacle = obstacle_();
  if (!obstacle.empty()) {
    known.note = absl::StrCat("idle spans are not known: ", obstacle);
    return known;
  }
  for (auto& [connection, some] : by_connection) {
    Inquiry inquiry(*this, connection, std::move(some), known, alone_.contains(connection));
    RETURN_IF_ERROR(inquiry.Run());
    if (inquiry.alone()) alone_.insert(connection);
  }
  return known;
}

}  // namespace tikhaul
