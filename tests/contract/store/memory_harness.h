// The store in memory that the simulation uses. Other programs see it as a SQLite database made for the occasion.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_MEMORY_HARNESS_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_MEMORY_HARNESS_H_

#include <memory>
#include <string>

#include "tests/contract/store/store_harness.h"
#include "tests/simulation/memory_store.h"

namespace tikhaul {

class MemoryHarness : public StoreHarness {
 public:
  Store& store() override { return *store_; }
  void Reopen() override;
  TextRows Query(const std::string& sql) override;
  void Execute(const std::string& sql) override;

 private:
  std::unique_ptr<MemoryStore> store_ = std::make_unique<MemoryStore>();
};

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_MEMORY_HARNESS_H_
