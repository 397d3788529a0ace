#include "common/base/digest.h"

#include <xxhash.h>

#include "absl/strings/str_format.h"

namespace tikhaul {

uint64_t StableHash(absl::string_view bytes, uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

std::string HashHex(uint64_t hash) { return absl::StrFormat("%016x", hash); }

}  // namespace tikhaul
