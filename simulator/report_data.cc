#include "simulator/report_data.h"

#include <algorithm>

#include "common/base/civil.h"
#include "simulator/hash.h"

namespace tikhaul::simulator {
namespace {

bool PassesStatus(const std::optional<StatusFilter>& filter, const Object& object, int64_t now) {
  if (!filter || *filter == StatusFilter::kAll) return true;
  return IsDeleted(object, now) == (*filter == StatusFilter::kDeleted);
}

bool PassesIds(const absl::flat_hash_set<uint64_t>& ids, const Object& object) {
  return ids.empty() || ids.contains(object.id);
}

}  // namespace

std::pair<uint32_t, uint32_t> AdsBelow(const Account& account, Level level, uint32_t object) {
  if (level == kAdvertiser) return {0, static_cast<uint32_t>(account.ads.size())};
  const Object& found = ObjectAt(account, level, object);
  return {found.first_ad, found.last_ad};
}

ReportData::ReportData(ReportQuery query, std::vector<const Account*> accounts, absl::Time now, size_t object_limit)
    : query_(std::move(query)),
      accounts_(std::move(accounts)),
      now_(now),
      now_seconds_(absl::ToUnixSeconds(now)),
      object_limit_(object_limit),
      lag_hours_(query_.LagHours()),
      cells_(query_.breakdowns) {
  PlanSlots();
  if (query_.empty) return;
  for (uint32_t position = 0; position < accounts_.size(); ++position) AddAccount(position);
  std::sort(rows_.begin(), rows_.end(), [](const RowKey& a, const RowKey& b) { return a.order < b.order; });
}

void ReportData::NeedSlot(const Metric& metric) {
  if (metric.op == Op::kReach) return NeedSlot(*MetricTable::Get().Find("frequency")->over);
  if (metric.op == Op::kRatio) {
    NeedSlot(*metric.over);
    return NeedSlot(*metric.under);
  }
  if (metric.op != Op::kAdditive || slots_.contains(&metric)) return;
  slots_[&metric] = static_cast<int>(additives_.size());
  additives_.push_back(&metric);
}

void ReportData::PlanSlots() {
  for (const Metric* metric : query_.metrics) NeedSlot(*metric);
}

int ReportData::SlotOf(const Metric& metric) const {
  const auto it = slots_.find(&metric);
  return it == slots_.end() ? -1 : it->second;
}

bool ReportData::Seen(const DayState& state) const { return lag_hours_ == 0 || state.lag_passed >= lag_hours_; }

bool ReportData::Passes(const Account& account, uint32_t index) const {
  const ObjectFilter& filter = query_.filter;
  const Object& object = ObjectAt(account, query_.level, index);
  if (!Exists(object, now_seconds_) || filter.nothing) return false;
  const Object* ad = query_.level == kAd ? &object : nullptr;
  const Object* group = ad != nullptr ? &account.groups[ad->parent] : query_.level == kAdGroup ? &object : nullptr;
  const Object* campaign = group != nullptr ? &account.campaigns[group->parent] : &object;
  // Without a filter of the level's own status, deleted objects are left out (tiktok-api.md 4.5).
  const auto status = [&](const std::optional<StatusFilter>& given, Level level) {
    return !given && level == query_.level ? std::optional<StatusFilter>(StatusFilter::kNotDeleted) : given;
  };
  const int64_t now = now_seconds_;
  if (!PassesStatus(status(filter.campaign_status, kCampaign), *campaign, now)) return false;
  if (group != nullptr && !PassesStatus(status(filter.group_status, kAdGroup), *group, now)) return false;
  if (ad != nullptr && !PassesStatus(status(filter.ad_status, kAd), *ad, now)) return false;
  if (!PassesIds(filter.campaigns, *campaign)) return false;
  if (group != nullptr && !PassesIds(filter.groups, *group)) return false;
  if (ad != nullptr && !PassesIds(filter.ads, *ad)) return false;
  return filter.buying.empty() ||
         std::find(filter.buying.begin(), filter.buying.end(), object.buying) != filter.buying.end();
}

std::vector<uint32_t> ReportData::Candidates(const Account& account) {
  if (query_.level == kAdvertiser) return {0};
  std::vector<uint32_t> candidates;
  for (const uint32_t index : NewestFirst(account, query_.level)) {
    if (!Passes(account, index)) continue;
    if (candidates.size() == object_limit_) {
      cut_ = true;
      break;
    }
    candidates.push_back(index);
  }
  return candidates;
}

void ReportData::AddAccount(uint32_t position) {
  const Account& account = *accounts_[position];
  int64_t first = query_.first_day, last = query_.last_day;
  const int64_t born = DayNumber(DayIn(account.zone, absl::FromUnixSeconds(account.created)));
  const int64_t today = DayNumber(DayIn(account.zone, now_));
  if (query_.lifetime) last = today;
  first = std::max(query_.lifetime ? born : first, born);
  days_.push_back(StatesOfDays(account, first, std::min(last, today), now_));
  const std::vector<uint32_t> candidates = Candidates(account);
  objects_ += candidates.size();
  for (const uint32_t object : candidates) AddObject(position, object);
}

uint64_t ReportData::MaskOf(const Ad& ad, const AdDay& f) const {
  uint64_t mask = 0;
  if (query_.by_hour) {
    int64_t from = 0;
    for (int hour = 0; hour < f.state->visible_hours; ++hour) {
      const int64_t to = ImpressionsUntil(*f.state, f.impressions, hour + 1);
      if (to > from) mask |= uint64_t{1} << hour;
      from = to;
    }
    return mask;
  }
  if (query_.breakdowns.empty()) return 1;
  uint32_t ends[Cells::kMost];
  cells_.Shares(ad, ends);
  const uint32_t whole = ends[cells_.size() - 1];
  int64_t from = 0;
  for (size_t k = 0; k < cells_.size(); ++k) {
    const int64_t to = f.visible * ends[k] / whole;
    if (to > from) mask |= uint64_t{1} << k;
    from = to;
  }
  return mask;
}

void ReportData::AddRows(uint32_t position, uint32_t object, int32_t day, uint64_t mask) {
  const Account& account = *accounts_[position];
  const uint64_t id = query_.level == kAdvertiser ? account.id : ObjectAt(account, query_.level, object).id;
  for (; mask != 0; mask &= mask - 1) {
    const int bit = __builtin_ctzll(mask);
    RowKey row;
    row.account = position;
    row.object = object;
    row.day = day;
    (query_.by_hour ? row.hour : row.cell) = static_cast<int16_t>(bit);
    row.order = Mix(id, static_cast<uint64_t>(static_cast<int64_t>(day)), static_cast<uint64_t>(bit));
    rows_.push_back(row);
  }
}

void ReportData::AddObject(uint32_t position, uint32_t object) {
  const Account& account = *accounts_[position];
  const std::vector<DayState>& days = days_[position];
  const bool timed = query_.by_day || query_.by_hour;
  const auto [first_ad, last_ad] = AdsBelow(account, query_.level, object);
  std::vector<uint64_t> masks(timed ? days.size() : 1, 0);
  for (uint32_t i = first_ad; i < last_ad; ++i) {
    const Ad& ad = account.ads[i];
    if (days.empty() || ad.last_day < days.front().day || ad.first_day > days.back().day) continue;
    const size_t begin = static_cast<size_t>(std::max(0, ad.first_day - days.front().day));
    const size_t end = std::min(days.size(), static_cast<size_t>(ad.last_day - days.front().day + 1));
    for (size_t d = begin; d < end; ++d) {
      AdDay figures;
      if (Seen(days[d]) && MakeAdDay(ad, days[d], &figures)) masks[timed ? d : 0] |= MaskOf(ad, figures);
    }
  }
  if (!timed) {
    // The bare id also brings rows of zeros (tiktok-api.md 4.2).
    AddRows(position, object, RowKey::kNoDay, query_.BareId() ? 1 : masks[0]);
    return;
  }
  for (size_t d = 0; d < days.size(); ++d) AddRows(position, object, days[d].day, masks[d]);
}

void ReportData::SumDay(const Ad& ad, const DayState& state, const RowKey& row, int64_t* sums) const {
  AdDay f;
  if (!Seen(state) || !MakeAdDay(ad, state, &f)) return;
  int64_t from = 0, to = f.visible;
  if (query_.by_hour) {
    if (row.hour >= state.visible_hours) return;
    f.visible = f.impressions;
    from = ImpressionsUntil(state, f.impressions, row.hour);
    to = ImpressionsUntil(state, f.impressions, row.hour + 1);
  } else if (!query_.breakdowns.empty()) {
    uint32_t ends[Cells::kMost];
    cells_.Shares(ad, ends);
    const uint32_t whole = ends[cells_.size() - 1];
    from = row.cell == 0 ? 0 : f.visible * ends[row.cell - 1] / whole;
    to = f.visible * ends[row.cell] / whole;
  }
  if (to <= from) return;
  for (size_t slot = 0; slot < additives_.size(); ++slot) sums[slot] += Additive(*additives_[slot], f, from, to);
}

void ReportData::Sum(const RowKey& row, int64_t* sums) const {
  std::fill(sums, sums + additives_.size(), 0);
  const std::vector<DayState>& days = days_[row.account];
  if (days.empty()) return;
  const Account& account = *accounts_[row.account];
  const auto [first_ad, last_ad] = AdsBelow(account, query_.level, row.object);
  for (uint32_t i = first_ad; i < last_ad; ++i) {
    const Ad& ad = account.ads[i];
    const int32_t base = days.front().day;
    const int32_t first = std::max({ad.first_day, row.day == RowKey::kNoDay ? base : row.day, base});
    const int32_t last =
        std::min({ad.last_day, row.day == RowKey::kNoDay ? days.back().day : row.day, days.back().day});
    for (int32_t day = first; day <= last; ++day) SumDay(ad, days[static_cast<size_t>(day - base)], row, sums);
  }
}

}  // namespace tikhaul::simulator
