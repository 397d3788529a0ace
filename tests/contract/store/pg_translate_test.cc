#include "coordinator/store/postgres/pg_translate.h"

#include "coordinator/store/postgres/pg_errors.h"
#include "gtest/gtest.h"

namespace tikhaul {
namespace {

TEST(PgTranslateTest, ParametersGetTheirNumbers) {
  EXPECT_EQ(TranslateForPostgres("a = ? AND b = ?"), "a = $1 AND b = $2");
  EXPECT_EQ(TranslateForPostgres("a > ? AND (?2 = '' OR b = ?2) AND c = ?13"),
            "a > $1 AND ($2 = '' OR b = $2) AND c = $13");
}

TEST(PgTranslateTest, HintsForSqliteGo) {
  EXPECT_EQ(TranslateForPostgres("FROM t INDEXED BY t_x WHERE +c.a = ? AND (+b = 1)"),
            "FROM t  WHERE c.a = $1 AND (b = 1)");
  EXPECT_EQ(TranslateForPostgres("SET a = a + 1, b = b + excluded.b"), "SET a = a + 1, b = b + excluded.b");
}

TEST(PgTranslateTest, QuotedTextsStay) {
  EXPECT_EQ(TranslateForPostgres("x = '? +a' AND \"y?\" = ? AND z = ''"), "x = '? +a' AND \"y?\" = $1 AND z = ''");
  EXPECT_EQ(TranslateForPostgres("'open"), "'open");
}

TEST(PgErrorsTest, CodesSayWhatToDoNext) {
  EXPECT_EQ(MeaningOf("").code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(MeaningOf("40P01").code, absl::StatusCode::kAborted);
  EXPECT_EQ(MeaningOf("53100").code, absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(MeaningOf("53300").code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(MeaningOf("57P01").code, absl::StatusCode::kUnavailable);
  EXPECT_EQ(MeaningOf("23505").code, absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(MeaningOf("42501").code, absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(MeaningOf("42601").code, absl::StatusCode::kInternal);
}

}  // namespace
}  // namespace tikhaul
