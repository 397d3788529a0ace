#include "cli/table.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "cli/format.h"

namespace tikhaul {

void TextTable::Add(std::vector<std::string> cells) {
  cells.resize(heads_.size());
  for (std::string& cell : cells) cell = Printable(cell);
  rows_.push_back(std::move(cells));
}

std::string TextTable::Render() const {
  if (rows_.empty()) return "";
  std::vector<std::string> titles;
  std::vector<int> widths;
  for (size_t i = 0; i < heads_.size(); ++i) {
    titles.push_back(heads_[i].title);
    int width = DisplayWidth(heads_[i].title);
    for (const auto& row : rows_) width = std::max(width, DisplayWidth(row[i]));
    widths.push_back(width);
  }
  std::string text;
  const auto append = [&](const std::vector<std::string>& cells) {
    std::string line;
    for (size_t i = 0; i < cells.size(); ++i) {
      if (i > 0) line += "  ";
      line += heads_[i].right ? PadLeft(cells[i], widths[i]) : PadRight(cells[i], widths[i]);
    }
    absl::StrAppend(&text, absl::StripTrailingAsciiWhitespace(line), "\n");
  };
  append(titles);
  for (const auto& row : rows_) append(row);
  return text;
}

}  // namespace tikhaul
