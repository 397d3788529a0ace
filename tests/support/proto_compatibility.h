// Whether old programs and new ones still understand each other: descriptors held against those of a release.
#ifndef TIKHAUL_TESTS_SUPPORT_PROTO_COMPATIBILITY_H_
#define TIKHAUL_TESTS_SUPPORT_PROTO_COMPATIBILITY_H_

#include <string>
#include <vector>

#include "google/protobuf/descriptor.pb.h"

namespace tikhaul {

// One sentence for each thing of `released` that `now` lacks or has changed: files and their packages, messages, fields
// (number, name, type, label, oneof), enumerations and their values, reserved numbers and names, services, calls and
// what they take and give. Additions are no breach, unless they take what was reserved.
std::vector<std::string> BreachesOf(const google::protobuf::FileDescriptorSet& released,
                                    const google::protobuf::FileDescriptorSet& now);

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_PROTO_COMPATIBILITY_H_
