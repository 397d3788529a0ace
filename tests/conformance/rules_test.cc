// What the sheet allows passes, what it forbids is refused with the right code: rules/*.json, and the rules that hold
// for every endpoint.
#include <gmock/gmock.h>

#include <fstream>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "tests/unit/simulator/sim_fixture.h"

namespace tikhaul::simulator {
namespace {

using nlohmann::json;

struct Rule {
  std::string section, text;
  Params changes;  // to the legal call; an empty value leaves a parameter out
  int code = 0;
};
struct Endpoint {
  std::string path;
  Params legal;
  std::vector<Rule> rules;
};

std::string Ids(int count) {
  json list = json::array();
  for (int i = 0; i < count; ++i) list.push_back(absl::StrCat(7'000'000'000'000'000'000 + i));
  return list.dump();
}

// As it stands within a JSON string.
std::string InText(const std::string& text) {
  const std::string quoted = json(text).dump();
  return quoted.substr(1, quoted.size() - 2);
}

class RulesTest : public SimTest {
 protected:
  // Words in braces stand for what differs from data set to data set.
  Params Filled(const json& params) const {
    const std::string account = Account(0);
    Params filled;
    for (const auto& [name, value] : params.items()) {
      filled[name] = absl::StrReplaceAll(value.get<std::string>(),
                                         {{"{advertiser}", account},
                                          {"{foreign}", "7002238017842757633"},
                                          {"{store}", absl::StrCat("749", account.substr(account.size() - 16))},
                                          {"{app}", kAppId},
                                          {"{secret}", kAppSecret},
                                          {"{6 ids}", Ids(6)},
                                          {"{100 ids}", Ids(100)},
                                          {"{101 ids}", Ids(101)},
                                          {"{100 ids in text}", InText(Ids(100))},
                                          {"{101 ids in text}", InText(Ids(101))}});
    }
    return filled;
  }

  std::vector<Endpoint> Read(const std::string& file) const {
    std::ifstream in(absl::StrCat(CONFORMANCE_FOLDER, "/rules/", file));
    std::vector<Endpoint> endpoints;
    const json whole = json::parse(in);
    for (const json& object : whole["endpoints"]) {
      Endpoint endpoint{object["path"], Filled(object["legal"]), {}};
      for (const json& rule : object["rules"]) {
        endpoint.rules.push_back({rule["section"], rule["rule"], Filled(rule["with"]), rule["code"]});
      }
      endpoints.push_back(std::move(endpoint));
    }
    return endpoints;
  }
  std::vector<Endpoint> All() const {
    std::vector<Endpoint> all;
    for (const char* file : {"reports.json", "entities.json", "lists.json"}) {
      for (Endpoint& endpoint : Read(file)) all.push_back(std::move(endpoint));
    }
    return all;
  }

  void Check(const std::string& file) {
    size_t allowed = 0, refused = 0;
    for (const Endpoint& endpoint : Read(file)) {
      ASSERT_EQ(Code(endpoint.path, endpoint.legal), 0) << endpoint.path;
      for (const Rule& rule : endpoint.rules) {
        const json answer = Get(endpoint.path, With(endpoint.legal, rule.changes));
        EXPECT_EQ(answer["code"], rule.code)
            << endpoint.path << " (" << rule.section << ") " << rule.text << ": " << answer.dump().substr(0, 300);
        EXPECT_EQ(answer["data"].empty(), rule.code != 0) << endpoint.path << ": " << rule.text;
        EXPECT_FALSE(answer["message"].get<std::string>().empty()) << rule.text;
        ++(rule.code == 0 ? allowed : refused);
      }
    }
    EXPECT_GT(allowed, 10u);
    EXPECT_GT(refused, 20u);
  }
  int CodeOf(const Call& call) { return json::parse(sim_->Handle(call).body).value("code", -1); }
};

TEST_F(RulesTest, Reports) { Check("reports.json"); }
TEST_F(RulesTest, Entities) { Check("entities.json"); }
TEST_F(RulesTest, Lists) { Check("lists.json"); }

// Sections 1 and 2: path, method, header.
TEST_F(RulesTest, EveryEndpointWantsItsSlashItsMethodAndAToken) {
  for (const Endpoint& endpoint : All()) {
    Call call = CallFor(endpoint.path, endpoint.legal);
    call.path.pop_back();
    EXPECT_EQ(sim_->Handle(call).status, 404) << endpoint.path;
    call = CallFor(endpoint.path, endpoint.legal);
    call.path = "/open_api/v1.2/" + endpoint.path;
    EXPECT_EQ(sim_->Handle(call).status, 404) << endpoint.path;
    call = CallFor(endpoint.path, endpoint.legal);
    call.method = "POST";
    EXPECT_EQ(sim_->Handle(call).status, 405) << endpoint.path;
    call = CallFor(endpoint.path, endpoint.legal);
    call.token.reset();
    EXPECT_EQ(CodeOf(call), 40104) << endpoint.path;
    call.params["access_token"] = std::string(kToken);
    EXPECT_EQ(CodeOf(call), 40104) << endpoint.path << ": the token goes into the header";
    call.token = "wrong";
    EXPECT_EQ(CodeOf(call), 40105) << endpoint.path;
  }
}

// Sections 3.2 and 3.5.
TEST_F(RulesTest, EveryListWantsAnAdvertiserOfTheToken) {
  for (const Endpoint& endpoint : All()) {
    if (!endpoint.legal.contains("advertiser_id")) continue;
    const auto code = [&](const std::string& id) {
      return Code(endpoint.path, With(endpoint.legal, {{"advertiser_id", id}}));
    };
    EXPECT_EQ(code(""), 40002) << endpoint.path;
    EXPECT_EQ(code("abc"), 40002) << endpoint.path;
    EXPECT_EQ(code("7002238017842757633"), 40001) << endpoint.path;
  }
}

// Section 2.4.
TEST_F(RulesTest, TheSandboxAnswersSixEndpoints) {
  const std::vector<Endpoint> all = All();
  options_.sandbox = true;
  Remake();
  std::set<std::string> supported;
  for (const Endpoint& endpoint : all) {
    const int code = Code(endpoint.path, endpoint.legal);
    if (code == 0) supported.insert(endpoint.path);
    EXPECT_TRUE(code == 0 || code == 40009 || code == 40014) << endpoint.path << " " << code;
  }
  EXPECT_THAT(supported, ::testing::ElementsAre("ad/get/", "adgroup/get/", "campaign/get/", "identity/get/",
                                                "report/integrated/get/", "user/info/"));
}

}  // namespace
}  // namespace tikhaul::simulator
