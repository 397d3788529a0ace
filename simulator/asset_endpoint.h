// GET on the lists of asset_kinds.h.
#ifndef TIKHAUL_SIMULATOR_ASSET_ENDPOINT_H_
#define TIKHAUL_SIMULATOR_ASSET_ENDPOINT_H_

#include <cstdint>

#include "simulator/asset_kinds.h"
#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/report_endpoint.h"

namespace tikhaul::simulator {

// The page that `call` asks for; `now` are Unix seconds, `read` numbers the reads. Pure.
EndpointAnswer AnswerAssets(const DataSet& data_set, const AssetKind& kind, const Call& call, int64_t now,
                            uint64_t read, const PageTwist& twist);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ASSET_ENDPOINT_H_
