// From text to a YAML node, with the library's traps avoided. The text is outside input.
#ifndef TIKHAUL_COMMON_CONFIG_YAML_TEXT_H_
#define TIKHAUL_COMMON_CONFIG_YAML_TEXT_H_

#include <yaml-cpp/yaml.h>

#include <optional>
#include <string>

#include "common/config/yaml_reader.h"

namespace tikhaul {

// The one document of the text. Nothing, and a problem, when the text is not YAML, is empty or holds more than one.
std::optional<YAML::Node> ParseYaml(const std::string& text, ConfigProblems& problems);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_YAML_TEXT_H_
