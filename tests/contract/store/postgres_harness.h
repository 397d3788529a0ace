// A PostgreSQL store in a schema of its own of the program's cluster.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_POSTGRES_HARNESS_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_POSTGRES_HARNESS_H_

#include <memory>
#include <string>

#include "tests/contract/store/store_harness.h"
#include "tests/support/postgres_server.h"
#include "tests/support/scratch_folder.h"

namespace tikhaul {

class PostgresHarness : public StoreHarness {
 public:
  PostgresHarness();
  ~PostgresHarness() override;
  Store& store() override { return *store_; }
  void Reopen() override;
  // In SQLite's words, asked of a copy.
  TextRows Query(const std::string& sql) override;
  void Execute(const std::string& sql) override;

  StoreOptions options() const { return {.url = server_.Url(), .schema = schema_}; }
  const std::string& schema() const { return schema_; }
  void Close() { store_.reset(); }

 private:
  PostgresServer& server_ = PostgresServer::Shared();
  const std::string schema_ = PostgresServer::NewSchema();
  ScratchFolder folder_;
  std::unique_ptr<Store> store_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_POSTGRES_HARNESS_H_
