// Sets of days as sorted intervals: what is committed, what is pending, what is missing.
//
// Every list taken or given here is in normal form: ordered by day, intervals neither touch nor overlap, none is empty.
// Pure functions; the zone of the days is the caller's matter.
#ifndef TIKHAUL_COORDINATOR_CORE_COVERAGE_H_
#define TIKHAUL_COORDINATOR_CORE_COVERAGE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/time/civil_time.h"
#include "common/model/chunk.h"

namespace tikhaul {

// `days` with `interval` added; neighbours grow together. An interval whose last day lies before its first adds
// nothing.
std::vector<Coverage> AddInterval(const std::vector<Coverage>& days, Coverage interval);

// The normal form of any list of intervals.
std::vector<Coverage> NormalizeIntervals(std::vector<Coverage> intervals);

// Days of `days` that are not in `minus`.
std::vector<Coverage> SubtractIntervals(const std::vector<Coverage>& days, const std::vector<Coverage>& minus);

// Days of `days` that lie in [first, last].
std::vector<Coverage> Clip(const std::vector<Coverage>& days, absl::CivilDay first, absl::CivilDay last);

// Days of [first, last] that are not in `days`.
std::vector<Coverage> Holes(const std::vector<Coverage>& days, absl::CivilDay first, absl::CivilDay last);

// The last day of the unbroken stretch that begins with `first`; nothing when `first` itself is missing.
std::optional<absl::CivilDay> ContiguousThrough(const std::vector<Coverage>& days, absl::CivilDay first);

bool ContainsDay(const std::vector<Coverage>& days, absl::CivilDay day);

// How many days.
int64_t CountDays(const std::vector<Coverage>& days);

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_CORE_COVERAGE_H_
