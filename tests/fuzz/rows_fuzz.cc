// Any bytes as an answer whose envelope is good: the row decoder, with read plans as the catalogue makes them. The
// first byte of the input chooses the plan.
#include <nlohmann/json.hpp>
#include <vector>

#include "common/catalog/extract_shape.h"
#include "common/config/config.h"
#include "common/tiktok/exchange_text.h"
#include "common/wire/row_batch_wire.h"
#include "tests/fuzz/fuzz_check.h"
#include "worker/row_decoder.h"

namespace tikhaul {
namespace {

constexpr char kConfig[] = R"(
app: {id: "123", secret_file: app_secret}
connections: [{name: main, token_file: token, advertisers: ["7002238017842757633"]}]
extracts:
  - {name: ads_daily, stream: basic_report, level: ad, dimensions: [stat_time_day],
     metrics: [spend, impressions, ctr, campaign_name, conversion]}
  - {name: ads_hourly, stream: basic_report, level: ad, dimensions: [stat_time_hour], metrics: [spend, clicks]}
  - {name: ages, stream: audience_report, level: ad, dimensions: [stat_time_day, gender, age], metrics: [spend]}
  - {name: adverts, stream: adverts}
  - {name: ad_groups, stream: ad_groups}
  - {name: campaigns, stream: campaigns}
  - {name: interest_categories, stream: interest_categories}
)";

struct Reader {
  std::vector<ColumnType> types;
  RowDecoder decoder;
};

std::vector<Reader> MakeReaders() {
  const absl::StatusOr<v1::Config> config = ParseConfig(kConfig, "tikhaul.yaml", "/home/me");
  FUZZ_CHECK(config.ok(), std::string(config.status().message()));
  const absl::CivilDay day(2026, 1, 5);
  std::vector<Reader> readers;
  for (const v1::Extract& extract : config->extracts()) {
    const v1::ReadPlan plan =
        CompileReadPlan(extract, "main", "7002238017842757633", {.kind = WindowKind::kDays, .first = day, .last = day});
    absl::StatusOr<RowDecoder> decoder = RowDecoder::Make(plan);
    FUZZ_CHECK(decoder.ok(), std::string(decoder.status().message()));
    std::vector<ColumnType> types;
    for (const v1::ColumnPlan& column : plan.columns()) types.push_back(*FromWire(column.type()));
    types.insert(types.end(), {ColumnType::kJson, ColumnType::kJson});  // _extra and _raw
    readers.push_back({std::move(types), *std::move(decoder)});
  }
  return readers;
}

void CheckText(const Column& column, size_t row) {
  const std::string text(column.Text(row));
  FUZZ_CHECK(ValidUtf8(text) == text, text);
  if (column.type() == ColumnType::kJson && column.HasValue(row)) FUZZ_CHECK(nlohmann::json::accept(text), text);
}

// What the store relies on, and the coordinator refuses otherwise.
void CheckBatch(const Reader& reader, const RowBatch& batch) {
  FUZZ_CHECK(batch.rows > 0 && batch.columns.size() == reader.types.size(), std::to_string(batch.rows));
  for (const Column& column : batch.columns) {
    FUZZ_CHECK(column.size() == batch.rows, std::to_string(column.size()));
    for (size_t row = 0; IsText(column.type()) && row < batch.rows; ++row) CheckText(column, row);
  }
  v1::RowBatch wire;
  ToWire(batch, &wire);
  const absl::StatusOr<RowBatch> back = FromWire(reader.types, wire);
  FUZZ_CHECK(back.ok(), std::string(back.status().message()));
  FUZZ_CHECK(EncodeRowBatch(*back) == EncodeRowBatch(batch), "the wire changes a batch");
}

}  // namespace
}  // namespace tikhaul

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tikhaul;
  static std::vector<Reader>& readers =
      *new std::vector<Reader>(MakeReaders());  // its memory is reused, as a worker does
  if (size == 0) return 0;
  Reader& reader = readers[data[0] % readers.size()];
  std::string body(reinterpret_cast<const char*>(data) + 1, size - 1);
  const absl::StatusOr<DecodedPage> page = reader.decoder.Decode(body);
  if (!page.ok()) {
    FUZZ_CHECK(absl::IsDataLoss(page.status()) || absl::IsOutOfRange(page.status()), page.status().ToString());
    return 0;
  }
  uint64_t rows = 0;
  for (const RowBatch& batch : page->batches) {
    CheckBatch(reader, batch);
    rows += batch.rows;
  }
  FUZZ_CHECK(rows == page->rows, std::to_string(rows));
  return 0;
}
