#include "worker/csv_decoder.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"
#include "simdjson.h"

namespace tikhaul {
namespace {

absl::Status Malformed(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("the report does not parse: ", what));
}

// `text` as a JSON string, quotes included.
void AppendJsonString(absl::string_view text, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  out->push_back('"');
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out->push_back('\\');
      out->push_back(c);
    } else if (byte < 0x20) {
      absl::StrAppend(out, "\\u00", absl::string_view(&kHex[byte >> 4], 1), absl::string_view(&kHex[byte & 15], 1));
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

// One column of the text.
struct Field {
  std::optional<size_t> column;  // of the plan; nothing: it does not know the head
  std::string name;
  std::string quoted_name;
};

}  // namespace

class CsvDecoder::Impl {
 public:
  Impl(absl::flat_hash_map<std::string, size_t> heads, std::vector<ColumnRule> rules, DecoderOptions options)
      : heads_(std::move(heads)),
        csv_(CsvLimits{.record_bytes = options.max_row_bytes}),
        builder_(std::move(rules), options) {
    builder_.Begin(&page_);
  }

  absl::Status Feed(absl::string_view text, std::vector<RowBatch>* batches) {
    const absl::Status status = csv_.Feed(text, [this](const auto& fields) { return Take(fields); });
    MoveBatches(batches);
    return status;
  }

  absl::Status Finish(std::vector<RowBatch>* batches) {
    RETURN_IF_ERROR(csv_.Finish([this](const auto& fields) { return Take(fields); }));
    if (fields_.empty()) return Malformed("it is empty, without so much as a head line");
    builder_.Finish();
    MoveBatches(batches);
    return absl::OkStatus();
  }

  const DecodedPage& page() const { return page_; }

 private:
  void MoveBatches(std::vector<RowBatch>* batches) {
    for (RowBatch& batch : page_.batches) batches->push_back(std::move(batch));
    page_.batches.clear();
  }

  absl::Status Take(const std::vector<absl::string_view>& fields) {
    for (const absl::string_view field : fields) {
      if (!simdjson::validate_utf8(field.data(), field.size())) {
        return Malformed(absl::StrCat("line ", csv_.records(), " is not UTF-8"));
      }
    }
    return fields_.empty() ? TakeHeads(fields) : TakeRow(fields);
  }

  absl::Status TakeHeads(const std::vector<absl::string_view>& heads) {
    std::vector<bool> there(builder_.columns().size(), false);
    for (const absl::string_view head : heads) {
      Field field;
      field.name = std::string(head);
      AppendJsonString(head, &field.quoted_name);
      if (const auto planned = heads_.find(head); planned != heads_.end()) {
        if (there[planned->second]) return Malformed(absl::StrCat("two columns stand for ", head));
        there[planned->second] = true;
        field.column = planned->second;
      }
      fields_.push_back(std::move(field));
    }
    for (size_t i = 0; i < there.size(); ++i) {
      if (!there[i]) return Malformed(absl::StrCat("no column is headed ", builder_.columns()[i].name));
    }
    tokens_.resize(fields_.size());
    return absl::OkStatus();
  }

  absl::Status TakeRow(const std::vector<absl::string_view>& values) {
    json_.clear();
    for (size_t i = 0; i < values.size(); ++i) {
      const size_t start = json_.size();
      AppendJsonString(values[i], &json_);
      tokens_[i] = {start, json_.size() - start};
    }
    builder_.ResetRow();
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].empty()) continue;
      JsonCell cell;
      cell.kind = JsonCell::kString;
      cell.quoted_name = fields_[i].quoted_name;
      cell.token = absl::string_view(json_).substr(tokens_[i].first, tokens_[i].second);
      cell.text = values[i];
      if (fields_[i].column.has_value()) {
        builder_.Set(*fields_[i].column, cell);
      } else {
        builder_.AddUnknown(fields_[i].name, cell);
      }
    }
    return builder_.CloseRow();
  }

  const absl::flat_hash_map<std::string, size_t> heads_;
  CsvReader csv_;
  RowBuilder builder_;
  std::vector<Field> fields_;
  std::string json_;                               // the row's values as JSON strings
  std::vector<std::pair<size_t, size_t>> tokens_;  // start and length of each in json_
  DecodedPage page_;
};

CsvDecoder::CsvDecoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CsvDecoder::CsvDecoder(CsvDecoder&&) noexcept = default;
CsvDecoder& CsvDecoder::operator=(CsvDecoder&&) noexcept = default;
CsvDecoder::~CsvDecoder() = default;

absl::StatusOr<CsvDecoder> CsvDecoder::Make(const v1::ReadPlan& plan, DecoderOptions options) {
  absl::flat_hash_map<std::string, size_t> heads;
  std::vector<ColumnRule> rules;
  for (const v1::ColumnPlan& column : plan.columns()) {
    if (column.member().empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the read plan does not say where column ", column.name(), " comes from"));
    }
    heads[column.member()] = rules.size();
    for (const std::string& alias : column.aliases()) heads.try_emplace(alias, rules.size());
    ASSIGN_OR_RETURN(ColumnRule rule, RuleOf(column));
    rules.push_back(std::move(rule));
  }
  return CsvDecoder(std::make_unique<Impl>(std::move(heads), std::move(rules), options));
}

absl::Status CsvDecoder::Feed(absl::string_view text, std::vector<RowBatch>* batches) {
  return impl_->Feed(text, batches);
}
absl::Status CsvDecoder::Finish(std::vector<RowBatch>* batches) { return impl_->Finish(batches); }
uint64_t CsvDecoder::rows() const { return impl_->page().rows; }
const FieldCounts& CsvDecoder::unknown_fields() const { return impl_->page().unknown_fields; }
const FieldCounts& CsvDecoder::unparsed_values() const { return impl_->page().unparsed_values; }

}  // namespace tikhaul
