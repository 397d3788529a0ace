#include "tests/support/look_at_page.h"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

#include "absl/strings/str_cat.h"

namespace tikhaul {

nlohmann::json LookAtPage(int port, const std::string& summary, const std::string& token) {
  const std::string command = absl::StrCat(
      "/usr/bin/python3 -B " TIKHAUL_BROWSER_FOLDER "/look.py http://127.0.0.1:", port, "/ '", summary, "' ", token);
  FILE* const pipe = popen(command.c_str(), "r");
  std::string seen;
  std::array<char, 4096> piece;
  for (size_t n = 0; (n = fread(piece.data(), 1, piece.size(), pipe)) > 0;) seen.append(piece.data(), n);
  EXPECT_EQ(pclose(pipe), 0) << seen;
  nlohmann::json json = nlohmann::json::parse(seen, nullptr, /*allow_exceptions=*/false);
  EXPECT_TRUE(json.is_object()) << seen;
  return json.is_object() ? json : nlohmann::json::object();
}

}  // namespace tikhaul
