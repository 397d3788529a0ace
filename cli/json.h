// Answers as JSON, for scripts.
#ifndef TIKHAUL_CLI_JSON_H_
#define TIKHAUL_CLI_JSON_H_

#include <string>

#include "google/protobuf/message.h"

namespace tikhaul {

// Protobuf's JSON with the field names of the .proto files; members without a value are printed too. One line, without
// a line break, unless `pretty`.
std::string ToJson(const google::protobuf::Message& message, bool pretty);

}  // namespace tikhaul

#endif  // TIKHAUL_CLI_JSON_H_
