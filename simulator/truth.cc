#include "simulator/truth.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "simulator/categories.h"
#include "simulator/entity_fields.h"
#include "simulator/entity_values.h"
#include "simulator/object_values.h"
#include "simulator/param_reader.h"
#include "simulator/report_endpoint.h"
#include "simulator/report_values.h"
#include "simulator/sqlite_writer.h"
#include "simulator/truth_spec.h"

namespace tikhaul::simulator {
namespace {

struct LevelNames {
  absl::string_view name, stream, data_level, id;
  Level level;
};
constexpr LevelNames kLevels[] = {{"ad", "adverts", "AUCTION_AD", "ad_id", kAd},
                                  {"ad_group", "ad_groups", "AUCTION_ADGROUP", "adgroup_id", kAdGroup},
                                  {"campaign", "campaigns", "AUCTION_CAMPAIGN", "campaign_id", kCampaign},
                                  {"advertiser", "", "AUCTION_ADVERTISER", "advertiser_id", kAdvertiser}};

absl::Status Bad(const TruthExtract& extract, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("truth table ", extract.table, ": ", what));
}

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

// Days since 1970; `fallback` for an empty text.
absl::StatusOr<int64_t> DayOf(const std::string& text, int64_t fallback) {
  if (text.empty()) return fallback;
  ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(text));
  return DayNumber(day);
}

// Columns in order, each name once.
class Columns {
 public:
  bool Add(absl::string_view name, absl::string_view type) {
    if (!names_.insert(std::string(name)).second) return false;
    list_.push_back({std::string(name), type});
    return true;
  }
  const std::vector<TruthColumn>& list() const { return list_; }

 private:
  std::set<std::string> names_;
  std::vector<TruthColumn> list_;
};

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

absl::string_view TypeOf(FieldType type) {
  switch (type) {
    case FieldType::kNumber:
      return "REAL";
    case FieldType::kInteger:
    case FieldType::kId:
    case FieldType::kFlag:
      return "INTEGER";
    default:
      return "TEXT";
  }
}

void WriteField(const std::string& json_text, FieldType type, SqliteWriter& out) {
  if (json_text.empty() || json_text == "null") return out.Null();
  switch (type) {
    case FieldType::kText:
    case FieldType::kTime: {
      const std::string text = json_text[0] == '"' ? nlohmann::json::parse(json_text).get<std::string>() : json_text;
      if (type == FieldType::kText) return out.Text(text);
      return out.Text(absl::StrCat(text.substr(0, 10), "T", text.substr(11), "Z"));
    }
    case FieldType::kNumber:
      return out.Real(std::strtod(json_text.c_str(), nullptr));
    case FieldType::kInteger:
    case FieldType::kId:
      return out.Integer(std::strtoll(json_text.c_str(), nullptr, 10));
    case FieldType::kFlag:
      return out.Integer(json_text == "true" || json_text == "1" ? 1 : 0);
    case FieldType::kJson:
      return out.Text(json_text);
  }
}

// adverts, ad_groups, campaigns: all buying types, without those that the phone app made.
absl::Status WriteEntities(const TruthExtract& extract, const LevelNames& level,
                           const std::vector<const Account*>& accounts, absl::Time now, SqliteWriter& out) {
  Columns columns;
  std::vector<const EntityField*> fields;
  const auto add = [&](const EntityField& field) {
    if (columns.Add(field.name, TypeOf(field.type))) fields.push_back(&field);
  };
  const absl::Span<const EntityField> all = EntityFields(level.level);
  for (absl::string_view first : {absl::string_view("advertiser_id"), level.id}) {
    for (const EntityField& field : all) {
      if (field.name == first) add(field);
    }
  }
  for (const EntityField& field : all) {
    if (extract.fields.empty() && !field.extra) add(field);
  }
  for (const std::string& name : extract.fields) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const EntityField& field) { return field.name == name; });
    if (it == all.end()) return Bad(extract, absl::StrCat("no field ", name));
    add(*it);
  }
  ASSIGN_OR_RETURN(const int64_t first_day, DayOf(extract.first_day, std::numeric_limits<int32_t>::min()));
  ASSIGN_OR_RETURN(const int64_t last_day, DayOf(extract.last_day, std::numeric_limits<int32_t>::max()));
  RETURN_IF_ERROR(out.BeginTable(extract.table, columns.list()));
  const int64_t seconds = absl::ToUnixSeconds(now);
  std::string text;
  for (const Account* account : accounts) {
    for (const uint32_t index : NewestFirst(*account, level.level)) {
      const Entity entity = EntityAt(*account, level.level, index);
      const Object& self = *entity.self;
      const int64_t day = self.created / 86'400;
      if (!Exists(self, seconds) || self.promote || day < first_day || day > last_day) continue;
      if (!extract.include_deleted && IsDeleted(self, seconds)) continue;
      for (const EntityField* field : fields) {
        text.clear();
        AppendField(entity, *field, seconds, text);
        WriteField(text, field->type, out);
      }
      RETURN_IF_ERROR(out.EndRow());
    }
  }
  return absl::OkStatus();
}

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
  for (const LevelNames& level : kLevels) {
    if (level.stream == extract.stream && !level.stream.empty())
      return WriteEntities(extract, level, accounts, now, out);
  }
  return Bad(extract, absl::StrCat("unknown stream ", extract.stream));
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
