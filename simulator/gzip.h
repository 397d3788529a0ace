#ifndef TIKHAUL_SIMULATOR_GZIP_H_
#define TIKHAUL_SIMULATOR_GZIP_H_

#include <string>

#include "absl/strings/string_view.h"

namespace tikhaul::simulator {

// `text` in gzip form, fast rather than small. Empty when zlib fails.
std::string Gzip(absl::string_view text);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_GZIP_H_
