// usage: config_as_json FILE   - the configuration as our programs understand it, as JSON; or its problems, with exit
// code 1.
#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <string>

#include "common/config/config.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: config_as_json FILE\n");
    return 2;
  }
  const absl::StatusOr<tikhaul::v1::Config> config = tikhaul::LoadConfig(argv[1]);
  if (!config.ok()) {
    std::fprintf(stderr, "%s\n", std::string(config.status().message()).c_str());
    return 1;
  }
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(*config, &json, options).ok()) return 1;
  std::printf("%s\n", json.c_str());
  return 0;
}
