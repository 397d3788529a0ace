#include "simulator/object_values.h"

#include <charconv>
#include <cstdlib>

#include "common/base/decimal.h"
#include "simulator/hash.h"
#include "simulator/names.h"

namespace tikhaul::simulator {
namespace {

// Round figures of 10 to 500 units of the currency, some with a half.
int64_t Money(const Account& account, uint64_t hash) {
  const int64_t units = Between(hash, 1, 50) * 10 * account.price / 100;
  return account.places == 0 ? units : units * 100 + ((hash >> 20) % 4 == 0 ? 50 : 0);
}

}  // namespace

absl::string_view ObjectiveOf(const Object& campaign) {
  switch (campaign.buying) {
    case Buying::kTopView:
      return "TOPVIEW_REACH";
    case Buying::kReachAndFrequency:
      return "RF_REACH";
    case Buying::kAuction:
      break;
  }
  return Pick("TRAFFIC | WEB_CONVERSIONS | REACH | VIDEO_VIEWS | LEAD_GENERATION | ENGAGEMENT | APP_PROMOTION",
              Mix(campaign.seed, 0x0b));
}

int64_t CampaignBudget(const Account& account, const Object& campaign) {
  const uint64_t hash = Mix(campaign.seed, 0xb0d);
  return hash % 3 == 0 ? Money(account, hash >> 8) : 0;
}

int64_t GroupBudget(const Account& account, const Object& group) {
  const Object& campaign = account.campaigns[group.parent];
  return CampaignBudget(account, campaign) > 0 ? 0 : Money(account, Mix(group.seed, 0xb0d));
}

int64_t GroupBid(const Account& account, const Object& group) {
  const uint64_t hash = Mix(group.seed, 0xb1d);
  if (hash % 2 == 0) return 0;
  return Between(hash >> 8, 5, 400) * account.price / 100;
}

void AppendFixed(int64_t value, int places, std::string& out) {
  char digits[24];
  char* end = std::to_chars(digits, digits + sizeof(digits), value).ptr;
  const int count = static_cast<int>(end - digits);
  if (places == 0) {
    out.append(digits, static_cast<size_t>(count));
  } else if (count > places) {
    out.append(digits, static_cast<size_t>(count - places));
    out += '.';
    out.append(end - places, static_cast<size_t>(places));
  } else {
    out += "0.";
    out.append(static_cast<size_t>(places - count), '0');
    out.append(digits, static_cast<size_t>(count));
  }
}

double FixedToDouble(int64_t value, int places) {
  // Both are exact below 2^53, and one division rounds once: the nearest double.
  return static_cast<double>(value) / static_cast<double>(PowerOfTen(places));
}

}  // namespace tikhaul::simulator
