#include "tests/contract/store/postgres_harness.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/postgres_mirror.h"
#include "tests/support/sql.h"

namespace tikhaul {

PostgresHarness::PostgresHarness() { Reopen(); }

PostgresHarness::~PostgresHarness() {
  store_.reset();
  if (server_.running()) Execute(absl::StrCat("DROP SCHEMA \"", schema_, "\" CASCADE"));
}

void PostgresHarness::Reopen() {
  store_.reset();  // gives up the lock
  absl::StatusOr<std::unique_ptr<Store>> opened = OpenStore(options());
  EXPECT_TRUE(opened.ok()) << opened.status();
  store_ = std::move(opened).value();
}

TextRows PostgresHarness::Query(const std::string& sql) {
  MirrorPostgres(server_.Url(), schema_, folder_.Path("copy.db"));
  return QueryFile(folder_.Path("copy.db"), sql);
}

void PostgresHarness::Execute(const std::string& sql) {
  server_.Run(absl::StrCat("SET search_path TO \"", schema_, "\"; ", sql));
}

}  // namespace tikhaul
