#include "cli/csv/ads_manager_csv.h"

#include <algorithm>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/civil.h"
#include "common/base/status_macros.h"
#include "common/csv/csv_reader.h"

namespace tikhaul {
namespace {

// What a column of the export stands for. Names of metrics are the API's.
struct KnownHead {
  absl::string_view head;
  absl::string_view meaning;
};
constexpr KnownHead kDayHeads[] = {{"by day", ""}, {"date", ""}, {"day", ""}, {"stat_time_day", ""}};
constexpr KnownHead kIdHeads[] = {{"ad id", "ad_id"},
                                  {"ad_id", "ad_id"},
                                  {"ad group id", "adgroup_id"},
                                  {"adgroup_id", "adgroup_id"},
                                  {"campaign id", "campaign_id"},
                                  {"campaign_id", "campaign_id"},
                                  {"account id", "advertiser_id"},
                                  {"advertiser id", "advertiser_id"},
                                  {"advertiser_id", "advertiser_id"}};
constexpr KnownHead kMetricHeads[] = {
    {"cost", "spend"},
    {"spend", "spend"},
    {"total cost", "spend"},
    {"impressions", "impressions"},
    {"clicks", "clicks"},
    {"clicks (destination)", "clicks"},
    {"conversions", "conversion"},
    {"conversion", "conversion"},
    {"real-time conversions", "real_time_conversion"},
    {"video views", "video_play_actions"},
    {"2-second video views", "video_watched_2s"},
    {"6-second video views", "video_watched_6s"},
    {"video views at 25%", "video_views_p25"},
    {"video views at 50%", "video_views_p50"},
    {"video views at 75%", "video_views_p75"},
    {"video views at 100%", "video_views_p100"},
    {"paid likes", "likes"},
    {"likes", "likes"},
    {"paid comments", "comments"},
    {"comments", "comments"},
    {"paid shares", "shares"},
    {"shares", "shares"},
    {"paid followers", "follows"},
    {"follows", "follows"},
};
// Fine to coarse.
constexpr KnownHead kLevels[] = {
    {"ad_id", "ad"}, {"adgroup_id", "ad_group"}, {"campaign_id", "campaign"}, {"advertiser_id", "advertiser"}};

template <size_t N>
std::optional<std::string> Meaning(const KnownHead (&heads)[N], absl::string_view head) {
  for (const KnownHead& known : heads) {
    if (known.head == head) return std::string(known.meaning);
  }
  return std::nullopt;
}

bool IsUtf8(absl::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    size_t more = 0;
    if (lead >= 0x80) more = lead < 0xc2 ? 4 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : lead < 0xf5 ? 3 : 4;
    if (more == 4 || text.size() - i <= more) return false;
    for (size_t k = 1; k <= more; ++k) {
      if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
    }
    i += more + 1;
  }
  return true;
}

// "1,234.50" without its separators; nothing when they do not stand before groups of three digits.
std::optional<std::string> WithoutThousands(absl::string_view text) {
  if (!absl::StrContains(text, ',')) return std::string(text);
  const size_t point = std::min(text.find('.'), text.size());
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != ',') {
      plain += text[i];
      continue;
    }
    const bool digit_before = i > 0 && absl::ascii_isdigit(static_cast<unsigned char>(text[i - 1]));
    if (!digit_before || i > point || (point - i) % 4 != 0) return std::nullopt;
  }
  return plain;
}

class Reader {
 public:
  Reader(const CsvReading& reading, AdsManagerCsv& csv) : reading_(reading), csv_(csv) {
    for (const auto& [head, metric] : reading.heads) own_heads_[absl::AsciiStrToLower(head)] = metric;
  }

  absl::Status Record(const std::vector<absl::string_view>& fields) {
    const uint64_t line = line_++;
    for (const absl::string_view field : fields)
      line_ += static_cast<uint64_t>(std::count(field.begin(), field.end(), '\n'));
    if (columns_.empty()) return Heads(fields);
    if (total_line_ > 0) {
      return Problem(total_line_, 0, "a total stands in front of other rows: it is understood only as the last one");
    }
    return Row(line, fields);
  }

  absl::Status Problem(uint64_t line, size_t column, absl::string_view what) const {
    std::string place = absl::StrCat(reading_.name, ":", line);
    if (column > 0) absl::StrAppend(&place, ", column ", column, " (\"", columns_[column - 1].head, "\")");
    return absl::InvalidArgumentError(absl::StrCat(place, ": ", what));
  }

 private:
  enum class Kind { kIgnored, kDay, kId, kMetric };
  struct Column {
    std::string head;
    Kind kind = Kind::kIgnored;
    std::string name;
  };

  Column ColumnOf(absl::string_view head) const {
    const std::string key = absl::AsciiStrToLower(absl::StripAsciiWhitespace(head));
    Column column{.head = std::string(head), .kind = Kind::kIgnored, .name = {}};
    if (const auto own = own_heads_.find(key); own != own_heads_.end()) {
      column.kind = Kind::kMetric;
      column.name = own->second;
    } else if (Meaning(kDayHeads, key).has_value()) {
      column.kind = Kind::kDay;
    } else if (const auto id = Meaning(kIdHeads, key); id.has_value()) {
      column.kind = Kind::kId;
      column.name = *id;
    } else if (const auto metric = Meaning(kMetricHeads, key); metric.has_value()) {
      column.kind = Kind::kMetric;
      column.name = *metric;
    }
    return column;
  }

  absl::Status Heads(const std::vector<absl::string_view>& fields) {
    std::set<std::pair<Kind, std::string>> seen;
    for (const absl::string_view field : fields) {
      columns_.push_back(ColumnOf(field));
      const Column& column = columns_.back();
      if (column.kind == Kind::kIgnored) {
        csv_.ignored.push_back(column.head);
        continue;
      }
      if (!seen.insert({column.kind, column.name}).second) {
        return Problem(
            1, columns_.size(),
            absl::StrCat("another column stands for ", column.name.empty() ? "the day" : column.name, ", too"));
      }
      if (column.kind == Kind::kMetric) csv_.metrics.push_back(column.name);
      if (column.kind == Kind::kDay) csv_.by_day = true;
    }
    if (csv_.metrics.empty()) {
      return Problem(1, 0, "none of its columns is a known metric; name them with --map \"Head=metric\"");
    }
    return FindLevel(seen);
  }

  absl::Status FindLevel(const std::set<std::pair<Kind, std::string>>& seen) {
    csv_.level = reading_.level.empty() ? "advertiser" : reading_.level;
    for (const KnownHead& level : kLevels) {
      const bool there = seen.contains({Kind::kId, std::string(level.head)});
      if (!there || (!reading_.level.empty() && reading_.level != level.meaning)) continue;
      csv_.level = std::string(level.meaning);
      csv_.id_column = std::string(level.head);
      return absl::OkStatus();
    }
    if (csv_.level == "advertiser") return absl::OkStatus();
    return Problem(1, 0, absl::StrCat("it has no id column of level ", csv_.level, "; export it with that column"));
  }

  absl::Status Row(uint64_t line, const std::vector<absl::string_view>& fields) {
    if (absl::StartsWithIgnoreCase(absl::StripAsciiWhitespace(fields[0]), "total")) {
      total_line_ = line;
      return absl::OkStatus();
    }
    CsvRow row{.line = line, .id = {}, .day = {}, .figures = {}};
    for (size_t i = 0; i < columns_.size(); ++i) {
      const absl::string_view cell = absl::StripAsciiWhitespace(fields[i]);
      const Column& column = columns_[i];
      if (column.kind == Kind::kDay) RETURN_IF_ERROR(ReadDay(line, i + 1, cell, row));
      if (column.kind == Kind::kId && column.name == csv_.id_column) RETURN_IF_ERROR(ReadId(line, i + 1, cell, row));
      if (column.kind == Kind::kMetric) RETURN_IF_ERROR(ReadFigure(line, i + 1, cell, row));
    }
    csv_.rows.push_back(std::move(row));
    return absl::OkStatus();
  }

  absl::Status ReadDay(uint64_t line, size_t column, absl::string_view cell, CsvRow& row) const {
    if (absl::EndsWith(cell, " 00:00:00")) cell.remove_suffix(9);
    const absl::StatusOr<absl::CivilDay> day = ParseDay(cell);
    if (!day.ok()) return Problem(line, column, absl::StrCat("\"", cell, "\" is no day of the form YYYY-MM-DD"));
    row.day = *day;
    return absl::OkStatus();
  }

  absl::Status ReadId(uint64_t line, size_t column, absl::string_view cell, CsvRow& row) const {
    const bool digits = std::all_of(cell.begin(), cell.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (cell.empty() || !digits) {
      return Problem(line, column,
                     absl::StrCat("\"", cell, "\" is no id",
                                  absl::StrContains(cell, 'E') || absl::StrContains(cell, 'e')
                                      ? ": a spreadsheet program has rounded it; use the file as it was exported"
                                      : ""));
    }
    row.id = std::string(cell);
    return absl::OkStatus();
  }

  absl::Status ReadFigure(uint64_t line, size_t column, absl::string_view cell, CsvRow& row) const {
    if (cell.empty() || cell == "-") return absl::OkStatus();
    const std::optional<std::string> plain = WithoutThousands(cell);
    const std::optional<Decimal> value = plain.has_value() ? ParseDecimal(*plain) : std::nullopt;
    if (!value.has_value()) return Problem(line, column, absl::StrCat("\"", cell, "\" is no figure"));
    row.figures[columns_[column - 1].name] = DecimalSum(*value);
    return absl::OkStatus();
  }

  const CsvReading& reading_;
  AdsManagerCsv& csv_;
  std::map<std::string, std::string> own_heads_;
  std::vector<Column> columns_;
  uint64_t line_ = 1;
  uint64_t total_line_ = 0;
};

}  // namespace

absl::StatusOr<AdsManagerCsv> ReadAdsManagerCsv(absl::string_view text, const CsvReading& reading) {
  if (!IsUtf8(text))
    return absl::InvalidArgumentError(absl::StrCat(reading.name, " is not UTF-8: export it as CSV (UTF-8)"));
  AdsManagerCsv csv;
  Reader reader(reading, csv);
  CsvReader records;
  const auto take = [&](const std::vector<absl::string_view>& fields) { return reader.Record(fields); };
  absl::Status status = records.Feed(text, take);
  if (status.ok()) status = records.Finish(take);
  if (absl::IsInvalidArgument(status)) return status;
  if (!status.ok()) return absl::InvalidArgumentError(absl::StrCat(reading.name, ": ", status.message()));
  if (csv.metrics.empty()) return absl::InvalidArgumentError(absl::StrCat(reading.name, " is empty"));
  return csv;
}

}  // namespace tikhaul
