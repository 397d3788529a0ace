#include "worker/row_decoder.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/base/decimal.h"
#include "common/base/status_macros.h"
#include "common/wire/column_groups.h"
#include "common/wire/row_batch_wire.h"
#include "simdjson.h"
#include "worker/cell_values.h"
#include "worker/member_table.h"
#include "worker/row_builder.h"

namespace tikhaul {
namespace {

using simdjson::error_code;
namespace ondemand = simdjson::ondemand;

absl::Status Malformed(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the answer does not parse: ", what));
}
absl::Status Malformed(error_code error) { return Malformed(simdjson::error_message(error)); }

// Left by a simdjson call: SUCCESS or why the JSON is not sound.
#define RETURN_IF_MALFORMED(expr)                                                                            \
  do {                                                                                                       \
    if (const error_code json_error = (expr); json_error != simdjson::SUCCESS) return Malformed(json_error); \
  } while (false)

// The packaged abseil has a string_view of its own.
absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

bool HasBackslash(absl::string_view text) { return std::memchr(text.data(), '\\', text.size()) != nullptr; }

bool HasBlanks(absl::string_view text) { return text.find_first_of(" \t\r\n") != absl::string_view::npos; }

// Rows go by member name; which object of the row a column's member stands in.
struct Tables {
  MemberTable dimensions, metrics, fields;
};

constexpr size_t kLeftOut = SIZE_MAX;  // in place of a column: the member is known and not kept

absl::Status AddColumn(const v1::ColumnPlan& plan, size_t column, Tables* tables) {
  MemberTable* table = nullptr;
  if (plan.source() == v1::ColumnPlan::SOURCE_DIMENSION) table = &tables->dimensions;
  if (plan.source() == v1::ColumnPlan::SOURCE_METRIC) table = &tables->metrics;
  if (plan.source() == v1::ColumnPlan::SOURCE_FIELD) table = &tables->fields;
  if (table == nullptr || plan.member().empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the read plan does not say where column ", plan.name(), " comes from"));
  }
  table->Add(plan.member(), column, false);
  for (const std::string& alias : plan.aliases()) table->Add(alias, column, true);
  return absl::OkStatus();
}

}  // namespace

class RowDecoder::Impl {
 public:
  Impl(std::string rows_member, Tables tables, std::vector<ColumnRule> columns, DecoderOptions options)
      : rows_member_(std::move(rows_member)), tables_(std::move(tables)), builder_(std::move(columns), options) {}

  absl::StatusOr<DecodedPage> Decode(std::string& body) {
    if (body.capacity() < body.size() + simdjson::SIMDJSON_PADDING)
      body.reserve(body.size() + simdjson::SIMDJSON_PADDING);
    end_ = body.data() + body.size();
    DecodedPage page;
    builder_.Begin(&page);
    ondemand::document document;
    RETURN_IF_MALFORMED(parser_.iterate(body.data(), body.size(), body.capacity()).get(document));
    ondemand::object root;
    RETURN_IF_MALFORMED(document.get_object().get(root));
    bool has_data = false;
    for (auto member : root) {
      ondemand::field field;
      RETURN_IF_MALFORMED(std::move(member).get(field));
      if (field.key() == "data") {
        has_data = true;
        RETURN_IF_ERROR(ReadData(field.value(), &page));
      }
    }
    if (document.current_location().error() == simdjson::SUCCESS) return Malformed("something follows the JSON object");
    if (!has_data) return Malformed("there is no member \"data\"");
    builder_.Finish();
    return page;
  }

 private:
  absl::Status ReadData(ondemand::value value, DecodedPage* page) {
    ondemand::object data;
    RETURN_IF_MALFORMED(value.get_object().get(data));
    bool has_rows = false;
    for (auto member : data) {
      ondemand::field field;
      RETURN_IF_MALFORMED(std::move(member).get(field));
      std::string_view name;
      RETURN_IF_MALFORMED(field.unescaped_key().get(name));
      if (name == rows_member_) {
        has_rows = true;
        RETURN_IF_ERROR(ReadRows(field.value()));
      } else if (name == "page_info") {
        RETURN_IF_ERROR(ReadPageInfo(field.value(), page));
      }
    }
    // Some endpoints leave the member out where there are no rows.
    if (has_rows || (page->page_info.has_value() && page->page_info->total_number == 0)) return absl::OkStatus();
    return Malformed(absl::StrCat("there is no member \"data.", rows_member_, "\""));
  }

  absl::Status ReadPageInfo(ondemand::value value, DecodedPage* page) {
    if (Token(value) == "null") return absl::OkStatus();
    ondemand::object object;
    RETURN_IF_MALFORMED(value.get_object().get(object));
    PageInfo info;
    for (auto member : object) {
      ondemand::field field;
      RETURN_IF_MALFORMED(std::move(member).get(field));
      int64_t* target = nullptr;
      if (field.key() == "page") target = &info.page;
      if (field.key() == "page_size") target = &info.page_size;
      if (field.key() == "total_number") target = &info.total_number;
      if (field.key() == "total_page") target = &info.total_page;
      if (target == nullptr) continue;
      absl::string_view digits = Token(field.value());
      if (digits.size() >= 2 && digits.front() == '"') digits = digits.substr(1, digits.size() - 2);
      const std::optional<int64_t> number = ParseWhole(digits);
      if (!number.has_value() || *number < 0) return Malformed("page_info does not hold whole numbers");
      *target = *number;
    }
    page->page_info = info;
    return absl::OkStatus();
  }

  absl::Status ReadRows(ondemand::value value) {
    if (Token(value) == "null") return absl::OkStatus();
    ondemand::array rows;
    RETURN_IF_MALFORMED(value.get_array().get(rows));
    for (auto element : rows) {
      ondemand::object row;
      RETURN_IF_MALFORMED(element.get_object().get(row));
      builder_.ResetRow();
      RETURN_IF_ERROR(ReadRow(row));
      RETURN_IF_ERROR(builder_.CloseRow());
    }
    return absl::OkStatus();
  }

  // The top level of a row; report rows keep their cells one level below.
  absl::Status ReadRow(ondemand::object& row) {
    size_t place = 0;
    for (auto member : row) {
      ondemand::field field;
      RETURN_IF_MALFORMED(std::move(member).get(field));
      MemberTable* nested = nullptr;
      if (!tables_.dimensions.empty() && field.key() == "dimensions") nested = &tables_.dimensions;
      if (!tables_.metrics.empty() && field.key() == "metrics") nested = &tables_.metrics;
      if (nested == nullptr) {
        RETURN_IF_ERROR(ReadMember(field, &tables_.fields, place++));
      } else if (Token(field.value()) != "null") {
        ondemand::object object;
        RETURN_IF_MALFORMED(field.value().get_object().get(object));
        RETURN_IF_ERROR(ReadMembers(object, nested));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ReadMembers(ondemand::object& object, MemberTable* table) {
    size_t place = 0;
    for (auto member : object) {
      ondemand::field field;
      RETURN_IF_MALFORMED(std::move(member).get(field));
      RETURN_IF_ERROR(ReadMember(field, table, place++));
    }
    return absl::OkStatus();
  }

  absl::Status ReadMember(ondemand::field& field, MemberTable* table, size_t place) {
    const char* start = field.key().raw();
    if (const MemberTable::Entry* entry = table->Expect({start, static_cast<size_t>(end_ - start)}, place);
        entry != nullptr) {
      return Store(entry, absl::string_view(start - 1, entry->name.size() + 2), entry->name, field.value());
    }
    const absl::string_view raw_key(start, static_cast<const char*>(std::memchr(start, '"', end_ - start)) - start);
    if (HasBackslash(raw_key)) return ReadOddMember(field, table, place);
    return Store(table->Find(raw_key, place), absl::string_view(start - 1, raw_key.size() + 2), raw_key, field.value());
  }

  // The same for a name with escapes.
  absl::Status ReadOddMember(ondemand::field& field, MemberTable* table, size_t place) {
    const char* start = field.key().raw() - 1;
    const absl::string_view rest(start, end_ - start);
    size_t end = 1;
    while (end < rest.size() && rest[end] != '"') end += rest[end] == '\\' ? 2 : 1;
    std::string_view name;
    RETURN_IF_MALFORMED(field.unescaped_key().get(name));
    return Store(table->Find(View(name), place), rest.substr(0, end + 1), View(name), field.value());
  }

  absl::Status Store(const MemberTable::Entry* entry, absl::string_view quoted_name, absl::string_view name,
                     ondemand::value& value) {
    if (entry != nullptr && entry->column == kLeftOut) return absl::OkStatus();
    JsonCell cell;
    cell.quoted_name = quoted_name;
    RETURN_IF_ERROR(ReadCell(value, &cell));
    if (entry == nullptr) {
      builder_.AddUnknown(name, cell);
      return absl::OkStatus();
    }
    cell.alias = entry->alias;
    const JsonCell& there = builder_.cell(entry->column);
    if (there.kind != JsonCell::kMissing) {
      // The column's member came under two names: its own counts, and the other value is not lost.
      const bool replaces = there.alias && !cell.alias;
      const JsonCell& other = replaces ? there : cell;
      builder_.AddUnknown(other.quoted_name.substr(1, other.quoted_name.size() - 2), other);
      if (!replaces) return absl::OkStatus();
    }
    builder_.Set(entry->column, cell);
    return absl::OkStatus();
  }

  absl::Status ReadCell(ondemand::value& value, JsonCell* cell) {
    cell->token = Token(value);
    const char first = cell->token.empty() ? '\0' : cell->token.front();
    if (first == '"') {
      cell->kind = JsonCell::kString;
      if (cell->token.size() < 2) return Malformed("a string does not end");
      cell->text = cell->token.substr(1, cell->token.size() - 2);
      if (!HasBackslash(cell->text)) return absl::OkStatus();
      std::string_view text;
      RETURN_IF_MALFORMED(value.get_string().get(text));
      cell->text = View(text);
      return absl::OkStatus();
    }
    if (first == '{' || first == '[') {
      cell->kind = JsonCell::kNested;
      return ReadNested(value, first, cell);
    }
    cell->kind = JsonCell::kAtom;
    return IsJsonAtom(cell->token) ? absl::OkStatus() : Malformed("a value is neither a word of JSON nor a number");
  }

  absl::Status ReadNested(ondemand::value& value, char first, JsonCell* cell) {
    std::string_view text;
    if (first == '{') {
      ondemand::object object;
      RETURN_IF_MALFORMED(value.get_object().get(object));
      RETURN_IF_MALFORMED(object.raw_json().get(text));
    } else {
      ondemand::array array;
      RETURN_IF_MALFORMED(value.get_array().get(array));
      RETURN_IF_MALFORMED(array.raw_json().get(text));
    }
    cell->token = absl::StripTrailingAsciiWhitespace(View(text));
    // Only brackets have been looked at so far. What is stored must be sound JSON.
    RETURN_IF_MALFORMED(checker_.parse(cell->token.data(), cell->token.size(), /*realloc_if_needed=*/false).error());
    if (HasBlanks(cell->token)) cell->token = Compact(cell->token);
    return absl::OkStatus();
  }

  // Without blanks between tokens. Written over the answer itself: compact text is never longer, and the bytes have
  // been read.
  absl::string_view Compact(absl::string_view json) {
    compact_.resize(json.size() + simdjson::SIMDJSON_PADDING);
    size_t length = 0;
    if (simdjson::minify(json.data(), json.size(), compact_.data(), length) != simdjson::SUCCESS) return json;
    char* target = const_cast<char*>(json.data());
    std::memcpy(target, compact_.data(), length);
    return {target, length};
  }

  // The JSON text of a scalar, or the bracket of something larger.
  static absl::string_view Token(ondemand::value& value) {
    const absl::string_view token = View(value.raw_json_token());
    if (!token.empty() && token.back() > ' ') return token;  // compact JSON has no blanks
    return absl::StripTrailingAsciiWhitespace(token);
  }

  const std::string rows_member_;
  Tables tables_;
  RowBuilder builder_;
  ondemand::parser parser_;
  simdjson::dom::parser checker_;
  std::string compact_;
  const char* end_ = nullptr;
};

RowDecoder::RowDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowDecoder::RowDecoder(RowDecoder&&) noexcept = default;
RowDecoder& RowDecoder::operator=(RowDecoder&&) noexcept = default;
RowDecoder::~RowDecoder() = default;

absl::StatusOr<RowDecoder> RowDecoder::Make(const v1::ReadPlan& plan, uint32_t group, DecoderOptions options) {
  if (plan.rows_member().empty()) return absl::InvalidArgumentError("the read plan does not say where the rows are");
  Tables tables;
  std::vector<ColumnRule> rules;
  for (const v1::ColumnPlan* column : ColumnsOfGroup(plan, group)) {
    RETURN_IF_ERROR(AddColumn(*column, rules.size(), &tables));
    ASSIGN_OR_RETURN(ColumnRule rule, RuleOf(*column));
    rules.push_back(std::move(rule));
  }
  for (const std::string& member : plan.left_out()) tables.fields.Add(member, kLeftOut, false);
  return RowDecoder(std::make_unique<Impl>(plan.rows_member(), std::move(tables), std::move(rules), options));
}

absl::StatusOr<std::vector<RowDecoder>> RowDecoder::MakeAll(const v1::ReadPlan& plan) {
  std::vector<RowDecoder> decoders;
  for (uint32_t group = 0; group < GroupsOf(plan); ++group) {
    ASSIGN_OR_RETURN(RowDecoder decoder, Make(plan, group));
    decoders.push_back(std::move(decoder));
  }
  return decoders;
}

absl::StatusOr<DecodedPage> RowDecoder::Decode(std::string& body) { return impl_->Decode(body); }

}  // namespace tikhaul
