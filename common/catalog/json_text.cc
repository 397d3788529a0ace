#include "common/catalog/json_text.h"

#include <nlohmann/json.hpp>

namespace tikhaul {

std::string JsonArray(const std::vector<std::string>& texts) {
  nlohmann::json array = nlohmann::json::array();
  for (const std::string& text : texts) array.push_back(text);
  return array.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::optional<std::vector<std::string>> ParseJsonArray(absl::string_view text) {
  const nlohmann::json array = nlohmann::json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
  if (!array.is_array()) return std::nullopt;
  std::vector<std::string> texts;
  for (const nlohmann::json& element : array) {
    if (!element.is_string()) return std::nullopt;
    texts.push_back(element.get<std::string>());
  }
  return texts;
}

}  // namespace tikhaul
