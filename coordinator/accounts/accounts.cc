#include "coordinator/accounts/accounts.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/log.h"
#include "common/base/status_macros.h"
#include "common/config/config.h"
#include "common/tiktok/account.h"
#include "coordinator/accounts/access_book.h"
#include "coordinator/accounts/token_pause.h"

namespace tikhaul {
namespace {

bool Contains(const google::protobuf::RepeatedPtrField<std::string>& list, const std::string& value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

// What the configuration says of an advertiser stands above what the API says.
absl::Status ApplyConfig(const v1::AdvertiserRef& ref, Advertiser* advertiser) {
  advertiser->id = ref.id();
  if (!ref.timezone().empty()) advertiser->timezone = ref.timezone();
  if (!ref.currency().empty()) advertiser->currency = ref.currency();
  if (ref.created().empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const absl::CivilDay created, ParseDay(ref.created()));
  ASSIGN_OR_RETURN(const absl::TimeZone zone, LoadZone(advertiser->timezone.empty() ? "UTC" : advertiser->timezone));
  advertiser->created = DayStart(zone, created);
  return absl::OkStatus();
}

// One line for all advertisers that are not open to us; empty when there are none.
std::string LeftOutText(const std::map<std::string, std::string>& left_out) {
  if (left_out.empty()) return "";
  std::string text;
  for (const auto& [id, reason] : left_out) absl::StrAppend(&text, id, ": ", reason, "; ");
  return absl::StrCat(text, "left out until their accounts grant the app access, or their ids are right");
}

bool IsTokenTrouble(const absl::Status& status) { return absl::IsUnauthenticated(status); }

// Connections may be gone from the configuration while the store still knows their advertisers.
bool HasConnection(const v1::Config& config, const std::string& name) {
  return std::any_of(config.connections().begin(), config.connections().end(),
                     [&](const v1::Connection& connection) { return connection.name() == name; });
}

}  // namespace

Accounts::Accounts(const v1::Config& config, Store& store, ApiTransport& transport,
                   std::function<std::string()> obstacle, const Clock& clock, FaultBoard& faults)
    : config_(config),
      store_(store),
      transport_(transport),
      obstacle_(std::move(obstacle)),
      clock_(clock),
      faults_(faults) {}

absl::Status Accounts::CanCall() const {
  const std::string obstacle = obstacle_();
  if (obstacle.empty()) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("the API cannot be asked now: ", obstacle));
}

absl::Status Accounts::Refresh() {
  RETURN_IF_ERROR(CanCall());
  MutexLock lock(refresh_mu_);
  absl::Status first;
  for (const v1::Connection& connection : config_.connections()) {
    const absl::Status status = RefreshConnection(connection);
    if (absl::IsCancelled(status)) return status;
    if (!status.ok()) {
      LogWarning("advertisers of a connection could not be read",
                 {{"connection", connection.name()}, {"error", status.message()}});
      if (first.ok()) first = Annotate(status, absl::StrCat("connection \"", connection.name(), "\""));
    }
  }
  return first;
}

absl::Status Accounts::RefreshConnection(const v1::Connection& connection) {
  const std::string subject = absl::StrCat("connection ", connection.name());
  const absl::StatusOr<Asked> asked = Ask(connection);
  if (absl::IsCancelled(asked.status())) return asked.status();  // we are stopping
  if (!asked.ok()) {
    faults_.Set(subject, asked.status().message());
    if (IsTokenTrouble(asked.status()))
      RETURN_IF_ERROR(PauseForToken(store_, connection.name(), std::string(asked.status().message()), clock_.Now()));
    return asked.status();
  }
  faults_.Set(subject, "");
  faults_.Set(absl::StrCat("advertisers of ", connection.name()), LeftOutText(asked->left_out));
  RETURN_IF_ERROR(store_.Write([&](StoreTransaction& tx) -> absl::Status {
    for (const Advertiser& advertiser : asked->advertisers) {
      RETURN_IF_ERROR(tx.PutAdvertiser(advertiser));
      RETURN_IF_ERROR(NoteAccountListed(tx, advertiser.id, clock_.Now()));
    }
    for (const auto& [id, reason] : asked->left_out) {
      RETURN_IF_ERROR(NoteAccountDead(tx, id, reason, clock_.Now()));
    }
    return absl::OkStatus();
  }));
  return LiftPause(connection.name());
}

absl::StatusOr<Accounts::Asked> Accounts::Ask(const v1::Connection& connection) {
  absl::StatusOr<Secret> token = ReadToken(connection);
  if (!token.ok()) return absl::UnauthenticatedError(token.status().message());
  Asked asked;
  std::map<std::string, Advertiser> known;
  std::vector<std::string> ids;
  for (const v1::AdvertiserRef& ref : connection.advertisers()) ids.push_back(ref.id());
  if (connection.all_advertisers()) {
    ASSIGN_OR_RETURN(const Secret secret, ReadAppSecret(config_.app()));
    ASSIGN_OR_RETURN(ids, FetchAdvertiserIds(transport_, config_.app().id(), secret, *token));
  }
  if (config_.api().sandbox()) {
    RETURN_IF_ERROR(CheckToken(transport_, *token));  // advertiser/info/ is not offered there (tiktok-api.md 2.4)
    for (const std::string& id : ids) known[id] = {};
  } else {
    RETURN_IF_ERROR(AskInfo(*token, ids, &known, &asked.left_out));
  }
  for (const v1::AdvertiserRef& ref : connection.advertisers()) {
    const auto found = known.find(ref.id());
    if (found != known.end()) RETURN_IF_ERROR(ApplyConfig(ref, &found->second));
  }
  for (auto& [id, advertiser] : known) {
    if (absl::StatusOr<absl::TimeZone> zone = LoadZone(advertiser.timezone); !zone.ok()) {
      return absl::FailedPreconditionError(absl::StrCat("advertiser ", id, ": ", zone.status().message(),
                                                        "; set `timezone` beside its id in the configuration"));
    }
    advertiser.connection = connection.name();
    asked.advertisers.push_back(std::move(advertiser));
  }
  return asked;
}

absl::Status Accounts::AskInfo(const Secret& token, const std::vector<std::string>& ids,
                               std::map<std::string, Advertiser>* known, LeftOut* left_out) {
  const absl::StatusOr<std::vector<AdvertiserInfo>> infos = FetchAdvertiserInfo(transport_, token, ids);
  if (!infos.ok()) {
    const std::optional<ApiFault> fault = AsFault(infos.status());
    if (!fault.has_value() || fault->failure_class != FailureClass::kPermission) return infos.status();
    // Not one of the accounts, but this question is not open to the app: smaller lists would not help.
    if (absl::StrContains(fault->message, "advertiser/info/")) return infos.status();
    if (ids.size() == 1) {
      left_out->emplace(ids[0], fault->message);
      return absl::OkStatus();
    }
    const auto middle = ids.begin() + static_cast<std::ptrdiff_t>(ids.size() / 2);
    RETURN_IF_ERROR(AskInfo(token, {ids.begin(), middle}, known, left_out));
    return AskInfo(token, {middle, ids.end()}, known, left_out);
  }
  for (const AdvertiserInfo& info : *infos) {
    (*known)[info.id] = {.id = info.id,
                         .connection = {},
                         .name = info.name,
                         .timezone = info.timezone,
                         .currency = info.currency,
                         .status = info.status,
                         .created = info.created};
  }
  for (const std::string& id : ids) {
    if (!known->contains(id)) left_out->emplace(id, "the API does not list it for this token");
  }
  return absl::OkStatus();
}

absl::Status Accounts::LiftPause(const std::string& connection) {
  return store_.Write([&](StoreTransaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<Pause> pauses, tx.ListPauses());
    for (const Pause& pause : pauses) {
      if (pause.scope != "connection" || pause.name != connection || !pause.automatic) continue;
      LogInfo("connection goes on: its token is good", {{"connection", connection}});
      RETURN_IF_ERROR(tx.RemovePause(pause.scope, pause.name));
      RETURN_IF_ERROR(tx.ForgetHints());
    }
    return absl::OkStatus();
  });
}

void Accounts::RecheckPaused() {
  if (!CanCall().ok()) return;
  std::set<std::string> paused;
  const absl::Status read = store_.Read([&](StoreReader& reader) -> absl::Status {
    ASSIGN_OR_RETURN(const std::vector<Pause> pauses, reader.ListPauses());
    for (const Pause& pause : pauses) {
      if (pause.scope == "connection" && pause.automatic) paused.insert(pause.name);
    }
    return absl::OkStatus();
  });
  if (!read.ok()) return;
  MutexLock lock(refresh_mu_);
  for (const v1::Connection& connection : config_.connections()) {
    if (paused.contains(connection.name())) RefreshConnection(connection).IgnoreError();  // the board shows why not
  }
}

bool Covers(const v1::Config& config, const v1::Extract& extract, const Advertiser& advertiser) {
  return HasConnection(config, advertiser.connection) &&
         (extract.connections().empty() || Contains(extract.connections(), advertiser.connection)) &&
         (extract.advertisers().empty() || Contains(extract.advertisers(), advertiser.id));
}

absl::StatusOr<std::vector<Advertiser>> Accounts::Of(const v1::Extract& extract, const std::vector<std::string>& only) {
  std::vector<Advertiser> all;
  const auto load = [&]() -> absl::Status {
    return store_.Read([&](StoreReader& reader) -> absl::Status {
      ASSIGN_OR_RETURN(all, reader.ListAdvertisers());
      return absl::OkStatus();
    });
  };
  const auto complete = [&] {
    std::set<std::string> known;
    for (const Advertiser& advertiser : all) known.insert(advertiser.connection);
    return std::all_of(config_.connections().begin(), config_.connections().end(), [&](const v1::Connection& one) {
      const bool wanted = extract.connections().empty() || Contains(extract.connections(), one.name());
      return !wanted || known.contains(one.name());
    });
  };
  RETURN_IF_ERROR(load());
  if (!complete()) {
    RETURN_IF_ERROR(CanCall());
    {
      MutexLock lock(refresh_mu_);  // a refresh that is under way may bring them
    }
    RETURN_IF_ERROR(load());
  }
  if (!complete()) {
    RETURN_IF_ERROR(Refresh());
    RETURN_IF_ERROR(load());
  }
  std::set<std::string> missing(only.begin(), only.end());
  missing.insert(extract.advertisers().begin(), extract.advertisers().end());
  std::vector<Advertiser> picked;
  for (const Advertiser& advertiser : all) {
    if (!HasConnection(config_, advertiser.connection)) continue;
    missing.erase(advertiser.id);
    if (!Covers(config_, extract, advertiser)) continue;
    if (!only.empty() && std::find(only.begin(), only.end(), advertiser.id) == only.end()) continue;
    picked.push_back(advertiser);
  }
  if (!missing.empty()) {
    return absl::NotFoundError(absl::StrCat(
        "no connection has advertiser ", *missing.begin(),
        "; check the id, and that the account has granted the app access (`tikhaul check` lists what is there)"));
  }
  return picked;
}

}  // namespace tikhaul
