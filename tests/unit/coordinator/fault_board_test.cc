#include "coordinator/fault_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/base/secret.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(FaultBoardTest, ShowsOneLinePerSubjectUntilItIsWell) {
  FaultBoard board;
  EXPECT_THAT(board.Lines(), IsEmpty());
  board.Set("store", "the disk is full");
  board.Set("redis", "cannot be reached");
  EXPECT_THAT(board.Lines(), ElementsAre("redis: cannot be reached", "store: the disk is full"));
  board.Set("store", "");
  EXPECT_THAT(board.Lines(), ElementsAre("redis: cannot be reached"));
}

TEST(FaultBoardTest, ANewTextReplacesTheOldOneOfItsSubject) {
  FaultBoard board;
  board.Set("store", "locked");
  board.Set("store", "full");
  EXPECT_THAT(board.Lines(), ElementsAre("store: full"));
}

TEST(FaultBoardTest, BeingWellWithoutAFaultChangesNothing) {
  FaultBoard board;
  board.Set("spool", "");
  EXPECT_THAT(board.Lines(), IsEmpty());
}

TEST(FaultBoardTest, SecretsDoNotReachTheBoard) {
  const Secret token("fault-board-secret-token");
  FaultBoard board;
  board.Set("connection main", "the API answered: fault-board-secret-token is not valid");
  EXPECT_THAT(board.Lines(), ElementsAre("connection main: the API answered: [redacted] is not valid"));
}

}  // namespace
}  // namespace tikhaul
