// What a fuzzed function promises about every input, checked in every build.
#ifndef TIKHAUL_TESTS_FUZZ_FUZZ_CHECK_H_
#define TIKHAUL_TESTS_FUZZ_FUZZ_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

// Called by libFuzzer with inputs that it makes up, and by replay.cc with those of the corpus.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace tikhaul {

// Ends the process, which is how libFuzzer learns of a finding.
[[noreturn]] inline void PromiseBroken(const char* file, int line, const std::string& what) {
  std::fprintf(stderr, "%s:%d: broken promise: %s\n", file, line, what.c_str());
  std::abort();
}

}  // namespace tikhaul

#define FUZZ_CHECK(condition, detail)                                                                      \
  do {                                                                                                     \
    if (!(condition)) tikhaul::PromiseBroken(__FILE__, __LINE__, std::string(#condition ": ") + (detail)); \
  } while (false)

#endif  // TIKHAUL_TESTS_FUZZ_FUZZ_CHECK_H_
