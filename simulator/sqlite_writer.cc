#include "simulator/sqlite_writer.h"

#include <sqlite3.h>

#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/base/status_macros.h"

namespace tikhaul::simulator {
namespace {

std::string Quoted(absl::string_view name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqliteWriter>> SqliteWriter::Create(const std::string& file) {
  std::remove(file.c_str());
  sqlite3* db = nullptr;
  const int result = sqlite3_open(file.c_str(), &db);
  auto writer = std::unique_ptr<SqliteWriter>(new SqliteWriter(db));
  if (result != SQLITE_OK) return writer->Failure(absl::StrCat("cannot make ", file));
  RETURN_IF_ERROR(writer->Execute("PRAGMA journal_mode=OFF"));
  RETURN_IF_ERROR(writer->Execute("PRAGMA synchronous=OFF"));
  RETURN_IF_ERROR(writer->Execute("BEGIN"));
  return writer;
}

SqliteWriter::~SqliteWriter() {
  sqlite3_finalize(insert_);
  sqlite3_close(db_);
}

absl::Status SqliteWriter::Failure(absl::string_view what) const {
  return absl::InternalError(absl::StrCat(what, ": ", db_ == nullptr ? "out of memory" : sqlite3_errmsg(db_)));
}

absl::Status SqliteWriter::Execute(const std::string& sql) {
  return sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK ? absl::OkStatus() : Failure(sql);
}

absl::Status SqliteWriter::BeginTable(const std::string& table, const std::vector<TruthColumn>& columns) {
  std::string create = absl::StrCat("CREATE TABLE ", Quoted(table), " ("),
              insert = absl::StrCat("INSERT INTO ", Quoted(table), " VALUES (");
  for (size_t i = 0; i < columns.size(); ++i) {
    absl::StrAppend(&create, i > 0 ? ", " : "", Quoted(columns[i].name), " ", columns[i].type);
    absl::StrAppend(&insert, i > 0 ? ",?" : "?");
  }
  RETURN_IF_ERROR(Execute(create + ")"));
  sqlite3_finalize(insert_);
  insert_ = nullptr;
  next_ = 1;
  insert += ")";
  if (sqlite3_prepare_v2(db_, insert.c_str(), -1, &insert_, nullptr) != SQLITE_OK) return Failure(insert);
  return absl::OkStatus();
}

void SqliteWriter::Text(absl::string_view value) {
  sqlite3_bind_text(insert_, next_++, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT);
}
void SqliteWriter::Integer(int64_t value) { sqlite3_bind_int64(insert_, next_++, value); }
void SqliteWriter::Real(double value) { sqlite3_bind_double(insert_, next_++, value); }
void SqliteWriter::Null() { sqlite3_bind_null(insert_, next_++); }

absl::Status SqliteWriter::EndRow() {
  const int result = sqlite3_step(insert_);
  sqlite3_reset(insert_);
  sqlite3_clear_bindings(insert_);
  next_ = 1;
  return result == SQLITE_DONE ? absl::OkStatus() : Failure("INSERT");
}

absl::Status SqliteWriter::Finish() { return Execute("COMMIT"); }

}  // namespace tikhaul::simulator
