#include "coordinator/core/road.h"

#include <gtest/gtest.h>

namespace tikhaul {
namespace {

RoadInput Large() { return {.open = RoadsOpen::kBoth, .learnt = {}, .rows = 300'000, .page_size = 1000}; }

TEST(RoadTest, LargeWindowsComeByATaskWhereBothRoadsAreOpen) {
  EXPECT_EQ(ChooseRoad(Large()), Road::kTask);
  RoadInput input = Large();
  input.rows = 19'000;
  EXPECT_EQ(ChooseRoad(input), Road::kPages);
  input.rows = 19'001;
  EXPECT_EQ(ChooseRoad(input), Road::kTask);
  input.rows = 0;
  EXPECT_EQ(ChooseRoad(input), Road::kPages) << "nothing is known";
}

TEST(RoadTest, WhatIsNotOpenIsNotTaken) {
  RoadInput input = Large();
  input.open = RoadsOpen::kPages;
  input.learnt = Road::kTask;
  EXPECT_EQ(ChooseRoad(input), Road::kPages);
  input.open = RoadsOpen::kTask;
  input.learnt = Road::kPages;
  input.rows = 1;
  input.failures = 9;
  input.tasks_today = 4'500;
  EXPECT_EQ(ChooseRoad(input), Road::kTask);
}

TEST(RoadTest, WhatWasLearntCounts) {
  RoadInput input = Large();
  input.learnt = Road::kPages;
  EXPECT_EQ(ChooseRoad(input), Road::kPages);
  input = {.open = RoadsOpen::kBoth, .learnt = Road::kTask, .rows = 10, .page_size = 1000, .failures = 5};
  EXPECT_EQ(ChooseRoad(input), Road::kTask) << "there is no other";
}

TEST(RoadTest, TasksThatFailOrRunOutGiveWayToPages) {
  RoadInput input = Large();
  input.failures = 1;
  EXPECT_EQ(ChooseRoad(input), Road::kTask);
  input.failures = 2;
  EXPECT_EQ(ChooseRoad(input), Road::kPages);
  input = Large();
  input.tasks_today = 4'000;
  EXPECT_EQ(ChooseRoad(input), Road::kPages);
}

TEST(RoadTest, CallsAreCounted) {
  EXPECT_EQ(CallsBy(Road::kPages, 0, 1000), 1u);
  EXPECT_EQ(CallsBy(Road::kPages, 1000, 1000), 1u);
  EXPECT_EQ(CallsBy(Road::kPages, 1001, 1000), 2u);
  EXPECT_EQ(CallsBy(Road::kPages, 1001, 0), 1u) << "does not page";
  EXPECT_EQ(CallsBy(Road::kTask, 1e6, 1000), 5u);
}

}  // namespace
}  // namespace tikhaul
