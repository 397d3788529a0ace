#include "common/config/yaml_text.h"

#include <yaml-cpp/eventhandler.h>

#include <sstream>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

// Notes where the second document starts. YAML::LoadAll is no help: after some texts (a stray "]") it goes on finding
// empty documents until memory is used up.
class DocumentCounter : public YAML::EventHandler {
 public:
  int documents() const { return documents_; }
  int line() const { return line_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    ++documents_;
    line_ = mark.line + 1;
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

 private:
  int documents_ = 0;
  int line_ = 1;
};

// The line in which a second document starts, if there is one.
std::optional<int> SecondDocument(const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  DocumentCounter counter;
  for (int i = 0; i < 2 && parser.HandleNextDocument(counter); ++i) continue;
  if (counter.documents() < 2) return std::nullopt;
  return counter.line();
}

}  // namespace

std::optional<YAML::Node> ParseYaml(const std::string& text, ConfigProblems& problems) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (const std::optional<int> line = SecondDocument(text)) {
      problems.Add(*line, "not YAML: the document ends before this, and only one is allowed");
      return std::nullopt;
    }
    if (root.IsDefined() && !root.IsNull()) return root;
    problems.Add(1, "the file is empty: `tikhaul init` writes one to start from");
  } catch (const YAML::Exception& fault) {
    problems.Add(fault.mark.is_null() ? 1 : fault.mark.line + 1, absl::StrCat("not YAML: ", fault.msg));
  }
  return std::nullopt;
}

}  // namespace tikhaul
