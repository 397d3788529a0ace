// Manual pages, made from the definition of a command line.
#ifndef TIKHAUL_COMMON_PROGRAM_MAN_PAGE_H_
#define TIKHAUL_COMMON_PROGRAM_MAN_PAGE_H_

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tikhaul {

struct ManPageFacts {
  std::string name;                   // of the program
  int section = 1;                    // 1: for users, 8: daemons
  std::string summary;                // a few words
  std::vector<std::string> see_also;  // "tikhaul(1)"
};

// In the language of man(7). The footer of `app`, if it has one, tells the exit codes.
std::string ManPage(const CLI::App& app, const ManPageFacts& facts);

// --man: prints that page and ends the program well.
void AddManFlag(CLI::App& app, const ManPageFacts& facts);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_PROGRAM_MAN_PAGE_H_
