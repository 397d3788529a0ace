// Building requests. Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CATALOG_API_REQUEST_H_
#define TIKHAUL_COMMON_CATALOG_API_REQUEST_H_

#include <string>

#include "absl/strings/string_view.h"
#include "tikhaul/v1/ingest.pb.h"

namespace tikhaul {

inline void AddParam(v1::ApiRequest& request, absl::string_view name, absl::string_view value) {
  v1::ApiParam& param = *request.add_params();
  param.set_name(std::string(name));
  param.set_value(std::string(value));
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_API_REQUEST_H_
