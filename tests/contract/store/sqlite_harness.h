// A SQLite store in a folder of its own under the temporary folder.
#ifndef TIKHAUL_TESTS_CONTRACT_STORE_SQLITE_HARNESS_H_
#define TIKHAUL_TESTS_CONTRACT_STORE_SQLITE_HARNESS_H_

#include <memory>
#include <string>

#include "coordinator/store/sqlite/sqlite_store.h"
#include "tests/contract/store/store_harness.h"

namespace tikhaul {

// Removed with all that is in it.
class TempFolder {
 public:
  TempFolder();
  ~TempFolder();
  TempFolder(const TempFolder&) = delete;
  TempFolder& operator=(const TempFolder&) = delete;
  std::string Path(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

class SqliteHarness : public StoreHarness {
 public:
  SqliteHarness();
  Store& store() override { return *store_; }
  void Reopen() override;
  TextRows Query(const std::string& sql) override;
  void Execute(const std::string& sql) override { Query(sql); }

  SqliteStore& sqlite() { return static_cast<SqliteStore&>(*store_); }
  std::string file() const { return folder_.Path("store.db"); }

 private:
  TempFolder folder_;
  std::unique_ptr<Store> store_;
};

// Runs SQL on a file through a connection of its own; fails the test when SQLite reports an error.
TextRows QuerySqliteFile(const std::string& path, const std::string& sql);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_CONTRACT_STORE_SQLITE_HARNESS_H_
