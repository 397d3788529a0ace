#include "tests/support/postgres_mirror.h"

#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <sqlite3.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace tikhaul {
namespace {

struct MirroredColumn {
  std::string name, type;
};

std::string Quoted(const std::string& name) {
  return absl::StrCat("\"", absl::StrReplaceAll(name, {{"\"", "\"\""}}), "\"");
}

class Mirror {
 public:
  Mirror(const std::string& url, std::string schema, const std::string& path)
      : schema_(std::move(schema)), from_(PQconnectdb(url.c_str())) {
    std::filesystem::remove(path);
    EXPECT_EQ(sqlite3_open(path.c_str(), &to_), SQLITE_OK);
  }
  ~Mirror() {
    sqlite3_close_v2(to_);
    PQfinish(from_);
  }
  Mirror(const Mirror&) = delete;
  Mirror& operator=(const Mirror&) = delete;

  void Run() {
    Ask("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    Ask("SET TimeZone = 'UTC'");
    Do("BEGIN");
    const Result tables = Ask(
        absl::StrCat("SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE nspname = '",
                     schema_, "' AND relkind IN ('r', 'v')"));
    for (int i = 0; i < PQntuples(tables.get()); ++i) Copy(PQgetvalue(tables.get(), i, 0));
    Do("COMMIT");
  }

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  using Result = std::unique_ptr<PGresult, Clear>;

  Result Ask(const std::string& sql) {
    Result result(PQexec(from_, sql.c_str()));
    const ExecStatusType status = PQresultStatus(result.get());
    EXPECT_TRUE(status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) << sql << ": " << PQerrorMessage(from_);
    return result;
  }
  void Do(const std::string& sql) {
    EXPECT_EQ(sqlite3_exec(to_, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK) << sql << sqlite3_errmsg(to_);
  }

  std::string Literal(const std::string& text) {
    return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
  }

  std::vector<MirroredColumn> ColumnsOf(const std::string& table) {
    const Result rows = Ask(absl::StrCat(
        "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid JOIN "
        "pg_namespace AS n ON n.oid = relnamespace WHERE attnum > 0 AND NOT attisdropped AND nspname = ",
        Literal(schema_), " AND relname = ", Literal(table), " ORDER BY attnum"));
    std::vector<MirroredColumn> columns;
    for (int i = 0; i < PQntuples(rows.get()); ++i)
      columns.push_back({PQgetvalue(rows.get(), i, 0), PQgetvalue(rows.get(), i, 1)});
    return columns;
  }

  std::vector<std::string> KeyOf(const std::string& table) {
    const Result rows = Ask(absl::StrCat(
        "SELECT a.attname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid "
        "= "
        "c.relnamespace CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) JOIN pg_attribute AS a "
        "ON a.attrelid = c.oid AND a.attnum = k.number WHERE i.indisprimary AND n.nspname = ",
        Literal(schema_), " AND c.relname = ", Literal(table), " ORDER BY k.place"));
    std::vector<std::string> key;
    for (int i = 0; i < PQntuples(rows.get()); ++i) key.push_back(Quoted(PQgetvalue(rows.get(), i, 0)));
    return key;
  }

  static std::string SqliteType(const std::string& type) {
    if (type == "numeric" || type == "double precision") return "REAL";
    if (type == "bigint" || type == "integer" || type == "boolean") return "INTEGER";
    return "TEXT";
  }

  void Copy(const std::string& table) {
    const std::vector<MirroredColumn> columns = ColumnsOf(table);
    std::vector<std::string> made, names, marks;
    for (const MirroredColumn& column : columns) {
      made.push_back(absl::StrCat(Quoted(column.name), " ", SqliteType(column.type)));
      names.push_back(Quoted(column.name));
      marks.push_back(column.type == "jsonb" ? "json(?)" : "?");  // jsonb prints blanks that we do not write
    }
    const std::vector<std::string> key = KeyOf(table);
    if (!key.empty()) made.push_back(absl::StrCat("PRIMARY KEY (", absl::StrJoin(key, ", "), ")"));
    Do(absl::StrCat("CREATE TABLE ", Quoted(table), " (", absl::StrJoin(made, ", "), ")"));
    sqlite3_stmt* insert = nullptr;
    const std::string sql = absl::StrCat("INSERT INTO ", Quoted(table), " VALUES (", absl::StrJoin(marks, ", "), ")");
    ASSERT_EQ(sqlite3_prepare_v2(to_, sql.c_str(), -1, &insert, nullptr), SQLITE_OK) << sqlite3_errmsg(to_);
    const Result rows =
        Ask(absl::StrCat("SELECT ", absl::StrJoin(names, ", "), " FROM ", Quoted(schema_), ".", Quoted(table)));
    for (int row = 0; row < PQntuples(rows.get()); ++row) {
      for (size_t i = 0; i < columns.size(); ++i) {
        const int column = static_cast<int>(i);
        Bind(insert, column + 1, columns[i].type,
             PQgetisnull(rows.get(), row, column) != 0 ? nullptr : PQgetvalue(rows.get(), row, column));
      }
      EXPECT_EQ(sqlite3_step(insert), SQLITE_DONE) << table << ": " << sqlite3_errmsg(to_);
      sqlite3_reset(insert);
    }
    sqlite3_finalize(insert);
  }

  static void Bind(sqlite3_stmt* insert, int parameter, const std::string& type, const char* value) {
    if (value == nullptr) {
      sqlite3_bind_null(insert, parameter);
    } else if (SqliteType(type) == "REAL") {
      sqlite3_bind_double(insert, parameter, std::strtod(value, nullptr));
    } else if (type == "boolean") {
      sqlite3_bind_int64(insert, parameter, value[0] == 't');
    } else if (SqliteType(type) == "INTEGER") {
      sqlite3_bind_int64(insert, parameter, std::strtoll(value, nullptr, 10));
    } else {
      std::string text = value;
      if (absl::StartsWith(type, "timestamp with ") && absl::EndsWith(text, "+00")) {
        text = absl::StrReplaceAll(text.substr(0, text.size() - 3), {{" ", "T"}}) + "Z";
      }
      if (text == "-infinity") text.clear();  // of keys without a value
      sqlite3_bind_text(insert, parameter, text.c_str(), -1, SQLITE_TRANSIENT);
    }
  }

  const std::string schema_;
  PGconn* const from_;
  sqlite3* to_ = nullptr;
};

}  // namespace

void MirrorPostgres(const std::string& url, const std::string& schema, const std::string& path) {
  Mirror(url, schema, path).Run();
}

}  // namespace tikhaul
