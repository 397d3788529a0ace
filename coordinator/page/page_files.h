// The files of the status page, compiled in.
#ifndef TIKHAUL_COORDINATOR_PAGE_PAGE_FILES_H_
#define TIKHAUL_COORDINATOR_PAGE_PAGE_FILES_H_

#include "absl/strings/string_view.h"

namespace tikhaul {

extern const absl::string_view kIndexHtml;
extern const absl::string_view kLoginHtml;
extern const absl::string_view kPageCss;
extern const absl::string_view kPageJs;
extern const absl::string_view kIconSvg;

}  // namespace tikhaul

#endif  // TIKHAUL_COORDINATOR_PAGE_PAGE_FILES_H_
