// Small questions about an extract that several files of this folder ask.
#ifndef TIKHAUL_COMMON_CATALOG_STREAM_OF_H_
#define TIKHAUL_COMMON_CATALOG_STREAM_OF_H_

#include "common/catalog/catalog.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// The extract's stream, which must be known: CheckExtract has seen to it. Stops the process otherwise.
const StreamSpec& StreamOf(const v1::Extract& extract);
// The extract's mode, or its stream's default where none is set. The stream must be known.
WriteMode ModeOf(const v1::Extract& extract);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CATALOG_STREAM_OF_H_
