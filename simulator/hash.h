// Hashes from which the whole data set follows: the same seed gives the same accounts, objects and figures everywhere.
#ifndef TIKHAUL_SIMULATOR_HASH_H_
#define TIKHAUL_SIMULATOR_HASH_H_

#include <cstdint>

namespace tikhaul::simulator {

// A bijective mixer of 64 bits.
inline uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}
inline uint64_t Mix(uint64_t a, uint64_t b) { return Mix(a ^ Mix(b)); }
inline uint64_t Mix(uint64_t a, uint64_t b, uint64_t c) { return Mix(Mix(a, b), c); }

// A figure in [low, high], high included, out of `hash`.
inline int64_t Between(uint64_t hash, int64_t low, int64_t high) {
  return low + static_cast<int64_t>(hash % static_cast<uint64_t>(high - low + 1));
}

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_HASH_H_
