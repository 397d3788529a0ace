// What `tikhaul verify` prints for people: pure functions of the results.
#ifndef TIKHAUL_CLI_VERIFY_TEXT_H_
#define TIKHAUL_CLI_VERIFY_TEXT_H_

#include <string>
#include <vector>

#include "tikhaul/v1/admin.pb.h"

namespace tikhaul {

// One line per extract over all its advertisers: "ads_daily  12 advertisers  2024-06-16..2026-06-15  5 metrics: equal
// (43,800 figures, 300 calls)". Results in any order.
std::string VerifySummary(const std::vector<v1::VerifyResult>& results);
// Differences without an explanation one by one, then the commands that mend; empty when there are none. `other`: whose
// figures stand beside the stored ones.
std::string FlaggedText(const std::vector<v1::VerifyResult>& results, const std::string& other);
// One line per extract and reason: what explains differences, how many, and what can be done.
std::string ExplainedText(const std::vector<v1::VerifyResult>& results);
// One line per result that could not be had, with the reason.
std::string UncomparedText(const std::vector<v1::VerifyResult>& results);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_VERIFY_TEXT_H_
