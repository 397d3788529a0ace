#include "simulator/accounts_endpoint.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "simulator/hash.h"
#include "simulator/names.h"

namespace tikhaul::simulator {
namespace {

constexpr size_t kMostAdvertisers = 100;
constexpr absl::string_view kLicenseUrl = "license_url";  // signed: another one at every read

Refusal NoPermission(absl::string_view advertiser) {
  return {40001, absl::StrCat("No permission to operate advertiser ", advertiser,
                              ": the advertiser doesn't exist or has been deleted.")};
}

struct InfoField {
  absl::string_view name;
  absl::string_view json;  // empty: computed
  FieldType type = FieldType::kText;
};

constexpr InfoField kInfoFields[] = {
    {"advertiser_id", ""},
    {"name", ""},
    {"company", ""},
    {"address", "\"1 Harbour Street, Floor 2\""},
    {"description", "\"https://\""},
    {"country", ""},
    {"language", "\"en\""},
    {"industry", "\"291905\""},
    {"brand", "null"},
    {"status", "\"STATUS_ENABLE\""},
    {"role", "\"ROLE_ADVERTISER\""},
    {"rejection_reason", "\"line one\\nline \\\"two\\\"\""},
    {"timezone", ""},
    {"display_timezone", ""},
    {"currency", ""},
    {"balance", "0.0", FieldType::kNumber},
    {"create_time", "", FieldType::kTime},
    {"advertiser_account_type", "\"AUCTION\""},
    {"contacter", "\"An***er\""},
    {"email", "\"a***************@**********\""},
    {"cellphone_number", "\"+13477****53\""},
    {"telephone_number", "null"},
    {"license_no", "\"\""},
    {kLicenseUrl, ""},
    {"license_province", "null"},
    {"license_city", "null"},
    {"promotion_area", "\"0\""},
    {"promotion_center_province", "null"},
    {"promotion_center_city", "null"},
};

std::string InfoJson(const InfoField& field, const Account& account, uint64_t read) {
  const AccountProfile& profile = account.profile;
  if (!field.json.empty()) return std::string(field.json);
  if (field.name == "create_time") return absl::StrCat(account.created);
  std::string out;
  if (field.name == "advertiser_id") AppendJsonString(account.id_text, out);
  if (field.name == "name" || field.name == "company") AppendJsonString(profile.name, out);
  if (field.name == "country") AppendJsonString(profile.country, out);
  if (field.name == "timezone") AppendJsonString(profile.timezone, out);
  if (field.name == "display_timezone") AppendJsonString(profile.display_timezone, out);
  if (field.name == "currency") AppendJsonString(profile.currency, out);
  if (field.name == kLicenseUrl) {
    AppendJsonString(absl::StrCat("https://p16.example.com/license.png?x-signature=", Mix(account.seed, read)), out);
  }
  return out;
}

void AppendInfo(const Account& account, const std::vector<std::string>& wanted, uint64_t read, std::string& out) {
  out += '{';
  const auto asked = [&](absl::string_view name) {
    return std::find(wanted.begin(), wanted.end(), name) != wanted.end();
  };
  // Naming company_name_editable brings only it and the id (tiktok-api.md 2.3).
  if (asked("company_name_editable")) {
    absl::StrAppend(&out, "\"advertiser_id\":\"", account.id_text, "\",\"company_name_editable\":true}");
    return;
  }
  bool first = true;
  for (const InfoField& field : kInfoFields) {
    if (!wanted.empty() && !asked(field.name)) continue;
    absl::StrAppend(&out, first ? "" : ",", "\"", field.name, "\":", InfoJson(field, account, read));
    first = false;
  }
  out += '}';
}

std::string IdList(const DataSet& data_set) {
  std::string out = "[";
  for (size_t i = 0; i < data_set.size(); ++i) absl::StrAppend(&out, i > 0 ? ",\"" : "\"", data_set.IdAt(i), "\"");
  return out + "]";
}

std::optional<Refusal> CheckApp(absl::string_view app_id, absl::string_view secret) {
  if (app_id.empty()) return Refusal{40002, "app_id: Missing data for required field."};
  if (secret.empty()) return Refusal{40002, "secret: Missing data for required field."};
  if (app_id != kAppId) return Refusal{40113, "The app_id is inconsistent with the app of the access token."};
  if (secret != kAppSecret) return Refusal{40101, "The app_id and the secret do not match."};
  return std::nullopt;
}

}  // namespace

const Account* ReadAccount(ParamReader& in, const DataSet& data_set) {
  const std::string text = in.Text("advertiser_id", true);
  if (in.refusal()) return nullptr;
  const std::optional<uint64_t> id = ParseId(text);
  if (!id) {
    in.Refuse(40002, "advertiser_id: Not a valid id.");
    return nullptr;
  }
  const Account* account = data_set.Find(*id);
  if (account == nullptr) in.Refuse(NoPermission(text).code, NoPermission(text).message);
  return account;
}

std::vector<InfoCell> AdvertiserInfo(const Account& account) {
  std::vector<InfoCell> cells;
  for (const InfoField& field : kInfoFields) {
    if (field.name != kLicenseUrl) cells.push_back({field.name, field.type, InfoJson(field, account, 0)});
  }
  return cells;
}

EndpointAnswer AnswerAdvertiserInfo(const DataSet& data_set, const Call& call, uint64_t read) {
  ParamReader in(call.params);
  const std::vector<std::string> ids = in.TextList("advertiser_ids", true);
  const std::vector<std::string> fields = in.TextList("fields");
  if (ids.size() > kMostAdvertisers) in.Refuse(40011, "advertiser_ids: too many ids, the maximum is 100.");
  std::string out = "{\"list\":[";
  for (size_t i = 0; i < ids.size() && !in.refusal(); ++i) {
    const std::optional<uint64_t> id = ParseId(ids[i]);
    const Account* account = id ? data_set.Find(*id) : nullptr;
    if (!id) {
      in.Refuse(40002, "advertiser_ids: Not a valid id.");
    } else if (account == nullptr) {
      in.Refuse(NoPermission(ids[i]).code, NoPermission(ids[i]).message);
    } else {
      if (i > 0) out += ',';
      AppendInfo(*account, fields, read, out);
    }
  }
  if (in.refusal()) return EndpointAnswer::Refuse(in.refusal()->code, in.refusal()->message);
  return EndpointAnswer::Data(out + "]}");
}

EndpointAnswer AnswerGrantedAdvertisers(const DataSet& data_set, const Call& call) {
  ParamReader in(call.params);
  if (const auto refusal = CheckApp(in.Text("app_id"), in.Text("secret"))) {
    return EndpointAnswer::Refuse(refusal->code, refusal->message);
  }
  std::string out = "{\"list\":[";
  for (size_t i = 0; i < data_set.size(); ++i) {
    absl::StrAppend(&out, i > 0 ? "," : "", "{\"advertiser_id\":\"", data_set.IdAt(i), "\",\"advertiser_name\":");
    AppendJsonString(data_set.ProfileAt(i).name, out);
    out += '}';
  }
  return EndpointAnswer::Data(out + "]}");
}

EndpointAnswer AnswerUserInfo() {
  return EndpointAnswer::Data(
      "{\"display_name\":\"Simulated \\\"User\\\" "
      "🌸\",\"email\":\"s***@e******.com\",\"core_user_id\":\"7000000000000000099\","
      "\"create_time\":1577836800,\"avatar_url\":\"https://p16.example.com/avatar.jpeg\"}");
}

EndpointAnswer CheckAppFields(const Call& call, AppFields* fields) {
  const nlohmann::json body = nlohmann::json::parse(call.body, nullptr, false);
  if (!body.is_object()) return EndpointAnswer::Refuse(40002, "the body must be a JSON object.");
  const auto text = [&](const char* name) {
    return body.contains(name) && body[name].is_string() ? body[name].get<std::string>() : std::string();
  };
  if (const auto refusal = CheckApp(text("app_id"), text("secret"))) {
    return EndpointAnswer::Refuse(refusal->code, refusal->message);
  }
  fields->auth_code = text("auth_code");
  fields->access_token = text("access_token");
  return EndpointAnswer();
}

EndpointAnswer AnswerNewGrant(const DataSet& data_set) {
  return EndpointAnswer::Data(
      absl::StrCat("{\"access_token\":\"", kToken, "\",\"advertiser_ids\":", IdList(data_set), ",\"scope\":[1,2,4]}"));
}

EndpointAnswer AnswerRevoked(const DataSet& data_set) {
  return EndpointAnswer::Data(absl::StrCat("{\"app_id\":\"", kAppId, "\",\"advertiser_ids\":", IdList(data_set), "}"));
}

}  // namespace tikhaul::simulator
