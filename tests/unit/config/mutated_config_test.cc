// A legal configuration, damaged at random: reading never fails otherwise than by problem lines.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "absl/strings/match.h"
#include "tests/unit/config/yaml_texts.h"

namespace tikhaul {
namespace {

std::string Damaged(std::string text, std::mt19937& random) {
  static constexpr char kBytes[] = "[]{}:,-\"'#&*!|>%@` \n\t\\$~a9\xff";
  const int changes = 1 + random() % 4;
  for (int i = 0; i < changes; ++i) {
    const size_t at = random() % text.size();
    const char byte = kBytes[random() % (sizeof(kBytes) - 1)];
    switch (random() % 4) {
      case 0:
        text[at] = byte;
        break;
      case 1:
        text.insert(at, 1 + random() % 3, byte);
        break;
      case 2:
        text.erase(at, 1 + random() % 8);
        break;
      default:
        text.insert(at, text.substr(random() % text.size(), random() % 40));
    }
    if (text.empty()) text = "x";
  }
  return text;
}

TEST(MutatedConfigTest, EveryProblemHasALineOfTheFile) {
  const std::string whole =
      absl::StrReplaceAll(StarterConfig(), {{"id: \"\"", "id: \"1\""}}) + "coordinator: {listen: \"127.0.0.1:0\"}\n";
  ASSERT_TRUE(Parse(whole).ok());
  std::mt19937 random(20260101);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    const std::string text = Damaged(whole, random);
    const int lines = 1 + std::count(text.begin(), text.end(), '\n');
    for (const std::string& problem : Problems(text)) {
      ++refused;
      const std::vector<std::string> parts = absl::StrSplit(problem, absl::MaxSplits(':', 2));
      ASSERT_EQ(parts.size(), 3u) << problem;
      EXPECT_EQ(parts[0], "tikhaul.yaml");
      EXPECT_TRUE(std::atoi(parts[1].c_str()) >= 1 && std::atoi(parts[1].c_str()) <= lines) << problem << "\n" << text;
    }
  }
  EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace tikhaul
