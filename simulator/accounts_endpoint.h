// Accounts and authorization (tiktok-api.md 2), and what all endpoints with an advertiser_id begin with.
#ifndef TIKHAUL_SIMULATOR_ACCOUNTS_ENDPOINT_H_
#define TIKHAUL_SIMULATOR_ACCOUNTS_ENDPOINT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/entity_fields.h"
#include "simulator/param_reader.h"

namespace tikhaul::simulator {

// The credentials that every data set has.
inline constexpr absl::string_view kAppId = "7000000000000000001";
inline constexpr absl::string_view kAppSecret = "sim-secret-0123456789abcdef";
inline constexpr absl::string_view kToken = "sim-token-0123456789abcdef";
// Any authorization code that begins so is good, once.
inline constexpr absl::string_view kAuthCodePrefix = "sim-auth-code-";

// The account of `advertiser_id`; a fault (40002, 40001) goes to `in`, and nullptr comes back.
const Account* ReadAccount(ParamReader& in, const DataSet& data_set);

// `read` numbers the reads: signed addresses change with it.
EndpointAnswer AnswerAdvertiserInfo(const DataSet& data_set, const Call& call, uint64_t read);
// What advertiser/info/ shows of the account, without signed addresses.
struct InfoCell {
  absl::string_view name;
  FieldType type;
  std::string json;
};
std::vector<InfoCell> AdvertiserInfo(const Account& account);
EndpointAnswer AnswerGrantedAdvertisers(const DataSet& data_set, const Call& call);
EndpointAnswer AnswerUserInfo();
// POST oauth2/access_token/ and oauth2/revoke_token/: the fields of a JSON body, or a fault for `in`.
struct AppFields {
  std::string auth_code;
  std::string access_token;
};
EndpointAnswer CheckAppFields(const Call& call, AppFields* fields);
// `data` of a new grant.
EndpointAnswer AnswerNewGrant(const DataSet& data_set);
EndpointAnswer AnswerRevoked(const DataSet& data_set);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ACCOUNTS_ENDPOINT_H_
