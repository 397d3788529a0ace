// Descriptor sets from files.
#ifndef TIKHAUL_TESTS_UNIT_PROTO_DESCRIPTORS_H_
#define TIKHAUL_TESTS_UNIT_PROTO_DESCRIPTORS_H_

#include <gtest/gtest.h>

#include <string>

#include "common/base/files.h"
#include "google/protobuf/descriptor.pb.h"

namespace tikhaul {

inline google::protobuf::FileDescriptorSet ReadDescriptors(const std::string& path) {
  google::protobuf::FileDescriptorSet set;
  const absl::StatusOr<std::string> bytes = ReadFile(path);
  EXPECT_TRUE(bytes.ok() && set.ParseFromString(*bytes) && set.file_size() > 0) << path;
  return set;
}

// Of the tree as it is, with comments.
inline google::protobuf::FileDescriptorSet CurrentDescriptors() { return ReadDescriptors(DESCRIPTORS); }

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_UNIT_PROTO_DESCRIPTORS_H_
