// A folder of its own for each test, gone with it.
#ifndef TIKHAUL_TESTS_UNIT_SPOOL_TEMPORARY_FOLDER_H_
#define TIKHAUL_TESTS_UNIT_SPOOL_TEMPORARY_FOLDER_H_

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <string>

#include "absl/strings/str_cat.h"

namespace tikhaul {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = absl::StrCat(testing::TempDir(), "/spool_test.XXXXXX");
    path_ = mkdtemp(pattern.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }

  const std::string& path() const { return path_; }
  size_t entries() const {
    return static_cast<size_t>(
        std::distance(std::filesystem::directory_iterator(path_), std::filesystem::directory_iterator()));
  }

 private:
  std::string path_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_SPOOL_TEMPORARY_FOLDER_H_
