// Aligned tables of text.
#ifndef TIKHAUL_CLI_TABLE_H_
#define TIKHAUL_CLI_TABLE_H_

#include <string>
#include <vector>

namespace tikhaul {

struct TableHead {
  std::string title;
  bool right = false;  // figures stand at the right edge
};

// Not thread-safe.
class TextTable {
 public:
  explicit TextTable(std::vector<TableHead> heads) : heads_(std::move(heads)) {}

  // As many cells as heads. Control characters are taken out.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  // Head and rows, each line closed by a line break, no spaces at line ends. Empty without rows.
  std::string Render() const;

 private:
  std::vector<TableHead> heads_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_TABLE_H_
