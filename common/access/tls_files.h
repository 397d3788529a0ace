// The PEM files of `tls`, looked at before they are used, so that what is wrong is told in words.
#ifndef TIKHAUL_COMMON_ACCESS_TLS_FILES_H_
#define TIKHAUL_COMMON_ACCESS_TLS_FILES_H_

#include "absl/status/status.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// The files that are named can be read, are PEM, the key belongs to the certificate, and the certificate is valid now.
// FAILED_PRECONDITION names the file and the mend.
absl::Status CheckTlsFiles(const v1::Tls& tls);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_ACCESS_TLS_FILES_H_
