// Everything in the admin service says what it is, and is made alike: it is the contract of those who write scripts.
#include <gmock/gmock.h>

#include <algorithm>
#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "tests/unit/proto/descriptors.h"

namespace tikhaul {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::ServiceDescriptorProto;
using ::testing::IsEmpty;

FileDescriptorProto AdminFile() {
  const google::protobuf::FileDescriptorSet all = CurrentDescriptors();
  for (const FileDescriptorProto& file : all.file()) {
    if (file.name() == "tikhaul/v1/admin.proto") return file;
  }
  ADD_FAILURE() << "there is no admin.proto";
  return {};
}

class Comments {
 public:
  explicit Comments(const FileDescriptorProto& file) {
    for (const auto& location : file.source_code_info().location()) {
      const std::string text = absl::StrCat(location.leading_comments(), location.trailing_comments());
      if (!absl::StripAsciiWhitespace(text).empty()) words_[{location.path().begin(), location.path().end()}] = text;
    }
  }

  // Notes what has none: `path` as in descriptor.proto, SourceCodeInfo.
  void Need(const std::string& name, const std::vector<int>& path) {
    if (!words_.contains(path)) missing_.push_back(name);
  }

  void NeedAll(const DescriptorProto& message, const std::string& name, const std::vector<int>& path) {
    Need(name, path);
    const auto within = [&](int member, int index) {
      std::vector<int> longer = path;
      longer.insert(longer.end(), {member, index});
      return longer;
    };
    for (int i = 0; i < message.field_size(); ++i) {
      Need(absl::StrCat(name, ".", message.field(i).name()), within(DescriptorProto::kFieldFieldNumber, i));
    }
    for (int i = 0; i < message.enum_type_size(); ++i) {
      Need(absl::StrCat(name, ".", message.enum_type(i).name()), within(DescriptorProto::kEnumTypeFieldNumber, i));
    }
    for (int i = 0; i < message.nested_type_size(); ++i) {
      NeedAll(message.nested_type(i), absl::StrCat(name, ".", message.nested_type(i).name()),
              within(DescriptorProto::kNestedTypeFieldNumber, i));
    }
  }
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  std::map<std::vector<int>, std::string> words_;
  std::vector<std::string> missing_;
};

TEST(AdminProto, EveryCallMessageAndFieldHasAComment) {
  const FileDescriptorProto file = AdminFile();
  Comments comments(file);
  for (int i = 0; i < file.message_type_size(); ++i) {
    comments.NeedAll(file.message_type(i), file.message_type(i).name(),
                     {FileDescriptorProto::kMessageTypeFieldNumber, i});
  }
  const int service = FileDescriptorProto::kServiceFieldNumber, method = ServiceDescriptorProto::kMethodFieldNumber;
  ASSERT_EQ(file.service_size(), 1);
  for (int i = 0; i < file.service(0).method_size(); ++i) {
    comments.Need(file.service(0).method(i).name(), {service, 0, method, i});
  }
  EXPECT_THAT(comments.missing(), IsEmpty());
}

bool Has(const FileDescriptorProto& file, const std::string& type, const std::string& field) {
  const std::string name = type.substr(type.rfind('.') + 1);
  for (const DescriptorProto& message : file.message_type()) {
    if (message.name() != name) continue;
    return std::any_of(message.field().begin(), message.field().end(),
                       [&](const FieldDescriptorProto& one) { return one.name() == field; });
  }
  ADD_FAILURE() << "there is no " << name;
  return false;
}

// A new call is a list, unless it is named here.
TEST(AdminProto, ChangingCallsTakeIdempotencyKeysAndListsArePaged) {
  const std::vector<std::string> changing = {"Backfill", "Sync", "Cancel", "Pause", "Resume", "Retry"};
  // One answer, or a stream of them.
  const std::vector<std::string> neither = {"Check", "Plan", "GetStatus", "WatchStatus", "Verify", "ListFigures"};
  const FileDescriptorProto file = AdminFile();
  for (const auto& call : file.service(0).method()) {
    const auto listed = [&](const std::vector<std::string>& list) {
      return std::find(list.begin(), list.end(), call.name()) != list.end();
    };
    EXPECT_EQ(Has(file, call.input_type(), "idempotency_key"), listed(changing)) << call.name();
    const bool paged = Has(file, call.input_type(), "page_size") && Has(file, call.input_type(), "page_token") &&
                       Has(file, call.output_type(), "next_page_token");
    EXPECT_EQ(paged, !listed(changing) && !listed(neither)) << call.name();
  }
}

}  // namespace
}  // namespace tikhaul
