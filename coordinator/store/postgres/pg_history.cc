// Triggers, so that whoever changes a row of the table, and in whatever way, leaves its version behind.
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/base/digest.h"
#include "coordinator/store/postgres/pg_tables.h"

namespace tikhaul {
namespace {

class PgHistoryKeeper {
 public:
  PgHistoryKeeper(PgSession& session, const TableSchema& table)
      : session_(session),
        table_(table),
        name_(session.Table(table.name)),
        history_(session.Table(HistoryOf(table).name)),
        trigger_(absl::StrCat("tikhaul_history_", HashHex(StableHash(table.name)))),
        columns_(HistoryColumnsOf(table)) {}

  absl::Status Run() {
    ASSIGN_OR_RETURN(
        const int64_t kept,
        session_.QueryInt("SELECT 1 FROM pg_trigger JOIN pg_class AS c ON c.oid = tgrelid JOIN pg_namespace "
                          "AS n ON n.oid = relnamespace WHERE nspname = ? AND relname = ? AND tgname = ?",
                          session_.schema(), table_.name, trigger_));
    if (kept == 0 && !table_.history) return absl::OkStatus();
    if (!table_.history) {
      return Script(
          absl::StrCat("DROP TRIGGER ", trigger_, " ON ", name_, "; DROP FUNCTION ", session_.Table(trigger_), "()"));
    }
    RETURN_IF_ERROR(Script(absl::StrCat("CREATE OR REPLACE FUNCTION ", session_.Table(trigger_),
                                        "() RETURNS trigger LANGUAGE plpgsql AS ", PgLiteral(Body()))));
    if (kept != 0) return absl::OkStatus();
    RETURN_IF_ERROR(TakeOver());
    return Script(absl::StrCat("CREATE TRIGGER ", trigger_, " AFTER INSERT OR UPDATE ON ", name_,
                               " FOR EACH ROW EXECUTE FUNCTION ", session_.Table(trigger_), "()"));
  }

 private:
  absl::Status Script(const std::string& sql) { return session_.db().Run(sql).status(); }

  // "p.a, p.b" of the names.
  static std::string Of(const std::string& prefix, const std::vector<std::string>& names) {
    return absl::StrJoin(names, ", ",
                         [&](std::string* out, const std::string& name) { absl::StrAppend(out, prefix, ".", name); });
  }
  // "h.a = p.a AND h.b = p.b".
  std::string SameKey(const std::string& prefix) const {
    return absl::StrJoin(columns_.keys, " AND ", [&](std::string* out, const std::string& name) {
      absl::StrAppend(out, "h.", name, " = ", prefix, ".", name);
    });
  }
  std::string Begin(const std::string& values) const {
    const std::string from = QuoteSql(kValidFromColumn), to = QuoteSql(kValidToColumn);
    std::vector<std::string> others;
    for (const std::string& name : columns_.names) others.push_back(absl::StrCat(name, " = excluded.", name));
    return absl::StrCat("INSERT INTO ", history_, " (", absl::StrJoin(columns_.names, ", "), ", ", from, ", ", to, ") ",
                        values, " ON CONFLICT (", HistoryKey(), ") DO UPDATE SET ", absl::StrJoin(others, ", "), ", ",
                        to, " = excluded.", to, ";\n");
  }
  // KeyOrder of the history table has the same columns in some order; ON CONFLICT does not mind which.
  std::string HistoryKey() const {
    return absl::StrCat(absl::StrJoin(columns_.keys, ", "), ", ", QuoteSql(kValidFromColumn));
  }
  std::string End(const std::string& at) const {
    return absl::StrCat("UPDATE ", history_, " AS h SET ", QuoteSql(kValidToColumn), " = ", at, " WHERE ",
                        SameKey("NEW"), " AND h.", QuoteSql(kValidToColumn), " IS NULL;\n");
  }

  // What was kept in an earlier time ends where the present version begins.
  absl::Status TakeOver() {
    const std::string to = QuoteSql(kValidToColumn), read_at = QuoteSql(kExtractedAtColumn);
    RETURN_IF_ERROR(Script(absl::StrCat("UPDATE ", history_, " AS h SET ", to, " = coalesce((SELECT t.", read_at,
                                        " FROM ", name_, " AS t WHERE ", SameKey("t"), "), h.",
                                        QuoteSql(kValidFromColumn), ") WHERE h.", to, " IS NULL")));
    return Script(Begin(absl::StrCat("SELECT ", absl::StrJoin(columns_.names, ", "), ", ", read_at, ", ",
                                     QuoteSql(kGoneAtColumn), " FROM ", name_)));
  }

  std::string Body() const {
    const std::string gone = QuoteSql(kGoneAtColumn), read_at = QuoteSql(kExtractedAtColumn);
    const std::string same = columns_.content.empty()
                                 ? "TRUE"
                                 : absl::StrCat("(", Of("NEW", columns_.content), ") IS NOT DISTINCT FROM (",
                                                Of("OLD", columns_.content), ")");
    return absl::StrCat("BEGIN\n  IF TG_OP = 'UPDATE' THEN\n    IF NEW.", gone, " IS NOT NULL THEN\n      IF OLD.",
                        gone, " IS NULL THEN\n        ", End(absl::StrCat("NEW.", gone)),
                        "      END IF;\n      RETURN NULL;\n    END IF;\n    IF OLD.", gone, " IS NULL AND ", same,
                        " THEN\n      RETURN NULL;\n    END IF;\n    ", End(absl::StrCat("NEW.", read_at)),
                        "  END IF;\n  ",
                        Begin(absl::StrCat("VALUES (", Of("NEW", columns_.names), ", NEW.", read_at, ", NULL)")),
                        "  RETURN NULL;\nEND");
  }

  PgSession& session_;
  const TableSchema& table_;
  const std::string name_, history_, trigger_;
  const HistoryColumns columns_;
};

}  // namespace

absl::Status KeepPgHistory(PgSession& session, const TableSchema& table) {
  return PgHistoryKeeper(session, table).Run();
}

}  // namespace tikhaul
