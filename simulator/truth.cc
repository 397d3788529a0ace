#include "simulator/truth.h"

#include <algorithm>
#include <limits>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "simulator/categories.h"
#include "simulator/object_values.h"
#include "simulator/param_reader.h"
#include "simulator/report_endpoint.h"
#include "simulator/report_values.h"
#include "simulator/sqlite_writer.h"
#include "simulator/truth_lists.h"
#include "simulator/truth_spec.h"

namespace tikhaul::simulator {
namespace {

struct LevelNames {
  absl::string_view name, data_level, id;
  Level level;
};
constexpr LevelNames kLevels[] = {{"ad", "AUCTION_AD", "ad_id", kAd},
                                  {"ad_group", "AUCTION_ADGROUP", "adgroup_id", kAdGroup},
                                  {"campaign", "AUCTION_CAMPAIGN", "campaign_id", kCampaign},
                                  {"advertiser", "AUCTION_ADVERTISER", "advertiser_id", kAdvertiser}};

absl::StatusOr<std::vector<const Account*>> AccountsOf(const DataSet& data_set, const TruthExtract& extract) {
  std::vector<const Account*> accounts;
  if (extract.advertisers.empty()) {
    for (size_t i = 0; i < data_set.size(); ++i) accounts.push_back(&data_set.At(i));
    return accounts;
  }
  for (const std::string& text : extract.advertisers) {
    const std::optional<uint64_t> id = ParseId(text);
    const Account* account = id ? data_set.Find(*id) : nullptr;
    if (account == nullptr) return Bad(extract, absl::StrCat("no advertiser ", text));
    accounts.push_back(account);
  }
  return accounts;
}

absl::string_view TypeOf(const Metric& metric) {
  if (metric.kind == MetricKind::kText) return "TEXT";
  return metric.kind == MetricKind::kDecimal ? "REAL" : "INTEGER";
}

void WriteCell(const Cell& cell, const Metric& metric, SqliteWriter& out) {
  switch (cell.kind) {
    case Cell::Kind::kText:
      return out.Text(cell.text);
    case Cell::Kind::kWhole:
    case Cell::Kind::kFlag:
      return metric.kind == MetricKind::kDecimal ? out.Real(static_cast<double>(cell.number))
                                                 : out.Integer(cell.number);
    case Cell::Kind::kDecimal:
      return out.Real(FixedToDouble(cell.number, cell.places));
    default:
      return out.Null();
  }
}

// One report table.
class ReportTable {
 public:
  ReportTable(const TruthExtract& extract, absl::Time now, SqliteWriter& out)
      : extract_(extract), moment_(ReportMoment(now)), out_(out) {}

  absl::Status Write(const std::vector<const Account*>& accounts) {
    RETURN_IF_ERROR(Prepare());
    Columns columns;
    columns.Add("advertiser_id", "TEXT");
    for (const Dimension* dimension : query_.dimensions) {
      dimension_columns_.push_back(columns.Add(dimension->name, "TEXT"));
    }
    for (const Metric* metric : query_.metrics) metric_columns_.push_back(columns.Add(metric->name, TypeOf(*metric)));
    RETURN_IF_ERROR(out_.BeginTable(extract_.table, columns.list()));
    for (const Account* account : accounts) RETURN_IF_ERROR(WriteAccount(*account));
    return absl::OkStatus();
  }

 private:
  absl::Status Prepare() {
    const LevelNames* level = nullptr;
    for (const LevelNames& known : kLevels) {
      if (known.name == extract_.level) level = &known;
    }
    if (level == nullptr) return Bad(extract_, "level must be ad, ad_group, campaign or advertiser");
    ShapeRequest shape;
    shape.report_type = extract_.stream == "audience_report" ? "AUDIENCE" : "BASIC";
    shape.data_level = std::string(level->data_level);
    shape.dimensions = extract_.dimensions;
    const bool named = std::find_if(shape.dimensions.begin(), shape.dimensions.end(), [](const std::string& name) {
                         return absl::StartsWith(name, "ad_id") || name == "adgroup_id" || name == "campaign_id" ||
                                name == "advertiser_id";
                       }) != shape.dimensions.end();
    if (!named) shape.dimensions.insert(shape.dimensions.begin(), std::string(level->id));
    // A request carries at most 100 metrics, a table may have more.
    for (size_t i = 0; i < std::max<size_t>(1, extract_.metrics.size()); i += 100) {
      const size_t end = std::min(extract_.metrics.size(), i + 100);
      shape.metrics.assign(extract_.metrics.begin() + static_cast<long>(i),
                           extract_.metrics.begin() + static_cast<long>(end));
      ReportQuery part;
      if (const auto refusal = FillShape(shape, part)) return Bad(extract_, refusal->message);
      if (i == 0) query_ = part;
      if (i > 0) query_.metrics.insert(query_.metrics.end(), part.metrics.begin(), part.metrics.end());
    }
    const StatusFilter status = extract_.include_deleted ? StatusFilter::kAll : StatusFilter::kNotDeleted;
    if (level->level == kAd) query_.filter.ad_status = status;
    if (level->level == kAdGroup) query_.filter.group_status = status;
    if (level->level == kCampaign) query_.filter.campaign_status = status;
    return absl::OkStatus();
  }

  absl::Status WriteAccount(const Account& account) {
    const int64_t today = DayNumber(DayIn(account.zone, moment_));
    ASSIGN_OR_RETURN(query_.first_day, DayOf(extract_.first_day, 0));
    ASSIGN_OR_RETURN(query_.last_day, DayOf(extract_.last_day, today));
    const ReportData data(query_, {&account}, moment_, std::numeric_limits<size_t>::max());
    RowValues values(data);
    std::string text;
    for (const RowKey& row : data.rows()) {
      values.Load(row);
      out_.Text(account.id_text);
      for (size_t i = 0; i < query_.dimensions.size(); ++i) {
        if (!dimension_columns_[i]) continue;
        text.clear();
        values.AppendDimension(i, text);
        out_.Text(query_.dimensions[i]->kind == DimensionKind::kDay ? absl::string_view(text).substr(0, 10) : text);
      }
      for (size_t i = 0; i < query_.metrics.size(); ++i) {
        if (metric_columns_[i]) WriteCell(values.Metric(i), *query_.metrics[i], out_);
      }
      RETURN_IF_ERROR(out_.EndRow());
    }
    return absl::OkStatus();
  }

  const TruthExtract& extract_;
  const absl::Time moment_;
  SqliteWriter& out_;
  ReportQuery query_;
  std::vector<bool> dimension_columns_, metric_columns_;
};

absl::Status WriteCategories(const TruthExtract& extract, const std::vector<const Account*>& accounts,
                             SqliteWriter& out) {
  RETURN_IF_ERROR(out.BeginTable(extract.table, {{"advertiser_id", "TEXT"},
                                                 {"interest_category_id", "TEXT"},
                                                 {"interest_category_name", "TEXT"},
                                                 {"level", "INTEGER"},
                                                 {"sub_category_ids", "TEXT"},
                                                 {"special_industries", "TEXT"},
                                                 {"placements", "TEXT"}}));
  for (const Account* account : accounts) {
    for (const Category& category : CategoriesOf(*account, 2, "en")) {
      out.Text(account->id_text);
      out.Text(category.id);
      out.Text(category.name);
      out.Integer(category.level);
      out.Text(JsonList(category.children));
      out.Text(JsonList(category.special_industries));
      out.Text(JsonList(category.placements));
      RETURN_IF_ERROR(out.EndRow());
    }
  }
  return absl::OkStatus();
}

absl::Status WriteExtract(const DataSet& data_set, const TruthExtract& extract, absl::Time now, SqliteWriter& out) {
  ASSIGN_OR_RETURN(const std::vector<const Account*> accounts, AccountsOf(data_set, extract));
  if (extract.stream == "basic_report" || extract.stream == "audience_report") {
    return ReportTable(extract, now, out).Write(accounts);
  }
  if (extract.stream == "interest_categories") return WriteCategories(extract, accounts, out);
  return WriteList(data_set, extract, accounts, now, out);
}

}  // namespace

absl::Status ExportTruth(const DataSet& data_set, absl::Time now, absl::string_view spec_json,
                         const std::string& file) {
  ASSIGN_OR_RETURN(const std::vector<TruthExtract> extracts, ParseTruthSpec(spec_json));
  ASSIGN_OR_RETURN(const std::unique_ptr<SqliteWriter> out, SqliteWriter::Create(file));
  for (const TruthExtract& extract : extracts) RETURN_IF_ERROR(WriteExtract(data_set, extract, now, *out));
  return out->Finish();
}

}  // namespace tikhaul::simulator
