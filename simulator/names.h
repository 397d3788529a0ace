// Names that people give to things: with quotes, commas, line breaks, emoji and other scripts.
#ifndef TIKHAUL_SIMULATOR_NAMES_H_
#define TIKHAUL_SIMULATOR_NAMES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "simulator/level.h"

namespace tikhaul::simulator {

// The name of the object with this seed; `number` counts the objects of its level in the account.
std::string ObjectName(Level level, uint64_t seed, uint32_t number);
// The text of an advert.
absl::string_view AdText(uint64_t seed);
// Appends `text` as a JSON string, quotes included.
void AppendJsonString(absl::string_view text, std::string& out);
// The `index`-th (modulo their number) of alternatives that are written "a | b | c".
absl::string_view Pick(absl::string_view alternatives, uint64_t index);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_NAMES_H_
