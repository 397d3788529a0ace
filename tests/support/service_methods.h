// Every method of every service that the tree's .proto files define.
#ifndef TIKHAUL_TESTS_SUPPORT_SERVICE_METHODS_H_
#define TIKHAUL_TESTS_SUPPORT_SERVICE_METHODS_H_

#include <google/protobuf/descriptor.pb.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "tests/support/scratch_folder.h"

namespace tikhaul {

struct ServiceMethod {
  std::string path;  // "/tikhaul.v1.Admin/Check"
  bool streams = false;
};

// `folder`: the tree's proto/, whose descriptors protoc writes. When it cannot, the test program stops.
inline std::vector<ServiceMethod> ServiceMethods(const std::string& folder) {
  const ScratchFolder scratch;
  const std::string command = "cd '" + folder + "' && protoc -I. --descriptor_set_out='" + scratch.Path("set") +
                              "' $(find . -name '*.proto' -printf '%P ')";
  google::protobuf::FileDescriptorSet set;
  const bool made = std::system(command.c_str()) == 0;
  std::ifstream written(scratch.Path("set"), std::ios::binary);
  if (!made || !set.ParseFromIstream(&written)) {
    std::fprintf(stderr, "failed: %s\n", command.c_str());
    std::abort();
  }
  std::vector<ServiceMethod> methods;
  for (const auto& file : set.file()) {
    for (const auto& service : file.service()) {
      for (const auto& method : service.method()) {
        methods.push_back({"/" + file.package() + "." + service.name() + "/" + method.name(),
                           method.client_streaming() || method.server_streaming()});
      }
    }
  }
  return methods;
}

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_SERVICE_METHODS_H_
