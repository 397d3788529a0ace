#include "common/program/man_page.h"

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/base/version.h"
#include "common/program/command_line.h"

namespace tikhaul {
namespace {

// Text as man(7) shows it: hyphens and quotes that can be copied, and no line that is taken for a request.
std::string Plain(absl::string_view text) {
  std::string plain = absl::StrReplaceAll(text, {{"\\", "\\e"}, {"-", "\\-"}, {"`", "\\(ga"}, {"'", "\\(aq"}});
  if (absl::StartsWith(plain, ".")) plain.insert(0, "\\&");
  return plain;
}

std::string Bold(absl::string_view text) { return absl::StrCat("\\fB", Plain(text), "\\fR"); }
std::string Slanted(absl::string_view text) { return absl::StrCat("\\fI", Plain(text), "\\fR"); }

// A word that stands for itself or for a value.
std::string Value(const CLI::Option& option) {
  const std::vector<std::string> choices = ChoicesOf(option);
  if (choices.empty()) return Slanted(ValueOf(option));
  std::vector<std::string> words;
  for (const std::string& choice : choices) words.push_back(Bold(choice));
  return absl::StrJoin(words, "|");
}

class Page {
 public:
  void Line(const std::string& line) { absl::StrAppend(&text_, line, "\n"); }
  void Heading(const std::string& name) { Line(absl::StrCat(".SH ", name)); }
  // One line of text for each line; empty ones are left out.
  void Text(absl::string_view text) {
    for (const absl::string_view line : absl::StrSplit(text, '\n')) {
      const absl::string_view stripped = absl::StripAsciiWhitespace(line);
      if (!stripped.empty()) Line(Plain(stripped));
    }
  }
  void Option(const CLI::Option& option) {
    Line(".TP");
    std::vector<std::string> names;
    for (const std::string& name : NamesOf(option)) names.push_back(Bold(name));
    Line(absl::StrCat(absl::StrJoin(names, ", "), TakesValue(option) ? absl::StrCat(" ", Value(option)) : ""));
    const std::string what = option.get_description();
    Text(what.empty() ? "As its name says" : what);
    if (!option.get_default_str().empty()) Line(absl::StrCat("(default: ", Plain(option.get_default_str()), ")"));
    if (!option.get_envname().empty()) Line(absl::StrCat("(environment: ", Bold(option.get_envname()), ")"));
  }
  void Positional(const CLI::Option& option) {
    Line(".TP");
    Line(Slanted(option.get_name(true)));
    Text(option.get_description());
    const std::vector<std::string> choices = ChoicesOf(option);
    if (!choices.empty()) Line(absl::StrCat("(one of ", Plain(absl::StrJoin(choices, ", ")), ")"));
  }
  std::string text() && { return std::move(text_); }

 private:
  std::string text_;
};

std::string Usage(const CLI::App& app, const std::string& name) {
  std::string line = Bold(name);
  if (!NamedOptions(app).empty()) absl::StrAppend(&line, " [", Slanted("options"), "]");
  for (const CLI::Option* option : Positionals(app)) {
    const bool many = option->get_items_expected_max() > 1;
    const std::string word = absl::StrCat(Slanted(option->get_name(true)), many ? " ..." : "");
    absl::StrAppend(&line, " ", option->get_required() ? word : absl::StrCat("[", word, "]"));
  }
  if (!Subcommands(app).empty()) absl::StrAppend(&line, " ", Slanted("command"), " ...");
  return line;
}

void AddOptions(const CLI::App& app, Page& page) {
  for (const CLI::Option* option : Positionals(app)) page.Positional(*option);
  for (const CLI::Option* option : NamedOptions(app)) {
    if (option != app.get_help_ptr()) page.Option(*option);
  }
}

void AddCommands(const CLI::App& app, const std::string& prefix, Page& page) {
  for (const CLI::App* command : Subcommands(app)) {
    const std::string name = absl::StrCat(prefix, command->get_name());
    page.Line(absl::StrCat(".SS ", name));
    page.Line(Usage(*command, name));
    page.Line(".PP");
    page.Text(command->get_description());
    AddOptions(*command, page);
    AddCommands(*command, absl::StrCat(name, " "), page);
  }
}

void CollectEnvironment(const CLI::App& app, std::vector<const CLI::Option*>& options) {
  for (const CLI::Option* option : NamedOptions(app)) {
    if (!option->get_envname().empty()) options.push_back(option);
  }
  for (const CLI::App* command : Subcommands(app)) CollectEnvironment(*command, options);
}

void AddEnvironment(const CLI::App& app, Page& page) {
  std::vector<const CLI::Option*> options;
  CollectEnvironment(app, options);
  if (options.empty()) return;
  page.Heading("ENVIRONMENT");
  for (const CLI::Option* option : options) {
    page.Line(".TP");
    page.Line(Bold(option->get_envname()));
    page.Line(absl::StrCat("In place of ", Bold(NamesOf(*option).back()), "."));
  }
}

}  // namespace

std::string ManPage(const CLI::App& app, const ManPageFacts& facts) {
  Page page;
  page.Line(absl::StrCat(".TH ", absl::AsciiStrToUpper(facts.name), " ", facts.section, " \"\" \"tikhaul ", kVersion,
                         "\" \"tikhaul\""));
  page.Heading("NAME");
  page.Line(absl::StrCat(Plain(facts.name), " \\- ", Plain(facts.summary)));
  page.Heading("SYNOPSIS");
  page.Line(Usage(app, facts.name));
  page.Heading("DESCRIPTION");
  page.Text(app.get_description());
  page.Heading("OPTIONS");
  AddOptions(app, page);
  if (!Subcommands(app).empty()) {
    page.Heading("COMMANDS");
    page.Line("The options above may also stand behind a command.");
    AddCommands(app, "", page);
  }
  AddEnvironment(app, page);
  if (!app.get_footer().empty()) {
    page.Heading("EXIT STATUS");
    page.Text(app.get_footer());
  }
  if (!facts.see_also.empty()) {
    page.Heading("SEE ALSO");
    page.Line(Plain(absl::StrJoin(facts.see_also, ", ")));
  }
  return std::move(page).text();
}

void AddManFlag(CLI::App& app, const ManPageFacts& facts) {
  // Thrown as --version is: CLI11 prints it and ends well.
  app.add_flag_callback(
         "--man", [&app, facts] { throw CLI::CallForVersion(ManPage(app, facts), 0); },
         "Print the manual page and leave")
      ->trigger_on_parse();
}

}  // namespace tikhaul
