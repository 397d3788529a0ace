// Comma-separated values as RFC 4180 has them, piece by piece.
#ifndef TIKHAUL_COMMON_CSV_CSV_READER_H_
#define TIKHAUL_COMMON_CSV_CSV_READER_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace tikhaul {

struct CsvLimits {
  size_t record_bytes = 12 << 20;  // of all fields together, without quotes and commas
  size_t fields = 4096;
};

// Takes a text in pieces of any size and gives its records, the head line among them, as soon as each is whole. Holds
// one record. Strict, because a guess would put values under the wrong head:
//   - lines end in LF or CRLF, the last one may lack that; CR alone only within quotes;
//   - a quote within an unquoted field, and text behind a closing quote, are refused;
//   - every record has as many fields as the first; so an empty line is a record of one empty field.
// A byte order mark in front is dropped. Whether fields are UTF-8 is not looked at. Not thread-safe.
class CsvReader {
 public:
  explicit CsvReader(CsvLimits limits = {}) : limits_(limits) {}

  // Fields are without quotes, and valid during the call only. A failed status ends the reading.
  using Sink = absl::FunctionRef<absl::Status(const std::vector<absl::string_view>& fields)>;

  // DATA_LOSS with the record's number: not CSV, or another number of fields. OUT_OF_RANGE: beyond the limits. Else
  // what the sink says. The reader is of no use after a failure.
  absl::Status Feed(absl::string_view bytes, Sink sink);
  // After the last piece. DATA_LOSS when the text ends within quotes.
  absl::Status Finish(Sink sink);

  // Given so far, the head line among them.
  uint64_t records() const { return records_; }

 private:
  enum class State { kRecordStart, kFieldStart, kPlain, kQuoted, kQuoteSeen, kReturnSeen };

  absl::Status Read(absl::string_view bytes, Sink sink);
  // One character that decides what comes next.
  absl::Status Step(char c, Sink sink);
  absl::Status StepOutside(char c, Sink sink);
  absl::Status Append(absl::string_view text);
  absl::Status EndField();
  absl::Status EndRecord(Sink sink);
  absl::Status Malformed(absl::string_view what) const;

  const CsvLimits limits_;
  State state_ = State::kRecordStart;
  std::string head_;  // of the text, until it is known whether a byte order mark stands there
  bool begun_ = false;
  std::string text_;          // the record's fields, one behind the other
  std::vector<size_t> ends_;  // of each field in text_
  std::vector<absl::string_view> fields_;
  size_t width_ = 0;  // fields of the first record
  uint64_t records_ = 0;
};

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CSV_CSV_READER_H_
