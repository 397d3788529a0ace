// COPY as text against COPY as binary, into a table with the columns of a daily ad report: CPU of this process and of
// the server's, per million rows. The binary form is what the coordinator sends (CopyEncoder); the text is written
// here. docs/adr/0008-postgresql.md decides by it.
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/decimal.h"
#include "coordinator/store/postgres/copy_encoder.h"
#include "coordinator/store/postgres/pg_connection.h"
#include "coordinator/store/postgres/pg_tables.h"

namespace tikhaul {
namespace {

constexpr size_t kBatchRows = 1000;
constexpr int kWholeMetrics = 15, kDecimalMetrics = 15;
constexpr char kTable[] = "copy_forms";

[[noreturn]] void Die(const absl::Status& why) {
  std::fprintf(stderr, "copy-forms: %s\n", why.ToString().c_str());
  std::exit(1);
}
void Must(const absl::Status& status) {
  if (!status.ok()) Die(status);
}

// The columns of an extract's table; those from `_finality` on are the same in all rows.
TableSchema Table() {
  TableSchema table;
  table.name = kTable;
  const auto add = [&](const std::string& name, ColumnType type, bool key = false) {
    table.columns.push_back({.name = name, .type = type, .key = key});
  };
  add("advertiser_id", ColumnType::kString, true);
  add("stat_time_day", ColumnType::kDate, true);
  add("ad_id", ColumnType::kString, true);
  for (int i = 0; i < kWholeMetrics; ++i) add(absl::StrCat("whole_", i), ColumnType::kInt64);
  for (int i = 0; i < kDecimalMetrics; ++i) add(absl::StrCat("decimal_", i), ColumnType::kDecimal);
  add("_finality", ColumnType::kString);
  add("_currency", ColumnType::kString);
  add("_timezone", ColumnType::kString);
  add("_run_id", ColumnType::kString);
  add("_extracted_at", ColumnType::kTimestamp);
  add("_extra", ColumnType::kJson);
  add("_raw", ColumnType::kJson);
  return table;
}

const std::vector<ConstantCell> kConstants = {{.column = "_finality", .text = "final", .number = {}},
                                              {.column = "_currency", .text = "USD", .number = {}},
                                              {.column = "_timezone", .text = "America/Los_Angeles", .number = {}},
                                              {.column = "_run_id", .text = "b-ads_daily-1-0123456789ab", .number = {}},
                                              {.column = "_extracted_at", .text = {}, .number = 1781524800}};

std::vector<std::string> SourceColumns(const TableSchema& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns) {
    if (column.name[0] != '_') names.push_back(column.name);
  }
  return names;
}

// Money of two digits behind the point, rates of up to six.
RowBatch MakeBatch(const TableSchema& table, size_t number) {
  RowBatch batch;
  batch.rows = kBatchRows;
  uint64_t random = 0x9e3779b97f4a7c15 * (number + 1);
  const auto next = [&](uint64_t below) {
    random = random * 6364136223846793005 + 1442695040888963407;
    return static_cast<int64_t>((random >> 33) % below);
  };
  for (const TableColumn& wanted : table.columns) {
    if (wanted.name[0] == '_') continue;
    Column column(wanted.type);
    for (size_t row = 0; row < batch.rows; ++row) {
      if (wanted.name == "advertiser_id") column.AppendText("7000000000000000001");
      if (wanted.name == "stat_time_day") column.AppendNumber(20000 + static_cast<int64_t>(number % 30));
      if (wanted.name == "ad_id") column.AppendText(absl::StrCat(1700000000000000000 + number / 30 * kBatchRows + row));
      if (wanted.type == ColumnType::kInt64) column.AppendNumber(next(100'000));
      if (wanted.type == ColumnType::kDecimal)
        column.AppendDecimal(row % 2 == 0 ? Decimal{next(10'000'000), 2} : Decimal{next(5'000'000), 6});
    }
    batch.columns.push_back(std::move(column));
  }
  return batch;
}

// The text form of these columns, whose texts need no escapes.
class TextEncoder {
 public:
  explicit TextEncoder(const RowShape& shape) : shape_(shape) {
    for (const ShapedColumn& column : shape.columns()) {
      fixed_.push_back(column.text.has_value()     ? *column.text
                       : column.number.has_value() ? PgTimeText(column.type, *column.number)
                                                   : "\\N");
    }
  }

  void Append(const RowBatch& batch, std::string& out) {
    const std::vector<ShapedColumn>& columns = shape_.columns();
    for (size_t row = 0; row < batch.rows; ++row) {
      for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) out.push_back('\t');
        if (columns[i].source < 0) {
          out += fixed_[i];
        } else {
          AppendCell(columns[i].type, batch.columns[static_cast<size_t>(columns[i].source)], row, out);
        }
      }
      out.push_back('\n');
    }
  }

 private:
  void AppendCell(ColumnType type, const Column& cells, size_t row, std::string& out) {
    if (IsText(type)) {
      out.append(cells.Text(row).data(), cells.Text(row).size());
    } else if (type == ColumnType::kDecimal) {
      out += FormatDecimal(cells.DecimalAt(row));
    } else if (type == ColumnType::kInt64) {
      char text[20];
      out.append(text, std::to_chars(text, text + sizeof(text), cells.Number(row)).ptr);
    } else {
      if (day_ != cells.Number(row)) day_text_ = PgTimeText(type, cells.Number(row));
      day_ = cells.Number(row);
      out += day_text_;
    }
  }

  const RowShape& shape_;
  std::vector<std::string> fixed_;
  int64_t day_ = -1;
  std::string day_text_;
};

double OwnCpu() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

// Of the server's process on this machine that serves us; exact to nanoseconds.
double BackendCpu(const std::string& pid) {
  std::ifstream stat(absl::StrCat("/proc/", pid, "/schedstat"));
  double nanoseconds = 0;
  if (!(stat >> nanoseconds)) Die(absl::FailedPreconditionError("the server must run on this machine"));
  return nanoseconds / 1e9;
}

struct Cost {
  double client = 0, server = 0;  // CPU seconds per million rows
};

class Trial {
 public:
  Trial(PgConnection& db, size_t batches)
      : db_(db), table_(Table()), shape_(*RowShape::Make(table_, SourceColumns(table_), kConstants)) {
    for (size_t i = 0; i < batches; ++i) batches_.push_back(MakeBatch(table_, i));
    absl::StatusOr<PgResult> pid = db_.Run("SELECT pg_backend_pid()");
    Must(pid.status());
    Must(pid->Step().status());
    backend_ = std::string(pid->Text(0));
    std::vector<std::string> parts;
    for (const TableColumn& column : table_.columns)
      parts.push_back(absl::StrCat(QuoteSql(column.name), " ", PgType(column.type)));
    Must(db_.Run(absl::StrCat("CREATE TABLE ", kTable, " (", absl::StrJoin(parts, ", "),
                              ", PRIMARY KEY (advertiser_id, stat_time_day, ad_id))"))
             .status());
  }

  Cost Run(bool binary) {
    Must(db_.Run(absl::StrCat("TRUNCATE ", kTable, "; CHECKPOINT")).status());
    const double client = OwnCpu(), server = BackendCpu(backend_);
    CopyEncoder packed(shape_, /*numbered=*/false);
    TextEncoder text(shape_);
    size_t next = 0;
    Must(db_.CopyIn(absl::StrCat("COPY ", kTable, " FROM STDIN", binary ? " (FORMAT binary)" : ""),
                    [&](std::string& piece) -> absl::StatusOr<bool> {
                      if (binary && next == 0) CopyEncoder::Begin(piece);
                      if (next == batches_.size()) {
                        if (binary) CopyEncoder::End(piece);
                        return false;
                      }
                      if (binary) {
                        packed.Append(batches_[next++], piece);
                      } else {
                        text.Append(batches_[next++], piece);
                      }
                      return true;
                    }));
    const double rows = static_cast<double>(batches_.size() * kBatchRows);
    return {(OwnCpu() - client) * 1e6 / rows, (BackendCpu(backend_) - server) * 1e6 / rows};
  }

  // Of all cells: both forms must say the same.
  std::string Digest() {
    absl::StatusOr<PgResult> row =
        db_.Run(absl::StrCat("SELECT sum(hashtextextended(t::text, 0)) FROM ", kTable, " t"));
    Must(row.status());
    Must(row->Step().status());
    return std::string(row->Text(0));
  }

 private:
  PgConnection& db_;
  const TableSchema table_;
  const RowShape shape_;
  std::vector<RowBatch> batches_;
  std::string backend_;
};

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

std::string Report(const char* form, const std::vector<Cost>& costs) {
  std::vector<double> client, server;
  for (const Cost& cost : costs) {
    client.push_back(cost.client);
    server.push_back(cost.server);
  }
  char text[100];
  std::snprintf(text, sizeof(text), "\"%s\": {\"client\": %.2f, \"server\": %.2f}", form, Median(client),
                Median(server));
  return text;
}

void Compare(const std::string& url, size_t rows, int runs) {
  PgOptions options;
  options.url = url;
  options.schema = "public";
  absl::StatusOr<std::unique_ptr<PgConnection>> db = PgConnection::Open(options, "copy-forms");
  Must(db.status());
  Trial trial(**db, std::max<size_t>(1, rows / kBatchRows));
  std::vector<Cost> text, binary;
  for (int i = 0; i < runs; ++i) {
    text.push_back(trial.Run(/*binary=*/false));
    const std::string digest = trial.Digest();
    binary.push_back(trial.Run(/*binary=*/true));
    if (trial.Digest() != digest) Die(absl::InternalError("the two forms left different rows"));
  }
  std::printf("{\"benchmark\": \"copy-forms\", \"rows\": %zu, \"runs\": %d, %s, %s}\n", rows, runs,
              Report("text", text).c_str(), Report("binary", binary).c_str());
}

}  // namespace
}  // namespace tikhaul

int main(int argc, char** argv) {
  CLI::App app("Compares COPY as text with COPY as binary, in CPU seconds per million rows");
  std::string url;
  size_t rows = 200'000;
  int runs = 5;
  app.add_option("--database", url, "postgresql://... on this machine, which may be written to")->required();
  app.add_option("--rows", rows, "Per run, whole thousands")->capture_default_str();
  app.add_option("--runs", runs, "Of each form, by turns; medians count")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  tikhaul::Compare(url, rows, runs);
  return 0;
}
