#include "simulator/fault_mix.h"

#include "absl/strings/str_cat.h"

namespace tikhaul::simulator {
namespace {

// Figures are such that a client with usual time-outs need not wait long for any of them.
constexpr const char* kKindsOfMix[] = {
    R"({"kind":"html502"})",
    R"({"kind":"html504"})",
    R"({"kind":"http","status":500})",
    R"({"kind":"http","status":503})",
    R"({"kind":"http","status":429})",
    R"({"kind":"http","status":413})",
    R"({"kind":"truncate","bytes":300})",
    R"({"kind":"reset_in_body","bytes":300})",
    R"({"kind":"reset"})",
    R"({"kind":"hang","seconds":2})",
    R"({"kind":"slow","ms":1500})",
    R"({"kind":"drip","bytes":2000,"ms":50})",
    R"({"kind":"not_json"})",
    R"({"kind":"not_json","body":"{\"code\":0,\"data\":{"})",
    R"({"kind":"not_json","body":""})",
    R"({"kind":"drift","delta":2})",
    R"({"kind":"drift","delta":-1})",
    R"({"kind":"shift","rows":1})",
    R"({"kind":"throttle_header"})",
    R"({"kind":"unknown_fields"})",
    R"({"kind":"number_strings"})",
    R"({"kind":"bad_utf8"})",
    R"({"kind":"deep_nesting"})",
    R"({"kind":"fat_rows","bytes":20000})",
    R"({"kind":"stale","seconds":86400})",
    R"({"kind":"revoked_token"})",
    R"({"kind":"missing_grant"})",
    R"({"kind":"dead_account"})",
};

// tiktok-api.md 3.5, and 40067 of section 4.9.
constexpr int kCodes[] = {40000, 40001, 40002, 40006, 40007, 40008, 40009, 40010, 40011, 40013, 40014, 40016, 40050,
                          40051, 40052, 40053, 40065, 40067, 40100, 40101, 40102, 40103, 40104, 40105, 40106, 40107,
                          40108, 40109, 40110, 40112, 40113, 40115, 40116, 40117, 40118, 40119, 40121, 40122, 40124,
                          40125, 40131, 40132, 40133, 40200, 40201, 40202, 40300, 40301, 40502, 40700, 40900, 40901,
                          40915, 41000, 41001, 41002, 50000, 50002, 51010, 51021, 51305, 60001, 61000, 45678};
constexpr int kOneOfEachClass[] = {40002, 40011, 40100, 40133, 40118, 50000, 60001, 45678};

}  // namespace

std::vector<std::string> MixedFaults(bool all_codes) {
  std::vector<std::string> faults(std::begin(kKindsOfMix), std::end(kKindsOfMix));
  const auto add = [&faults](int code) {
    faults.push_back(absl::StrCat(R"({"kind":"code","message":"Refused by the fault script.","code":)", code, "}"));
  };
  if (all_codes) {
    for (const int code : kCodes) add(code);
  } else {
    for (const int code : kOneOfEachClass) add(code);
  }
  return faults;
}

}  // namespace tikhaul::simulator
