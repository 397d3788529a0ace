// What may come next on the command line.
#ifndef TIKHAUL_CLI_COMPLETION_H_
#define TIKHAUL_CLI_COMPLETION_H_

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tikhaul {

// Names that only the configuration or the catalogue knows.
enum class NameKind { kExtract, kConnection, kStream };
using NamesOfKind = std::function<std::vector<std::string>(NameKind)>;

// `words`: those behind the program's name, the last of them begun or empty. Gives the words that may stand in its
// place, in order; none where a file or anything else is wanted. Commands, options and values come from `app`.
std::vector<std::string> CompletionsOf(const CLI::App& app, const std::vector<std::string>& words,
                                       const NamesOfKind& names);

// The value that `words` give to the option ("--config FILE"); empty when they do not.
std::string ValueGiven(const std::vector<std::string>& words, const std::string& option);

// What a shell runs to complete `tikhaul` by the above; `shell`: "bash" or "zsh".
std::string CompletionScript(const std::string& shell);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_COMPLETION_H_
