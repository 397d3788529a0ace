#include "coordinator/store/postgres/pg_translate.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kIndexHint = "INDEXED BY ";

size_t NameLength(absl::string_view text) {
  const auto end = std::find_if(text.begin(), text.end(), [](char c) { return !absl::ascii_isalnum(c) && c != '_'; });
  return static_cast<size_t>(end - text.begin());
}

}  // namespace

std::string TranslateForPostgres(absl::string_view sql) {
  std::string out;
  int parameters = 0;
  while (!sql.empty()) {
    const char c = sql[0];
    if (c == '\'' || c == '"') {
      const size_t end = std::min(sql.find(c, 1), sql.size() - 1) + 1;
      absl::StrAppend(&out, sql.substr(0, end));
      sql.remove_prefix(end);
    } else if (c == '?') {
      sql.remove_prefix(1);
      const size_t digits = NameLength(sql);
      absl::StrAppend(&out, "$", digits > 0 ? std::string(sql.substr(0, digits)) : absl::StrCat(++parameters));
      sql.remove_prefix(digits);
    } else if (absl::ConsumePrefix(&sql, kIndexHint)) {
      sql.remove_prefix(NameLength(sql));
    } else if (c == '+' && sql.size() > 1 && absl::ascii_isalpha(sql[1])) {
      sql.remove_prefix(1);
    } else {
      out.push_back(c);
      sql.remove_prefix(1);
    }
  }
  return out;
}

}  // namespace tikhaul
