#include "simulator/faults.h"

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "simulator/fault_mix.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

// `code` and `status` stand in for the fault's own when they are not 0, and so does `message`.
struct KindName {
  absl::string_view name;
  FaultKind kind;
  int code = 0;
  int status = 0;
  const char* message = "";
};
constexpr KindName kKinds[] = {
    {"code", FaultKind::kCode},
    {"http", FaultKind::kHttp},
    {"html502", FaultKind::kHttp, 0, 502},
    {"html504", FaultKind::kHttp, 0, 504},
    {"revoked_token", FaultKind::kCode, 40105, 0, "Access token is incorrect or has been revoked."},
    {"missing_grant", FaultKind::kCode, 40001, 0, "The advertiser does not grant you the permission of /{path}:GET."},
    {"dead_account", FaultKind::kCode, 40001, 0,
     "No permission to operate advertiser: the advertiser doesn't exist or has been deleted."},
    {"truncate", FaultKind::kTruncate},
    {"not_json", FaultKind::kNotJson},
    {"reset", FaultKind::kReset},
    {"hang", FaultKind::kHang},
    {"slow", FaultKind::kSlow},
    {"drift", FaultKind::kDrift},
    {"shift", FaultKind::kShift},
    {"throttle_header", FaultKind::kThrottleHeader},
    {"unknown_fields", FaultKind::kUnknownFields},
    {"number_strings", FaultKind::kNumberStrings},
    {"task", FaultKind::kTask},
    {"reset_in_body", FaultKind::kResetInBody},
    {"drip", FaultKind::kDrip},
    {"bad_utf8", FaultKind::kBadUtf8},
    {"deep_nesting", FaultKind::kDeep},
    {"fat_rows", FaultKind::kFatRows},
    {"stale", FaultKind::kStale},
};

struct WholeMember {
  absl::string_view name;
  int64_t Fault::*member;
};
constexpr WholeMember kWholes[] = {{"skip", &Fault::skip},     {"times", &Fault::times}, {"code", &Fault::code},
                                   {"status", &Fault::status}, {"bytes", &Fault::bytes}, {"ms", &Fault::ms},
                                   {"delta", &Fault::delta},   {"rows", &Fault::rows},   {"depth", &Fault::depth}};
struct TextMember {
  absl::string_view name;
  std::string Fault::*member;
};
constexpr TextMember kTexts[] = {{"message", &Fault::message}, {"body", &Fault::body}, {"text", &Fault::text}};

absl::Status Bad(absl::string_view what) { return absl::InvalidArgumentError(absl::StrCat("fault: ", what)); }

absl::Status ReadMatch(const json& match, Fault& fault) {
  if (!match.is_object()) return Bad("match must be an object");
  for (const auto& [key, value] : match.items()) {
    if (!value.is_string() && !value.is_number_integer())
      return Bad(absl::StrCat("match.", key, " must be a text or a number"));
    const std::string text = value.is_string() ? value.get<std::string>() : value.dump();
    (key == "path" ? fault.path : fault.params[key]) = text;
  }
  return absl::OkStatus();
}

absl::Status ReadKind(const json& value, Fault& fault) {
  for (const KindName& known : kKinds) {
    if (!value.is_string() || value.get<std::string>() != known.name) continue;
    fault.kind = known.kind;
    if (known.code != 0) fault.code = known.code;
    if (known.status != 0) fault.status = known.status;
    fault.message = known.message;
    return absl::OkStatus();
  }
  return Bad(absl::StrCat("unknown kind ", value.dump(), "; see simulator/README.md"));
}

absl::Status ReadMember(const std::string& key, const json& value, Fault& fault) {
  if (key == "match") return ReadMatch(value, fault);
  if (key == "seconds") {
    if (!value.is_number()) return Bad("seconds must be a number");
    fault.seconds = value.get<double>();
    return absl::OkStatus();
  }
  for (const WholeMember& known : kWholes) {
    if (known.name != key) continue;
    if (!value.is_number_integer()) return Bad(absl::StrCat(key, " must be a whole number"));
    fault.*known.member = value.get<int64_t>();
    return absl::OkStatus();
  }
  for (const TextMember& known : kTexts) {
    if (known.name != key) continue;
    if (!value.is_string()) return Bad(absl::StrCat(key, " must be a text"));
    fault.*known.member = value.get<std::string>();
    return absl::OkStatus();
  }
  return Bad(absl::StrCat("unknown member \"", key, "\"; see simulator/README.md"));
}

absl::StatusOr<Fault> ReadFault(const json& object) {
  if (!object.is_object() || !object.contains("kind")) return Bad("each fault is an object with a kind");
  Fault fault;
  RETURN_IF_ERROR(ReadKind(object["kind"], fault));  // first: it sets what the other members may change
  for (const auto& [key, value] : object.items()) {
    if (key != "kind") RETURN_IF_ERROR(ReadMember(key, value, fault));
  }
  return fault;
}

bool Matches(const Fault& fault, absl::string_view path, const std::map<std::string, std::string>& params) {
  if (!fault.path.empty() && fault.path != path) return false;
  for (const auto& [name, value] : fault.params) {
    const auto it = params.find(name);
    // A call without `page` asks for the first one.
    const std::string given = it != params.end() ? it->second : name == "page" ? "1" : "";
    if (given != value) return false;
  }
  return true;
}

absl::string_view NameOf(FaultKind kind) {
  for (const KindName& known : kKinds) {
    if (known.kind == kind) return known.name;
  }
  return "";
}

uint64_t NextRandom(FaultMix& mix) { return Mix(mix.random++); }

absl::StatusOr<FaultMix> ReadMix(const json& object) {
  FaultMix mix;
  bool all_codes = true;
  for (const auto& [key, value] : object.items()) {
    if (key == "seed" && value.is_number_unsigned()) {
      mix.random = value.get<uint64_t>();
    } else if (key == "gap" && value.is_number_unsigned()) {
      mix.gap = value.get<int64_t>();
    } else if (key == "codes" && (value == "all" || value == "classes")) {
      all_codes = value == "all";
    } else if (key != "kind") {
      return Bad(absl::StrCat("mix: ", key, ": ", value.dump(), " is not what it takes; see simulator/README.md"));
    }
  }
  for (const std::string& text : MixedFaults(all_codes)) {
    ASSIGN_OR_RETURN(Fault fault, ReadFault(json::parse(text)));
    mix.faults.push_back(std::move(fault));
  }
  for (size_t i = mix.faults.size(); i > 1; --i) std::swap(mix.faults[i - 1], mix.faults[NextRandom(mix) % i]);
  return mix;
}

bool IsAboutAccounts(absl::string_view path) {
  return absl::StartsWith(path, "oauth2/") || path == "advertiser/info/" || path == "user/info/";
}

}  // namespace

std::optional<Fault> FaultScript::NextOfMix(absl::string_view path) {
  if (mix_.next == mix_.faults.size() || IsAboutAccounts(path)) return std::nullopt;
  if (mix_.wait-- > 0) return std::nullopt;
  mix_.wait = static_cast<int64_t>(NextRandom(mix_) % static_cast<uint64_t>(2 * mix_.gap + 1));
  return mix_.faults[mix_.next++];
}

absl::Status FaultScript::Add(absl::string_view text) {
  const json parsed = json::parse(text.begin(), text.end(), nullptr, false);
  if (parsed.is_discarded()) return Bad("not JSON");
  json list = parsed.is_object() && parsed.contains("faults") ? parsed["faults"] : parsed;
  if (list.is_object()) list = json::array({list});
  if (!list.is_array()) return Bad("write one fault, a list of faults or {\"faults\":[...]}");
  std::vector<Fault> added;
  std::optional<FaultMix> mix;
  for (const json& object : list) {
    if (object.is_object() && object.value("kind", json()) == "mix") {
      ASSIGN_OR_RETURN(mix, ReadMix(object));
      continue;
    }
    ASSIGN_OR_RETURN(Fault fault, ReadFault(object));
    added.push_back(std::move(fault));
  }
  MutexLock lock(mu_);
  faults_.insert(faults_.end(), added.begin(), added.end());
  if (mix.has_value()) mix_ = *std::move(mix);
  return absl::OkStatus();
}

void FaultScript::Clear() {
  MutexLock lock(mu_);
  faults_.clear();
  mix_ = FaultMix();
}

std::optional<Fault> FaultScript::Next(absl::string_view path, const std::map<std::string, std::string>& params) {
  MutexLock lock(mu_);
  for (Fault& fault : faults_) {
    if (fault.times >= 0 && fault.hits >= fault.times) continue;
    if (!Matches(fault, path, params)) continue;
    if (fault.skip > 0) {
      --fault.skip;
      continue;
    }
    ++fault.hits;
    return fault;
  }
  return NextOfMix(path);
}

std::string FaultScript::Json() const {
  json list = json::array();
  MutexLock lock(mu_);
  for (const Fault& fault : faults_) {
    list.push_back({{"kind", std::string(NameOf(fault.kind))},
                    {"path", fault.path},
                    {"skip", fault.skip},
                    {"times", fault.times},
                    {"hits", fault.hits}});
  }
  if (!mix_.faults.empty()) {
    list.push_back({{"kind", "mix"}, {"hits", mix_.next}, {"left", mix_.faults.size() - mix_.next}});
  }
  return json{{"faults", list}}.dump();
}

}  // namespace tikhaul::simulator
