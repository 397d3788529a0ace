#include "simulator/faults.h"

#include <nlohmann/json.hpp>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

struct KindName {
  absl::string_view name;
  FaultKind kind;
};
constexpr KindName kKinds[] = {
    {"code", FaultKind::kCode},
    {"http", FaultKind::kHttp},
    {"html502", FaultKind::kHttp},
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
};

struct WholeMember {
  absl::string_view name;
  int64_t Fault::*member;
};
constexpr WholeMember kWholes[] = {{"skip", &Fault::skip},     {"times", &Fault::times}, {"code", &Fault::code},
                                   {"status", &Fault::status}, {"bytes", &Fault::bytes}, {"ms", &Fault::ms},
                                   {"delta", &Fault::delta},   {"rows", &Fault::rows}};
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
    return absl::OkStatus();
  }
  return Bad(absl::StrCat("unknown kind ", value.dump(), "; see simulator/README.md"));
}

absl::Status ReadMember(const std::string& key, const json& value, Fault& fault) {
  if (key == "match") return ReadMatch(value, fault);
  if (key == "kind") return ReadKind(value, fault);
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
  for (const auto& [key, value] : object.items()) RETURN_IF_ERROR(ReadMember(key, value, fault));
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

}  // namespace

absl::Status FaultScript::Add(absl::string_view text) {
  const json parsed = json::parse(text.begin(), text.end(), nullptr, false);
  if (parsed.is_discarded()) return Bad("not JSON");
  json list = parsed.is_object() && parsed.contains("faults") ? parsed["faults"] : parsed;
  if (list.is_object()) list = json::array({list});
  if (!list.is_array()) return Bad("write one fault, a list of faults or {\"faults\":[...]}");
  std::vector<Fault> added;
  for (const json& object : list) {
    ASSIGN_OR_RETURN(Fault fault, ReadFault(object));
    added.push_back(std::move(fault));
  }
  MutexLock lock(mu_);
  faults_.insert(faults_.end(), added.begin(), added.end());
  return absl::OkStatus();
}

void FaultScript::Clear() {
  MutexLock lock(mu_);
  faults_.clear();
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
  return std::nullopt;
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
  return json{{"faults", list}}.dump();
}

}  // namespace tikhaul::simulator
