#include "common/csv/csv_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace tikhaul {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

using Record = std::vector<std::string>;

struct Outcome {
  absl::Status status;
  std::vector<Record> records;
};

// Feeds `text` in pieces of `piece` bytes.
Outcome ReadPieces(const std::string& text, size_t piece, CsvLimits limits = {}) {
  Outcome outcome;
  CsvReader reader(limits);
  const auto sink = [&](const std::vector<absl::string_view>& fields) {
    outcome.records.emplace_back(fields.begin(), fields.end());
    return absl::OkStatus();
  };
  for (size_t at = 0; at < text.size() && outcome.status.ok(); at += piece) {
    outcome.status = reader.Feed(absl::string_view(text).substr(at, piece), sink);
  }
  if (outcome.status.ok()) outcome.status = reader.Finish(sink);
  return outcome;
}

// The same whatever the pieces.
Outcome Read(const std::string& text, CsvLimits limits = {}) {
  Outcome whole = ReadPieces(text, text.size() + 1, limits);
  for (const size_t piece : {1, 2, 3, 7}) {
    const Outcome outcome = ReadPieces(text, piece, limits);
    EXPECT_EQ(outcome.records, whole.records) << "pieces of " << piece;
    EXPECT_EQ(outcome.status, whole.status) << "pieces of " << piece;
  }
  return whole;
}

TEST(CsvReaderTest, GivesRecordsOfPlainFields) {
  const Outcome outcome = Read("a,b,c\n1,,3\n,,\n");
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.records, ElementsAre(Record{"a", "b", "c"}, Record{"1", "", "3"}, Record{"", "", ""}));
}

TEST(CsvReaderTest, UnwrapsQuotes) {
  const Outcome outcome = Read("name,text\r\n\"a, \"\"b\"\"\",\"two\r\nlines\"\r\n\"\",\"\"\"\"\r\n");
  ASSERT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_THAT(outcome.records,
              ElementsAre(Record{"name", "text"}, Record{"a, \"b\"", "two\r\nlines"}, Record{"", "\""}));
}

TEST(CsvReaderTest, TheLastLineMayLackItsEnd) {
  EXPECT_THAT(Read("a,b\n1,2").records, ElementsAre(Record{"a", "b"}, Record{"1", "2"}));
  EXPECT_THAT(Read("a,b\n1,").records, ElementsAre(Record{"a", "b"}, Record{"1", ""}));
  EXPECT_THAT(Read("a,b\n1,\"2\"").records, ElementsAre(Record{"a", "b"}, Record{"1", "2"}));
}

TEST(CsvReaderTest, DropsAByteOrderMark) {
  EXPECT_THAT(Read("\xEF\xBB\xBF\"a\",b\n").records, ElementsAre(Record{"a", "b"}));
  EXPECT_THAT(Read("\xEF\xBB\xBF").records, ElementsAre());
  EXPECT_THAT(Read("\xEF\xBB").records, ElementsAre(Record{"\xEF\xBB"}));
  EXPECT_THAT(Read("\xEF\xBF\xBD,b").records, ElementsAre(Record{"\xEF\xBF\xBD", "b"}));
}

TEST(CsvReaderTest, AnEmptyTextHasNoRecords) {
  const Outcome outcome = Read("");
  EXPECT_TRUE(outcome.status.ok());
  EXPECT_THAT(outcome.records, ElementsAre());
}

TEST(CsvReaderTest, AnEmptyLineIsARecordOfOneField) {
  EXPECT_THAT(Read("a\n\nb\n").records, ElementsAre(Record{"a"}, Record{""}, Record{"b"}));
  EXPECT_EQ(Read("a,b\n\n").status.code(), absl::StatusCode::kDataLoss);
}

TEST(CsvReaderTest, RefusesWhatIsNotCsv) {
  const std::pair<const char*, const char*> cases[] = {
      {"a,b\n1,2,3\n", "record 2 of the CSV: 3 fields instead of 2"},
      {"a,b\n1,2\n3", "record 3 of the CSV: 1 fields instead of 2"},
      {"a,b\n1,x\"y\"\n", "a quote stands within"},
      {"a,b\n1,\"x\"y\n", "text follows a closing quote"},
      {"a,b\n1,\"x\" \n", "text follows a closing quote"},
      {"a,b\n1,\"x\n", "ends within quotes"},
      {"a,b\r1,2\r", "a carriage return without"},
      {"a,b\n1,2\r", "a carriage return without"},
  };
  for (const auto& [text, message] : cases) {
    const Outcome outcome = Read(text);
    EXPECT_EQ(outcome.status.code(), absl::StatusCode::kDataLoss) << text;
    EXPECT_THAT(std::string(outcome.status.message()), HasSubstr(message)) << text;
  }
}

TEST(CsvReaderTest, HoldsItsLimits) {
  const CsvLimits limits{.record_bytes = 8, .fields = 3};
  EXPECT_TRUE(Read("12345678\n12345678\n", limits).status.ok());
  EXPECT_EQ(Read("123,456,789\n", limits).status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Read("\"123456789", limits).status.code(), absl::StatusCode::kOutOfRange);
  EXPECT_EQ(Read("1,2,3,4\n", limits).status.code(), absl::StatusCode::kOutOfRange);
}

TEST(CsvReaderTest, StopsWhenTheSinkSaysSo) {
  CsvReader reader;
  const absl::Status status =
      reader.Feed("a\nb\n", [](const std::vector<absl::string_view>&) { return absl::CancelledError("enough"); });
  EXPECT_EQ(status, absl::CancelledError("enough"));
  EXPECT_EQ(reader.records(), 1u);
}

// What a writer makes of any records comes back, whatever the pieces.
TEST(CsvReaderTest, ReadsBackWhatIsWritten) {
  std::mt19937 random(7);
  const std::string letters = "ab,\"\r\n \xC3\xA9";
  for (int round = 0; round < 300; ++round) {
    const size_t width = 1 + random() % 4;
    std::vector<Record> records(random() % 5, Record(width));
    std::string text;
    for (Record& record : records) {
      std::vector<std::string> quoted;
      for (std::string& field : record) {
        for (size_t i = random() % 6; i > 0; --i) field += letters[random() % letters.size()];
        const bool plain = field.find_first_of(",\"\r\n") == std::string::npos && random() % 2 == 0;
        quoted.push_back(plain ? field : absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\""));
      }
      absl::StrAppend(&text, absl::StrJoin(quoted, ","), random() % 2 == 0 ? "\n" : "\r\n");
    }
    const Outcome outcome = Read(text);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status << "\n" << text;
    ASSERT_EQ(outcome.records, records) << text;
  }
}

// Any bytes end in records or in a failure, the same whatever the pieces; nothing is read out of bounds.
TEST(CsvReaderTest, StandsAnyBytes) {
  std::mt19937 random(11);
  const std::string letters = "a,,\"\"\r\n\xEF\xBB\xBF";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 24; i > 0; --i) text += letters[random() % letters.size()];
    Read(text, {.record_bytes = 10, .fields = 5});
  }
}

}  // namespace
}  // namespace tikhaul
