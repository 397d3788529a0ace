// Triggers, so that whoever changes a row of the table, and in whatever way, leaves its version behind.
#include "coordinator/store/sqlite/sqlite_history.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/status_macros.h"
#include "coordinator/store/sqlite/sqlite_tables.h"

namespace tikhaul {
namespace {

class HistoryKeeper {
 public:
  HistoryKeeper(SqliteDb& db, const TableSchema& table)
      : db_(db),
        table_(table),
        name_(QuoteSql(table.name)),
        history_(QuoteSql(HistoryOf(table).name)),
        extracted_at_(QuoteSql(kExtractedAtColumn)),
        gone_at_(QuoteSql(kGoneAtColumn)),
        columns_(HistoryColumnsOf(table)) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(const int64_t kept, db_.QueryInt("SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name = ?",
                                                      Trigger("insert")));
    if (kept == 0 && !table_.history) return absl::OkStatus();
    for (const char* event : {"insert", "gone", "change"}) {
      RETURN_IF_ERROR(Script(absl::StrCat("DROP TRIGGER IF EXISTS ", QuoteSql(Trigger(event)))));
    }
    if (!table_.history) return absl::OkStatus();
    if (kept == 0) RETURN_IF_ERROR(TakeOver());
    return MakeTriggers();
  }

 private:
  std::string Trigger(const char* event) const { return absl::StrCat("tikhaul_history_", table_.name, "_", event); }
  absl::Status Script(const std::string& sql) { return db_.Script(sql.c_str()); }

  // "p.a, p.b" of the names.
  static std::string Of(const std::string& prefix, const std::vector<std::string>& names) {
    return absl::StrJoin(names, ", ",
                         [&](std::string* out, const std::string& name) { absl::StrAppend(out, prefix, ".", name); });
  }
  // "a = p.a AND b = p.b".
  static std::string Same(const std::string& prefix, const std::vector<std::string>& names) {
    return absl::StrJoin(names, " AND ", [&](std::string* out, const std::string& name) {
      absl::StrAppend(out, name, " = ", prefix, ".", name);
    });
  }
  std::string Begin(const std::string& values) const {
    return absl::StrCat("INSERT OR REPLACE INTO ", history_, " (", absl::StrJoin(columns_.names, ", "), ", ",
                        QuoteSql(kValidFromColumn), ", ", QuoteSql(kValidToColumn), ") ", values);
  }
  std::string BeginNew() const {
    return Begin(absl::StrCat("VALUES (", Of("NEW", columns_.names), ", NEW.", extracted_at_, ", NULL);"));
  }
  std::string End(const std::string& at) const {
    return absl::StrCat("UPDATE ", history_, " SET ", QuoteSql(kValidToColumn), " = ", at, " WHERE ",
                        Same("NEW", columns_.keys), " AND ", QuoteSql(kValidToColumn), " IS NULL;");
  }

  // What was kept in an earlier time ends where the present version begins.
  absl::Status TakeOver() {
    const std::string valid_to = QuoteSql(kValidToColumn);
    RETURN_IF_ERROR(Script(absl::StrCat("UPDATE ", history_, " SET ", valid_to, " = coalesce((SELECT t.", extracted_at_,
                                        " FROM ", name_, " AS t WHERE ",
                                        absl::StrJoin(columns_.keys, " AND ",
                                                      [&](std::string* out, const std::string& key) {
                                                        absl::StrAppend(out, "t.", key, " = ", history_, ".", key);
                                                      }),
                                        "), ", QuoteSql(kValidFromColumn), ") WHERE ", valid_to, " IS NULL")));
    return Script(Begin(absl::StrCat("SELECT ", absl::StrJoin(columns_.names, ", "), ", ", extracted_at_, ", ",
                                     gone_at_, " FROM ", name_)));
  }

  absl::Status MakeTriggers() {
    const std::string changed = absl::StrJoin(columns_.content, " OR ", [](std::string* out, const std::string& name) {
      absl::StrAppend(out, "NEW.", name, " IS NOT OLD.", name);
    });
    RETURN_IF_ERROR(Make("insert", "INSERT", "", BeginNew()));
    RETURN_IF_ERROR(Make("gone", "UPDATE",
                         absl::StrCat("WHEN NEW.", gone_at_, " IS NOT NULL AND OLD.", gone_at_, " IS NULL"),
                         End(absl::StrCat("NEW.", gone_at_))));
    return Make("change", "UPDATE",
                absl::StrCat("WHEN NEW.", gone_at_, " IS NULL AND (OLD.", gone_at_, " IS NOT NULL OR ", changed, ")"),
                absl::StrCat(End(absl::StrCat("NEW.", extracted_at_)), " ", BeginNew()));
  }

  absl::Status Make(const char* event, const char* on, const std::string& when, const std::string& what) {
    return Script(absl::StrCat("CREATE TRIGGER ", QuoteSql(Trigger(event)), " AFTER ", on, " ON ", name_, " ", when,
                               " BEGIN ", what, " END"));
  }

  SqliteDb& db_;
  const TableSchema& table_;
  const std::string name_, history_, extracted_at_, gone_at_;
  const HistoryColumns columns_;
};

}  // namespace

absl::Status KeepHistory(SqliteDb& db, const TableSchema& table) { return HistoryKeeper(db, table).Run(); }

}  // namespace tikhaul
