#include <gtest/gtest.h>

#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "cli/app.h"
#include "cli/session.h"
#include "common/access/token.h"
#include "common/base/clock.h"

namespace tikhaul {
namespace {

TEST(TokenCommandTest, ANewTokenComesWithItsHash) {
  std::ostringstream out, err;
  Console console{out, err};
  const SystemClock clock;
  const char* const words[] = {"tikhaul", "token", "new", "--json"};
  ASSERT_EQ(RunTikhaul(4, words, console, clock), kExitOk) << err.str();
  const std::string answer = out.str();
  const size_t start = answer.find("\"token\":\"") + 9;
  const std::string token = answer.substr(start, answer.find('"', start) - start);
  EXPECT_EQ(token.size(), 43u);
  EXPECT_EQ(answer, absl::StrCat("{\"token\":\"", token, "\",\"token_hash\":\"", TokenHash(token), "\"}\n"));
}

}  // namespace
}  // namespace tikhaul
