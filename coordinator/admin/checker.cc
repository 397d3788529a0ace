#include "coordinator/admin/checker.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/secret.h"
#include "common/base/status_macros.h"
#include "common/redis/redis_url.h"
#include "coordinator/accounts/access_book.h"
#include "coordinator/admin/convert.h"

namespace tikhaul {
namespace {

// Where Redis is, without user and password.
std::string RedisPlace(const v1::Config& config) {
  const absl::StatusOr<RedisAddress> address = ParseRedisUrl(config.redis());
  return address.ok() ? address->Describe() : std::string(address.status().message());
}

std::string Counted(int count, absl::string_view what) { return absl::StrCat(count, " ", what, count == 1 ? "" : "s"); }

class Report {
 public:
  void Ok(const std::string& subject, const std::string& detail) { Add(v1::CheckLine::STATE_OK, subject, detail, ""); }
  void Warn(const std::string& subject, const std::string& detail, const std::string& mend) {
    Add(v1::CheckLine::STATE_WARNING, subject, detail, mend);
  }
  void Failed(const std::string& subject, const std::string& detail, const std::string& mend) {
    Add(v1::CheckLine::STATE_FAILED, subject, detail, mend);
    ok_ = false;
  }
  v1::CheckResponse Finish() {
    response_.set_ok(ok_);
    return response_;
  }

 private:
  void Add(v1::CheckLine::State state, const std::string& subject, const std::string& detail, const std::string& mend) {
    v1::CheckLine* const line = response_.add_lines();
    line->set_state(state);
    line->set_subject(subject);
    line->set_detail(Redact(detail));
    line->set_mend(mend);
  }

  v1::CheckResponse response_;
  bool ok_ = true;
};

// False: it cannot be used, so that nothing can be said of its advertisers.
bool CheckConnection(const CheckSubjects& subjects, const v1::Connection& connection, const absl::Status& refreshed,
                     Report& report) {
  const std::string subject = absl::StrCat("token ", connection.name());
  std::string fault;
  const std::string prefix = absl::StrCat("connection ", connection.name(), ": ");
  for (const std::string& line : subjects.faults.Lines()) {
    if (absl::StartsWith(line, prefix)) fault = line.substr(prefix.size());
  }
  if (absl::IsUnavailable(refreshed)) {
    report.Failed(subject, std::string(refreshed.message()), "mend the way to Redis and to the API first");
    return false;
  }
  if (!fault.empty()) {
    report.Failed(subject, fault,
                  absl::StrCat("see that ", connection.token_file(), " holds a valid access token of app ",
                               subjects.config.app().id()));
    return false;
  }
  report.Ok(subject, "accepted by the API");
  return true;
}

void CheckAdvertisers(const std::vector<Advertiser>& advertisers, const v1::Connection& connection, Report& report) {
  size_t count = 0;
  for (const Advertiser& advertiser : advertisers) {
    if (advertiser.connection != connection.name()) continue;
    ++count;
    const std::string subject = absl::StrCat("advertiser ", advertiser.id);
    std::string detail = absl::StrCat(advertiser.name, ", ", advertiser.timezone, ", ", advertiser.currency);
    if (advertiser.created != absl::InfinitePast())
      absl::StrAppend(&detail, ", since ", FormatDay(DayIn(absl::UTCTimeZone(), advertiser.created)));
    if (advertiser.status.empty() || advertiser.status == "STATUS_ENABLE") {
      report.Ok(subject, detail);
    } else {
      report.Warn(subject, absl::StrCat(detail, ", ", advertiser.status),
                  "its history is read all the same; new figures need an enabled account");
    }
  }
  for (const v1::AdvertiserRef& ref : connection.advertisers()) {
    bool found = false;
    for (const Advertiser& advertiser : advertisers)
      found = found || (advertiser.id == ref.id() && advertiser.connection == connection.name());
    if (!found) {
      report.Failed(absl::StrCat("advertiser ", ref.id()), "the API does not list it for this token",
                    "check the id, and that the account has granted the app access");
      ++count;
    }
  }
  if (count == 0)
    report.Warn(absl::StrCat("advertisers of ", connection.name()), "none", "grant the app access to an ad account");
}

std::string Pairs(uint64_t count) { return Counted(static_cast<int>(count), "advertiser x endpoint"); }

// One line for all pairs that are closed for the same reason: three hundred advertisers must fit on a screen.
void CheckAccess(const v1::Status& matrix, Report& report) {
  constexpr size_t kNamed = 3;
  std::map<std::string, std::vector<const v1::Block*>> groups;
  for (const v1::Block& block : matrix.blocks()) {
    groups[absl::StrCat(block.endpoint(), " ", block.state(), " ", block.code())].push_back(&block);
  }
  for (const auto& [key, blocks] : groups) {
    std::string who;
    for (size_t i = 0; i < blocks.size() && i < kNamed; ++i) {
      absl::StrAppend(&who, i > 0 ? ", " : "", blocks[i]->advertiser());
    }
    if (blocks.size() > kNamed) absl::StrAppend(&who, " and ", blocks.size() - kNamed, " more");
    const v1::Block& first = *blocks.front();
    report.Warn(absl::StrCat("access to ", first.endpoint()),
                absl::StrCat(first.state() == "no_grant" ? "not granted" : "account closed", " for ",
                             Counted(static_cast<int>(blocks.size()), "advertiser"), " (", who, "): ", first.reason(),
                             first.code() == 0 ? "" : absl::StrCat(" (code ", first.code(), ")")),
                absl::StrCat(first.mend(), "; asked again with the next chunk"));
  }
  const v1::AccessCounts& counts = matrix.access();
  std::string detail = absl::StrCat(Pairs(counts.open()), " open");
  if (counts.unknown() > 0) absl::StrAppend(&detail, ", ", counts.unknown(), " not asked yet");
  if (groups.empty()) report.Ok("access", detail);
}

}  // namespace

v1::CheckResponse RunChecks(const CheckSubjects& subjects) {
  Report report;
  report.Ok("config", absl::StrCat(Counted(subjects.config.extracts_size(), "extract"), ", ",
                                   Counted(subjects.config.connections_size(), "connection")));
  std::vector<Advertiser> advertisers;
  const absl::Status stored = subjects.store.Write([](StoreTransaction&) { return absl::OkStatus(); });
  if (stored.ok()) {
    report.Ok("store", subjects.store.Describe());
  } else {
    report.Failed("store", std::string(stored.message()), "free the disk or end the program that holds the file");
  }
  const QuotaReport quota = subjects.quota.Report();
  if (quota.known) {
    report.Ok("redis", absl::StrCat(RedisPlace(subjects.config), ", quota ", quota.state, ", ", quota.used_today,
                                    " calls used today"));
  } else {
    report.Failed(
        "redis", quota.state,
        absl::StrCat("start redis-server at ", RedisPlace(subjects.config), " or set `redis` in the configuration"));
  }
  const absl::Status refreshed = subjects.accounts.Refresh();
  if (refreshed.ok()) {
    report.Ok("api", absl::StrCat(subjects.config.api().base_url(), " answers"));
  } else {
    report.Failed(
        "api", std::string(refreshed.message()),
        absl::StrCat("check that ", subjects.config.api().base_url(), " can be reached from here, and the tokens"));
  }
  v1::Status matrix;
  const absl::Status listed = subjects.store.Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(advertisers, tx.ListAdvertisers());
    RETURN_IF_ERROR(AskClosedAgain(tx, "", "", subjects.clock.Now()).status());
    ASSIGN_OR_RETURN(const std::vector<Access> access, tx.ListAccess(/*open_too=*/true));
    matrix.Clear();
    AddAccess(access, &matrix);
    return absl::OkStatus();
  });
  if (!listed.ok()) report.Failed("store", std::string(listed.message()), "see `tikhaul status`");
  for (const v1::Connection& connection : subjects.config.connections()) {
    if (CheckConnection(subjects, connection, refreshed, report)) CheckAdvertisers(advertisers, connection, report);
  }
  CheckAccess(matrix, report);
  return report.Finish();
}

}  // namespace tikhaul
