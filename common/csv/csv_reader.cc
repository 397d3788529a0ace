#include "common/csv/csv_reader.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/base/status_macros.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

absl::Status CsvReader::Malformed(absl::string_view what) const {
  return absl::DataLossError(absl::StrCat("record ", records_ + 1, " of the CSV: ", what));
}

absl::Status CsvReader::Feed(absl::string_view bytes, Sink sink) {
  if (begun_) return Read(bytes, sink);
  absl::StrAppend(&head_, bytes);
  if (head_.size() < kByteOrderMark.size() && absl::StartsWith(kByteOrderMark, head_)) return absl::OkStatus();
  begun_ = true;
  absl::string_view rest = head_;
  if (absl::StartsWith(rest, kByteOrderMark)) rest.remove_prefix(kByteOrderMark.size());
  const absl::Status status = Read(rest, sink);
  head_ = std::string();
  return status;
}

absl::Status CsvReader::Finish(Sink sink) {
  if (!begun_) RETURN_IF_ERROR(Read(head_, sink));
  begun_ = true;
  switch (state_) {
    case State::kRecordStart:
      return absl::OkStatus();
    case State::kQuoted:
      return Malformed("the text ends within quotes");
    case State::kReturnSeen:
      return Malformed("a carriage return without a line feed");
    default:
      return EndRecord(sink);
  }
}

absl::Status CsvReader::Read(absl::string_view bytes, Sink sink) {
  while (!bytes.empty()) {
    // Long stretches without meaning are taken at once.
    size_t plain = 0;
    if (state_ == State::kQuoted) {
      plain = std::min(bytes.find('"'), bytes.size());
    } else if (state_ == State::kPlain) {
      plain = std::min(bytes.find_first_of(",\"\r\n"), bytes.size());
    }
    if (plain > 0) RETURN_IF_ERROR(Append(bytes.substr(0, plain)));
    bytes.remove_prefix(plain);
    if (bytes.empty()) break;
    RETURN_IF_ERROR(Step(bytes.front(), sink));
    bytes.remove_prefix(1);
  }
  return absl::OkStatus();
}

absl::Status CsvReader::Step(char c, Sink sink) {
  switch (state_) {
    case State::kQuoted:
      state_ = State::kQuoteSeen;  // Read() stops at quotes only
      return absl::OkStatus();
    case State::kQuoteSeen:
      if (c == '"') {
        state_ = State::kQuoted;
        return Append("\"");
      }
      if (c != ',' && c != '\r' && c != '\n') return Malformed("text follows a closing quote");
      return StepOutside(c, sink);
    case State::kReturnSeen:
      if (c != '\n') return Malformed("a carriage return without a line feed");
      return EndRecord(sink);
    case State::kPlain:
      if (c == '"') return Malformed("a quote stands within a field that does not begin with one");
      return StepOutside(c, sink);
    case State::kRecordStart:
    case State::kFieldStart:
      if (c != '"') return StepOutside(c, sink);
      state_ = State::kQuoted;
      return absl::OkStatus();
  }
  return absl::InternalError("unknown state");
}

absl::Status CsvReader::StepOutside(char c, Sink sink) {
  switch (c) {
    case ',':
      state_ = State::kFieldStart;
      return EndField();
    case '\n':
      return EndRecord(sink);
    case '\r':
      state_ = State::kReturnSeen;
      return absl::OkStatus();
    default:
      state_ = State::kPlain;
      return Append(absl::string_view(&c, 1));
  }
}

absl::Status CsvReader::Append(absl::string_view text) {
  if (text_.size() + text.size() > limits_.record_bytes) {
    return absl::OutOfRangeError(
        absl::StrCat("record ", records_ + 1, " of the CSV is larger than ", limits_.record_bytes, " bytes"));
  }
  text_.append(text.data(), text.size());
  return absl::OkStatus();
}

absl::Status CsvReader::EndField() {
  if (ends_.size() >= limits_.fields) {
    return absl::OutOfRangeError(
        absl::StrCat("record ", records_ + 1, " of the CSV has more than ", limits_.fields, " fields"));
  }
  ends_.push_back(text_.size());
  return absl::OkStatus();
}

absl::Status CsvReader::EndRecord(Sink sink) {
  RETURN_IF_ERROR(EndField());
  if (records_ == 0) width_ = ends_.size();
  if (ends_.size() != width_) {
    return Malformed(absl::StrCat(ends_.size(), " fields instead of ", width_));
  }
  fields_.clear();
  size_t start = 0;
  for (const size_t end : ends_) {
    fields_.push_back(absl::string_view(text_).substr(start, end - start));
    start = end;
  }
  ++records_;
  RETURN_IF_ERROR(sink(fields_));
  text_.clear();
  ends_.clear();
  state_ = State::kRecordStart;
  return absl::OkStatus();
}

}  // namespace tikhaul
