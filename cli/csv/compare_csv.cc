#include "cli/csv/compare_csv.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/base/civil.h"

namespace tikhaul {
namespace {

constexpr int kMostFindings = 1000;

struct Cells {
  uint64_t rows = 0;
  uint64_t line = 0;  // of the file; 0: several, or none
  std::string advertiser;
  std::map<std::string, DecimalSum> figures;
};
using ByKey = std::map<std::pair<std::string, std::string>, Cells>;  // day and id; either may be empty

void Add(const Cells& cells, Cells& to) {
  to.line = to.rows == 0 ? cells.line : 0;
  to.rows += cells.rows;
  if (to.advertiser.empty()) to.advertiser = cells.advertiser;
  for (const auto& [metric, value] : cells.figures) to.figures[metric] += value;
}

ByKey KeysOf(const AdsManagerCsv& csv) {
  ByKey keys;
  for (const CsvRow& row : csv.rows) {
    Add({.rows = 1, .line = row.line, .advertiser = {}, .figures = row.figures},
        keys[{csv.by_day ? FormatDay(row.day) : "", row.id}]);
  }
  return keys;
}

ByKey KeysOf(const AdsManagerCsv& csv, const StoredFigures& stored) {
  std::set<std::string> ids, advertisers, days;
  for (const CsvRow& row : csv.rows) {
    ids.insert(row.id);
    days.insert(FormatDay(row.day));
  }
  const auto id_of = [&](const v1::Figures& figures) -> std::string {
    if (csv.id_column.empty()) return "";
    return csv.level == "advertiser" ? figures.advertiser() : figures.values(0);
  };
  for (const v1::Figures& figures : stored.figures) {
    if (ids.contains(id_of(figures))) advertisers.insert(figures.advertiser());
  }
  ByKey keys;
  for (const v1::Figures& figures : stored.figures) {
    if (!advertisers.contains(figures.advertiser())) continue;
    if (csv.by_day && (figures.day() < *days.begin() || figures.day() > *days.rbegin())) continue;
    Cells cells{.rows = figures.rows(), .line = 0, .advertiser = figures.advertiser(), .figures = {}};
    for (int i = 0; i < figures.sums_size(); ++i) {
      const auto value = ParseDecimal(figures.sums(i));
      if (value.has_value()) cells.figures[stored.metrics[static_cast<size_t>(i)]] = DecimalSum(*value);
    }
    Add(cells, keys[{csv.by_day ? figures.day() : "", id_of(figures)}]);
  }
  return keys;
}

class Comparer {
 public:
  Comparer(const AdsManagerCsv& csv, const StoredFigures& stored, const std::string& file)
      : csv_(csv), stored_(stored), file_(file), ours_(KeysOf(csv, stored)), theirs_(KeysOf(csv)) {}

  v1::VerifyResult Run() {
    result_.set_extract(stored_.extract);
    result_.set_level(csv_.level);
    result_.set_note(absl::StrCat("held against ", file_));
    for (const std::string& metric : stored_.metrics) result_.add_metrics(metric);
    std::set<std::string> days, advertisers;
    for (const ByKey* keys : {&ours_, &theirs_}) {
      for (const auto& [key, cells] : *keys) {
        if (!key.first.empty()) days.insert(key.first);
        if (!cells.advertiser.empty()) advertisers.insert(cells.advertiser);
        CompareKey(key, keys == &theirs_);
      }
    }
    if (advertisers.size() == 1) result_.set_advertiser(*advertisers.begin());
    result_.set_first_day(days.empty() ? stored_.first_day : *days.begin());
    result_.set_last_day(days.empty() ? stored_.last_day : *days.rbegin());
    result_.set_days(days.size());
    result_.set_state(result_.flagged() > 0 ? "flagged" : result_.explained() > 0 ? "explained" : "equal");
    return result_;
  }

 private:
  // Keys of both sides are compared with the file's turn.
  void CompareKey(const ByKey::key_type& key, bool files_turn) {
    static const Cells kNone;
    const auto ours = ours_.find(key), theirs = theirs_.find(key);
    if (!files_turn && theirs != theirs_.end()) return;
    for (const std::string& metric : stored_.metrics) {
      CompareMetric(key, metric, ours == ours_.end() ? kNone : ours->second,
                    theirs == theirs_.end() ? kNone : theirs->second);
    }
  }

  void CompareMetric(const ByKey::key_type& key, const std::string& metric, const Cells& ours, const Cells& theirs) {
    const auto at = [&](const Cells& cells) {
      const auto found = cells.figures.find(metric);
      return found == cells.figures.end() ? DecimalSum() : found->second;
    };
    const DecimalSum stored = at(ours), exported = at(theirs);
    if (stored == exported) {
      result_.set_equal(result_.equal() + 1);
      return;
    }
    const bool decimal = std::find(stored_.decimals.begin(), stored_.decimals.end(), metric) != stored_.decimals.end();
    const uint64_t rows = ours.rows + theirs.rows;
    const bool rounding = decimal && ours.rows > 0 && theirs.rows > 0 && rows > 2 &&
                          (exported - stored).Abs() <= DecimalSum(Decimal{static_cast<int64_t>(rows) * 5, 3});
    v1::VerifyFinding finding;
    finding.set_verdict(rounding ? v1::VerifyFinding::VERDICT_EXPLAINED : v1::VerifyFinding::VERDICT_FLAGGED);
    finding.set_reason(rounding           ? "rounding"
                       : ours.rows == 0   ? "row_missing"
                       : theirs.rows == 0 ? "row_unknown"
                                          : "figure_differs");
    finding.set_detail(rounding           ? "no larger than rounding each row to two places can make"
                       : ours.rows == 0   ? absl::StrCat(Line(theirs), "the table lacks it")
                       : theirs.rows == 0 ? "the file lacks it"
                                          : absl::StrCat(Line(theirs), "the figures differ"));
    finding.set_first_day(key.first.empty() ? stored_.first_day : key.first);
    finding.set_last_day(key.first.empty() ? stored_.last_day : key.first);
    finding.set_level(csv_.level);
    finding.set_id(key.second);
    finding.set_metric(metric);
    finding.set_stored(stored.Text());
    finding.set_api(exported.Text());
    finding.set_difference((exported - stored).Text());
    finding.set_count(1);
    if (!rounding) finding.set_mend(Mend(finding, ours.advertiser));
    if (rounding) result_.set_explained(result_.explained() + 1);
    if (!rounding) result_.set_flagged(result_.flagged() + 1);
    if (result_.findings_size() < kMostFindings) *result_.add_findings() = finding;
  }

  std::string Line(const Cells& cells) const {
    return cells.line == 0 ? "" : absl::StrCat(file_, ":", cells.line, ": ");
  }

  std::string Mend(const v1::VerifyFinding& finding, const std::string& advertiser) const {
    return absl::StrCat("tikhaul backfill ", stored_.extract,
                        advertiser.empty() ? "" : absl::StrCat(" --advertiser ", advertiser), " --from ",
                        finding.first_day(), " --to ", finding.last_day(), " --again");
  }

  const AdsManagerCsv& csv_;
  const StoredFigures& stored_;
  const std::string& file_;
  const ByKey ours_, theirs_;
  v1::VerifyResult result_;
};

}  // namespace

v1::VerifyResult CompareCsv(const AdsManagerCsv& csv, const StoredFigures& stored, const std::string& file) {
  return Comparer(csv, stored, file).Run();
}

}  // namespace tikhaul
