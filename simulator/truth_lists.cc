#include "simulator/truth_lists.h"

#include <algorithm>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "simulator/accounts_endpoint.h"
#include "simulator/asset_kinds.h"
#include "simulator/assets.h"
#include "simulator/entity_endpoint.h"
#include "simulator/gmv_max_report.h"

namespace tikhaul::simulator {
namespace {

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

// "YYYY-MM-DD HH:MM:SS", the same with T and Z, or a Unix time: as YYYY-MM-DDTHH:MM:SSZ.
std::string Instant(std::string text) {
  int64_t unix_seconds = 0;
  if (absl::SimpleAtoi(text, &unix_seconds)) text = FormatUtc(unix_seconds);
  return absl::StrCat(text.substr(0, 10), "T", text.substr(11, 8), "Z");
}

void WriteField(const std::string& json_text, FieldType type, SqliteWriter& out) {
  if (json_text.empty() || json_text == "null") return out.Null();
  switch (type) {
    case FieldType::kText:
    case FieldType::kTime: {
      const std::string text = json_text[0] == '"' ? nlohmann::json::parse(json_text).get<std::string>() : json_text;
      return out.Text(type == FieldType::kText ? text : Instant(text));
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

// The view's columns: advertiser, the own id, then the fields in their order.
absl::StatusOr<std::vector<const EntityField*>> EntityColumns(const TruthExtract& extract, const EntityView& view,
                                                              Columns& columns) {
  const absl::Span<const EntityField> all = FieldsOf(view);
  std::vector<const EntityField*> fields;
  const auto add = [&](const EntityField& field) {
    if (field.source == FieldSource::kAdvertiserId) return;
    if (columns.Add(field.name, TypeOf(field.type))) fields.push_back(&field);
  };
  columns.Add("advertiser_id", "TEXT");
  for (const EntityField& field : all) {
    if (extract.fields.empty() && !field.extra) add(field);
  }
  for (const std::string& name : extract.fields) {
    const auto it = std::find_if(all.begin(), all.end(), [&](const EntityField& field) { return field.name == name; });
    if (it == all.end()) return Bad(extract, absl::StrCat("no field ", name));
    add(*it);
  }
  return fields;
}

// All buying types, those that the phone app made among them.
absl::Status WriteEntities(const DataSet& data_set, const TruthExtract& extract, const EntityView& view,
                           const std::vector<const Account*>& accounts, int64_t now, SqliteWriter& out) {
  Columns columns;
  ASSIGN_OR_RETURN(const std::vector<const EntityField*> fields, EntityColumns(extract, view, columns));
  ASSIGN_OR_RETURN(const int64_t first_day, DayOf(extract.first_day, std::numeric_limits<int32_t>::min()));
  ASSIGN_OR_RETURN(const int64_t last_day, DayOf(extract.last_day, std::numeric_limits<int32_t>::max()));
  RETURN_IF_ERROR(out.BeginTable(extract.table, columns.list()));
  std::string text;
  for (const Account* account : accounts) {
    for (const uint32_t index : NewestFirst(*account, view.level)) {
      const Entity entity = EntityAt(*account, view.level, index);
      const int64_t day = entity.self->created / 86'400;
      if (!Shows(view, data_set.removals(), entity, now) || day < first_day || day > last_day) continue;
      if (!extract.include_deleted && IsDeleted(*entity.self, now)) continue;
      out.Text(account->id_text);
      for (const EntityField* field : fields) {
        text.clear();
        AppendField(entity, *field, now, text);
        WriteField(text, field->type, out);
      }
      RETURN_IF_ERROR(out.EndRow());
    }
  }
  return absl::OkStatus();
}

// Without signed addresses, which no two reads have in common.
absl::Status WriteAssets(const TruthExtract& extract, const AssetKind& kind,
                         const std::vector<const Account*>& accounts, int64_t now, SqliteWriter& out) {
  Columns columns;
  columns.Add("advertiser_id", "TEXT");
  std::vector<const AssetField*> fields;
  for (const AssetField& field : kind.fields) {
    if (field.kept && columns.Add(field.name, TypeOf(field.type))) fields.push_back(&field);
  }
  RETURN_IF_ERROR(out.BeginTable(extract.table, columns.list()));
  std::string text;
  for (const Account* account : accounts) {
    std::vector<Asset> assets = AssetsOf(*account, kind, now);
    if (kind.reach > 0 && assets.size() > static_cast<size_t>(kind.reach))
      assets.resize(static_cast<size_t>(kind.reach));
    for (const Asset& asset : assets) {
      out.Text(account->id_text);
      for (const AssetField* field : fields) {
        text.clear();
        AppendAssetField(*account, kind, asset, *field, now, 0, text);
        WriteField(text, field->type, out);
      }
      RETURN_IF_ERROR(out.EndRow());
    }
  }
  return absl::OkStatus();
}

absl::Status WriteAccounts(const TruthExtract& extract, const std::vector<const Account*>& accounts,
                           SqliteWriter& out) {
  Columns columns;
  for (const InfoCell& cell : AdvertiserInfo(*accounts.front())) columns.Add(cell.name, TypeOf(cell.type));
  RETURN_IF_ERROR(out.BeginTable(extract.table, columns.list()));
  for (const Account* account : accounts) {
    for (const InfoCell& cell : AdvertiserInfo(*account)) WriteField(cell.json, cell.type, out);
    RETURN_IF_ERROR(out.EndRow());
  }
  return absl::OkStatus();
}

// By day; of all shops, or of those that the specification names.
absl::Status WriteGmvMax(const TruthExtract& extract, const std::vector<const Account*>& accounts, absl::Time now,
                         SqliteWriter& out) {
  if (extract.level != "campaign" && extract.level != "advertiser")
    return Bad(extract, "level must be campaign or advertiser");
  const bool by_campaign = extract.level == "campaign";
  Columns columns;
  columns.Add("advertiser_id", "TEXT");
  columns.Add("stat_time_day", "TEXT");
  if (by_campaign) columns.Add("campaign_id", "TEXT");
  for (const GmvMaxMetric& metric : GmvMaxMetrics()) columns.Add(metric.name, TypeOf(metric.type));
  ASSIGN_OR_RETURN(const int64_t first_day, DayOf(extract.first_day, 0));
  ASSIGN_OR_RETURN(const int64_t last_day, DayOf(extract.last_day, std::numeric_limits<int32_t>::max()));
  RETURN_IF_ERROR(out.BeginTable(extract.table, columns.list()));
  for (const Account* account : accounts) {
    for (const int store : {0, 1}) {
      const auto& wanted = extract.stores;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), StoreId(*account, store)) == wanted.end())
        continue;
      for (const GmvMaxRow& row : GmvMaxRows(*account, {store, by_campaign, first_day, last_day}, now)) {
        out.Text(account->id_text);
        out.Text(FormatDay(DayFromNumber(row.day)));
        if (by_campaign) out.Text(row.id);
        for (const GmvMaxMetric& metric : GmvMaxMetrics()) {
          const std::string text = GmvMaxText(*account, row, metric.name);
          WriteField(text == "-" ? "" : text, metric.type, out);
        }
        RETURN_IF_ERROR(out.EndRow());
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status Bad(const TruthExtract& extract, absl::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat("truth table ", extract.table, ": ", what));
}

absl::StatusOr<int64_t> DayOf(const std::string& text, int64_t fallback) {
  if (text.empty()) return fallback;
  ASSIGN_OR_RETURN(const absl::CivilDay day, ParseDay(text));
  return DayNumber(day);
}

absl::Status WriteList(const DataSet& data_set, const TruthExtract& extract,
                       const std::vector<const Account*>& accounts, absl::Time now, SqliteWriter& out) {
  const int64_t seconds = absl::ToUnixSeconds(now);
  if (extract.stream == "advertiser_info") return WriteAccounts(extract, accounts, out);
  if (extract.stream == "gmv_max_report") return WriteGmvMax(extract, accounts, now, out);
  for (const EntityView& view : EntityViews()) {
    if (view.stream == extract.stream) return WriteEntities(data_set, extract, view, accounts, seconds, out);
  }
  if (const AssetKind* kind = FindAssetStream(extract.stream))
    return WriteAssets(extract, *kind, accounts, seconds, out);
  return Bad(extract, absl::StrCat("unknown stream ", extract.stream));
}

}  // namespace tikhaul::simulator
