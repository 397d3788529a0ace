#include "common/config/config_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/files.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ConfigWatchTest : public ::testing::Test {
 protected:
  void Write(const std::vector<std::string>& identities, const std::string& more = "") {
    std::string text =
        "app: {id: \"123\"}\n"
        "connections: [{name: main, token_file: token, advertisers: [\"7002238017842757633\"]}]\n"
        "extracts: [{name: campaigns, stream: campaigns}]\n"
        "identities:\n";
    for (const std::string& name : identities)
      absl::StrAppend(&text, "  - {name: ", name, ", role: operator, certificate: ", name, ".tikhaul}\n");
    EXPECT_TRUE(WriteFileAtomically(Path(), text + more).ok());
  }
  std::string Path() const { return folder_.Path("tikhaul.yaml"); }
  void Look() {
    watch_.Look([this](const v1::Config& config) {
      std::vector<std::string> names;
      for (const v1::Identity& identity : config.identities()) names.push_back(identity.name());
      taken_.push_back(absl::StrJoin(names, " "));
      return answer_;
    });
  }

  ScratchFolder folder_;
  ConfigWatch watch_ = [this] {
    Write({"ops"});
    return ConfigWatch(Path());
  }();
  std::vector<std::string> taken_;
  absl::Status answer_;
};

TEST_F(ConfigWatchTest, HandsOverWhatHasChanged) {
  Look();
  EXPECT_THAT(taken_, IsEmpty());
  Write({"ops", "ci"});
  Look();
  Look();
  EXPECT_THAT(taken_, ElementsAre("ops ci"));
}

TEST_F(ConfigWatchTest, WhatIsRefusedIsHandedOverOnce) {
  answer_ = absl::FailedPreconditionError("not now");
  Write({"ci"});
  Look();
  Look();
  EXPECT_THAT(taken_, ElementsAre("ci"));
}

TEST_F(ConfigWatchTest, MistakesAndNoFileChangeNothing) {
  Write({"ci"}, "no such key: 1\n");
  Look();
  std::filesystem::remove(Path());
  Look();
  EXPECT_THAT(taken_, IsEmpty());
  Write({"ci"});
  Look();
  EXPECT_THAT(taken_, ElementsAre("ci"));
}

}  // namespace
}  // namespace tikhaul
