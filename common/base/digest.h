// Stable 64-bit hashes (XXH3): the same bytes give the same figure on every machine and in every version.
#ifndef TIKHAUL_COMMON_BASE_DIGEST_H_
#define TIKHAUL_COMMON_BASE_DIGEST_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul {

uint64_t StableHash(absl::string_view bytes, uint64_t seed = 0);
// 16 hexadecimal digits.
std::string HashHex(uint64_t hash);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_DIGEST_H_
