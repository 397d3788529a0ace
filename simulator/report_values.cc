#include "simulator/report_values.h"

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/decimal.h"
#include "simulator/hash.h"
#include "simulator/names.h"
#include "simulator/object_values.h"

namespace tikhaul::simulator {
namespace {

Cell Text(absl::string_view text) { return Cell{Cell::Kind::kText, 0, 0, text}; }
Cell Whole(int64_t number) { return Cell{Cell::Kind::kWhole, number, 0, ""}; }
Cell Decimal(int64_t number, int places) { return Cell{Cell::Kind::kDecimal, number, places, ""}; }

int64_t Rounded(__int128 over, __int128 under) { return static_cast<int64_t>((over + under / 2) / under); }

// As StrCat, without a new string each time.
void Assign(uint64_t id, std::string& text) {
  text.clear();
  absl::StrAppend(&text, id);
}

}  // namespace

RowValues::RowValues(const ReportData& data) : data_(data), sums_(data.slots()) {
  const auto slot_of = [&](const simulator::Metric& metric) {
    return metric.op == Op::kReach ? data.SlotOf(*MetricTable::Get().Find("frequency")->over) : data.SlotOf(metric);
  };
  for (const simulator::Metric* metric : data.query().metrics) {
    Plan plan{metric};
    if (metric->op == Op::kAdditive || metric->op == Op::kReach) plan.slot = slot_of(*metric);
    if (metric->op == Op::kRatio) {
      plan.over = slot_of(*metric->over);
      plan.under = slot_of(*metric->under);
    }
    plans_.push_back(plan);
  }
  for (const Dimension* breakdown : data.query().breakdowns)
    few_hidden_ |= breakdown->metrics == MetricSet::kSearchTerms;
}

void RowValues::Load(const RowKey& row) {
  row_ = &row;
  account_ = &data_.AccountOf(row);
  totals_ = false;
  row_seed_ = Mix(row.order);
  data_.Sum(row, sums_.data());
  const Level level = data_.query().level;
  ad_ = level == kAd ? &account_->ads[row.object] : nullptr;
  group_ = ad_ != nullptr      ? &account_->groups[ad_->parent]
           : level == kAdGroup ? &account_->groups[row.object]
                               : nullptr;
  campaign_ = group_ != nullptr    ? &account_->campaigns[group_->parent]
              : level == kCampaign ? &account_->campaigns[row.object]
                                   : nullptr;
  if (ad_ != nullptr) Assign(ad_->id, ad_id_);
  if (group_ != nullptr) Assign(group_->id, group_id_);
  if (campaign_ != nullptr) Assign(campaign_->id, campaign_id_);
  id_ = level == kAd ? ad_id_ : level == kAdGroup ? group_id_ : level == kCampaign ? campaign_id_ : account_->id_text;
}

void RowValues::LoadTotals(const Account& account, const std::vector<int64_t>& sums) {
  account_ = &account;
  totals_ = true;
  row_seed_ = account.seed;
  sums_ = sums;
}

int64_t RowValues::Figure(const simulator::Metric& metric, int slot) const {
  const int64_t sum = sums_[static_cast<size_t>(slot)];
  if (metric.op != Op::kReach || sum == 0) return sum;
  return std::max<int64_t>(1, sum * Between(row_seed_, metric.low, metric.high) / 100'000);
}

Cell RowValues::Sum(const Plan& plan) const {
  const simulator::Metric& metric = *plan.metric;
  const int64_t figure = Figure(metric, plan.slot);
  const bool several = data_.query().several_accounts;
  // Several accounts in one report: money without decimals (tiktok-api.md 4.3).
  if (metric.money && several) return Decimal(Rounded(figure, PowerOfTen(account_->places)), 0);
  if (metric.money) return Decimal(figure, account_->places);
  if (metric.kind != MetricKind::kCount) return Decimal(figure, 0);
  if (few_hidden_ && figure < 5 && metric.name == "impressions") return Cell{Cell::Kind::kFew, 0, 0, ""};
  return Whole(figure);
}

Cell RowValues::Ratio(const Plan& plan) const {
  const simulator::Metric& metric = *plan.metric;
  const int64_t over = Figure(*metric.over, plan.over), under = Figure(*metric.under, plan.under);
  const bool whole_money = account_->places == 0 || data_.query().several_accounts;
  const int places = metric.money && whole_money ? 0 : metric.places;
  if (under == 0) return metric.null_without_base ? Cell{} : Decimal(0, places);
  const int64_t minor = metric.money ? PowerOfTen(account_->places) : 1;
  const __int128 scaled = static_cast<__int128>(over) * metric.scale * PowerOfTen(places);
  return Decimal(Rounded(scaled, static_cast<__int128>(under) * metric.under_scale * minor), places);
}

Cell RowValues::Metric(size_t index) {
  const Plan& plan = plans_[index];
  const simulator::Metric& metric = *plan.metric;
  switch (metric.op) {
    case Op::kAdditive:
    case Op::kReach:
      return Sum(plan);
    case Op::kRatio:
      return Ratio(plan);
    case Op::kAttribute:
      return AttributeOf(metric);
    case Op::kNothing:
      break;
  }
  return Cell{row_seed_ % 8 == 1 ? Cell::Kind::kNull : Cell::Kind::kDash, 0, 0, ""};
}

Cell RowValues::Fixed(const simulator::Metric& metric, uint64_t seed) const {
  const absl::string_view text = Pick(metric.text, Mix(seed, metric.salt));
  if (text == "~") return Cell{};
  if (text == "-") return Cell{Cell::Kind::kDash, 0, 0, ""};
  if (metric.kind == MetricKind::kFlag) return Cell{Cell::Kind::kFlag, text == "true" ? 1 : 0, 0, ""};
  if (metric.kind == MetricKind::kCount) return Whole(text == "0" ? 0 : 1);
  return Text(text);
}

Cell RowValues::AttributeOf(const simulator::Metric& metric) {
  if (totals_) return Cell{Cell::Kind::kDash, 0, 0, ""};
  switch (metric.attribute) {
    case Attribute::kFixed: {
      // The object that the attribute belongs to: the highest level at which it may be asked for.
      const Object* owner = metric.levels == kAd ? ad_ : metric.levels == kFromAdGroup ? group_ : campaign_;
      return Fixed(metric, owner == nullptr ? account_->seed : owner->seed);
    }
    case Attribute::kAdvertiserName:
      return Text(account_->profile.name);
    case Attribute::kAdvertiserId:
      return Text(account_->id_text);
    case Attribute::kCampaignName:
      return Text(campaign_->name);
    case Attribute::kCampaignId:
      return Text(campaign_id_);
    case Attribute::kObjective:
      return Text(ObjectiveOf(*campaign_));
    case Attribute::kAdGroupName:
      return Text(group_->name);
    case Attribute::kAdGroupId:
      return Text(group_id_);
    case Attribute::kAdName:
      return Text(ad_->name);
    case Attribute::kAdId:
      return Text(ad_id_);
    case Attribute::kAdText:
      return Text(AdText(ad_->seed));
    case Attribute::kCurrency:
      return Text(account_->profile.currency);
    case Attribute::kCampaignBudget:
      return Decimal(CampaignBudget(*account_, *campaign_), account_->places);
    case Attribute::kAdGroupBudget:
      return Decimal(GroupBudget(*account_, *group_), account_->places);
    case Attribute::kBid:
      return Decimal(GroupBid(*account_, *group_), account_->places);
  }
  return Cell{};
}

const std::string& RowValues::DayText(int32_t day) {
  std::string& text = day_texts_[day];
  if (text.empty()) text = FormatDay(DayFromNumber(day));
  return text;
}

void RowValues::AppendDimension(size_t index, std::string& out) {
  const ReportQuery& query = data_.query();
  const Dimension* dimension = query.dimensions[index];
  switch (dimension->kind) {
    case DimensionKind::kId:
      out += id_;
      return;
    case DimensionKind::kDay:
      absl::StrAppend(&out, DayText(row_->day), " 00:00:00");
      return;
    case DimensionKind::kHour:
      absl::StrAppend(&out, DayText(row_->day), row_->hour < 10 ? " 0" : " ", row_->hour, ":00:00");
      return;
    case DimensionKind::kBreakdown:
      for (size_t i = 0; i < query.breakdowns.size(); ++i) {
        if (query.breakdowns[i] == dimension) {
          absl::StrAppend(&out, data_.cells().Names(static_cast<size_t>(row_->cell))[i]);
        }
      }
  }
}

}  // namespace tikhaul::simulator
