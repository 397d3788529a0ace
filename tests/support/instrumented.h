// Whether AddressSanitizer looks on: then memory is its own, not ours.
#ifndef TIKHAUL_TESTS_SUPPORT_INSTRUMENTED_H_
#define TIKHAUL_TESTS_SUPPORT_INSTRUMENTED_H_

namespace tikhaul {

#if defined(__SANITIZE_ADDRESS__)
inline constexpr bool kInstrumented = true;
#else
inline constexpr bool kInstrumented = false;
#endif

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_INSTRUMENTED_H_
