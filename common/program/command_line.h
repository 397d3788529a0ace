// What can be told of a command line from its CLI11 definition.
#ifndef TIKHAUL_COMMON_PROGRAM_COMMAND_LINE_H_
#define TIKHAUL_COMMON_PROGRAM_COMMAND_LINE_H_

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace tikhaul {

// "--config", "-h"; none for positional arguments.
std::vector<std::string> NamesOf(const CLI::Option& option);
bool TakesValue(const CLI::Option& option);
// The values that it takes, where it takes only some.
std::vector<std::string> ChoicesOf(const CLI::Option& option);
// "DAY", "N", "a|b|c"; empty for flags.
std::string ValueOf(const CLI::Option& option);

// In the order of their definition, without hidden ones.
std::vector<const CLI::Option*> NamedOptions(const CLI::App& app);
std::vector<const CLI::Option*> Positionals(const CLI::App& app);
std::vector<const CLI::App*> Subcommands(const CLI::App& app);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_PROGRAM_COMMAND_LINE_H_
