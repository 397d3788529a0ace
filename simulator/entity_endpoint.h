// GET campaign/get/, adgroup/get/ and ad/get/ (tiktok-api.md 6).
#ifndef TIKHAUL_SIMULATOR_ENTITY_ENDPOINT_H_
#define TIKHAUL_SIMULATOR_ENTITY_ENDPOINT_H_

#include <cstdint>

#include "simulator/call.h"
#include "simulator/data_set.h"
#include "simulator/report_endpoint.h"

namespace tikhaul::simulator {

// The page that `call` asks for; `now` are Unix seconds. Pure.
EndpointAnswer AnswerEntities(const DataSet& data_set, Level level, const Call& call, int64_t now,
                              const PageTwist& twist);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ENTITY_ENDPOINT_H_
