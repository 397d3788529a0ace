// Plain COPY in the binary form, which costs client and server together less than text (copy_forms.cc).
#include <libpq-fe.h>

#include <charconv>
#include <chrono>
#include <cstdint>

#include "benchmarks/floor/table.h"

namespace tikhaul::floor_program {
namespace {

constexpr size_t kPiece = 256 << 10;
constexpr char kHeader[] = "PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0";  // and the zero at the end

template <typename T>
void Put(T value, std::string& out) {
  char bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i)
    bytes[i] = static_cast<char>(static_cast<uint64_t>(value) >> (8 * (sizeof(T) - 1 - i)));
  out.append(bytes, sizeof(T));
}

void PutText(std::string_view text, std::string& out) {
  Put(static_cast<int32_t>(text.size()), out);
  out.append(text);
}

template <typename T>
T ParseNumber(std::string_view text) {
  T value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) Die("not a whole number: " + std::string(text));
  return value;
}

// Days since 2000-01-01 of "YYYY-MM-DD".
int32_t ParseDay(std::string_view text) {
  using namespace std::chrono;
  const sys_days day = year(ParseNumber<int>(text.substr(0, 4))) / ParseNumber<unsigned>(text.substr(5, 2)) /
                       ParseNumber<unsigned>(text.substr(8, 2));
  return static_cast<int32_t>((day - sys_days(year(2000) / 1 / 1)).count());
}

// Groups of four digits to both sides of the point, the highest first.
void PutNumeric(std::string_view text, std::string& out) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, text.find('.'));
  const std::string_view fraction = whole.size() == text.size() ? "" : text.substr(whole.size() + 1);
  int16_t groups[16];
  int count = 0;
  const auto add = [&](std::string_view digits, size_t padding) {
    int group = 0;
    for (const char digit : digits) group = group * 10 + (digit - '0');
    for (; padding > 0; --padding) group *= 10;
    groups[count++] = static_cast<int16_t>(group);
  };
  if (whole.size() + fraction.size() > 40) Die("too many digits: " + std::string(text));
  const size_t head = whole.size() % 4;
  if (head > 0) add(whole.substr(0, head), 0);
  for (size_t at = head; at < whole.size(); at += 4) add(whole.substr(at, 4), 0);
  const int before = count;
  for (size_t at = 0; at < fraction.size(); at += 4) {
    const std::string_view digits = fraction.substr(at, 4);
    add(digits, 4 - digits.size());
  }
  Put(static_cast<int32_t>(8 + 2 * count), out);
  Put(static_cast<int16_t>(count), out);
  Put(static_cast<int16_t>(before - 1), out);
  Put(static_cast<int16_t>(negative ? 0x4000 : 0), out);
  Put(static_cast<int16_t>(fraction.size()), out);
  for (int i = 0; i < count; ++i) Put(groups[i], out);
}

class PostgresTable : public Table {
 public:
  PostgresTable(const std::string& url, const std::vector<std::string>& metrics, const std::set<std::string>& whole)
      : db_(PQconnectdb(url.c_str())) {
    std::string columns = "advertiser_id text, stat_time_day date, ad_id text";
    for (const std::string& metric : metrics) {
      whole_.push_back(whole.contains(metric));
      columns += ", " + metric + (whole_.back() ? " bigint" : " numeric");
    }
    Run("CREATE SCHEMA floor_program", PGRES_COMMAND_OK);
    Run("CREATE TABLE floor_program.rows (" + columns + ", PRIMARY KEY (advertiser_id, stat_time_day, ad_id))",
        PGRES_COMMAND_OK);
    piece_.reserve(2 * kPiece);
  }
  ~PostgresTable() override { PQfinish(db_); }

  void Begin() override {
    Run("BEGIN", PGRES_COMMAND_OK);
    Run("COPY floor_program.rows FROM STDIN (FORMAT binary)", PGRES_COPY_IN);
    piece_.assign(kHeader, sizeof(kHeader));
  }
  void BeginRow(std::string_view advertiser, std::string_view day, std::string_view ad) override {
    next_ = 0;
    if (day_ != day) day_number_ = ParseDay(day);
    day_ = day;
    Put(static_cast<int16_t>(3 + whole_.size()), piece_);
    PutText(advertiser, piece_);
    Put(int32_t{4}, piece_);
    Put(day_number_, piece_);
    PutText(ad, piece_);
  }
  void Metric(std::string_view text) override {
    const bool whole = whole_[next_++];
    if (text == "-") return Put(int32_t{-1}, piece_);
    if (!whole) return PutNumeric(text, piece_);
    if (text.ends_with(".0")) text.remove_suffix(2);  // the API spells some counts so
    Put(int32_t{8}, piece_);
    Put(ParseNumber<int64_t>(text), piece_);
  }
  void EndRow() override {
    if (piece_.size() >= kPiece) Send();
  }
  void Commit() override {
    Put(int16_t{-1}, piece_);
    Send();
    if (PQputCopyEnd(db_, nullptr) != 1) Die(PQerrorMessage(db_));
    while (PGresult* const result = PQgetResult(db_)) {
      if (PQresultStatus(result) != PGRES_COMMAND_OK) Die(PQerrorMessage(db_));
      PQclear(result);
    }
    Run("COMMIT", PGRES_COMMAND_OK);
  }

 private:
  void Run(const std::string& sql, ExecStatusType wanted) {
    PGresult* const result = PQexec(db_, sql.c_str());
    if (PQresultStatus(result) != wanted) Die(PQerrorMessage(db_));
    PQclear(result);
  }
  void Send() {
    if (PQputCopyData(db_, piece_.data(), static_cast<int>(piece_.size())) != 1) Die(PQerrorMessage(db_));
    piece_.clear();
  }

  PGconn* const db_;
  std::vector<bool> whole_;
  std::string day_;
  int32_t day_number_ = 0;
  size_t next_ = 0;
  std::string piece_;
};

}  // namespace

std::unique_ptr<Table> MakePostgresTable(const std::string& url, const std::vector<std::string>& metrics,
                                         const std::set<std::string>& whole) {
  return std::make_unique<PostgresTable>(url, metrics, whole);
}

}  // namespace tikhaul::floor_program
