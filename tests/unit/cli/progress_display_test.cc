#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "cli/progress/display.h"

namespace tikhaul {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ProgressDisplayTest : public ::testing::Test {
 protected:
  std::string TakeOutput() {
    std::string text = out_.str();
    out_.str("");
    return text;
  }

  std::ostringstream out_, err_;
  Console terminal_{out_, err_, /*terminal=*/true};
  Console file_{out_, err_};
  ManualClock clock_;
};

v1::Status OneExtract(uint64_t done) {
  v1::Status status;
  status.add_extracts()->set_extract("ads_daily");
  status.mutable_extracts(0)->mutable_chunks()->set_done(done);
  status.mutable_extracts(0)->mutable_chunks()->set_ready(10 - done);
  return status;
}

TEST_F(ProgressDisplayTest, RedrawsInPlaceOnATerminal) {
  ProgressDisplay display(terminal_, clock_);
  display.Show(OneExtract(1));
  const std::string first = TakeOutput();
  EXPECT_THAT(first, StartsWith("ads_daily"));
  EXPECT_THAT(first, Not(HasSubstr("A\r")));
  display.Show(OneExtract(2));
  EXPECT_THAT(TakeOutput(), StartsWith("\x1b[3A\r"
                                       "ads_daily"));  // extract, quota and work lines
}

TEST_F(ProgressDisplayTest, WritesNotesAboveTheBars) {
  ProgressDisplay display(terminal_, clock_);
  display.Show(OneExtract(1));
  TakeOutput();
  display.Note("worker-local-1 ended");
  EXPECT_THAT(TakeOutput(), StartsWith("\x1b[3A\r\x1b[Jworker-local-1 ended\n"
                                       "ads_daily"));
}

TEST_F(ProgressDisplayTest, LeavesTheLastStateOnTheScreen) {
  ProgressDisplay display(terminal_, clock_);
  display.Finish(OneExtract(10));
  TakeOutput();
  display.Show(OneExtract(10));
  EXPECT_THAT(TakeOutput(), StartsWith("ads_daily"));
}

TEST_F(ProgressDisplayTest, WritesNoControlCharactersIntoAFile) {
  ProgressDisplay display(file_, clock_);
  display.Show(OneExtract(1));
  display.Note("a note");
  display.Finish(OneExtract(10));
  EXPECT_EQ(TakeOutput(), "ads_daily: 1/10 chunks, 0 rows\na note\nads_daily: 10/10 chunks, 0 rows, done\n");
}

}  // namespace
}  // namespace tikhaul
