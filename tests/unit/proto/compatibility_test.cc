// Programs of every release kept in proto/released can talk with those of this tree.
#include <gmock/gmock.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/str_join.h"
#include "tests/support/proto_compatibility.h"
#include "tests/unit/proto/descriptors.h"

namespace tikhaul {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Changes of names alone, after which the bytes are the same.
const std::set<std::string> kSameBytes = {
    // WorkerInfo of admin.proto has the members of the message that it took the place of, and is held against 0.1.0
    // itself.
    "field PeerReport.workers: type was .tikhaul.v1.PeerReport.Worker, is .tikhaul.v1.WorkerInfo",
    "message PeerReport.Worker: removed",
};

TEST(ProtoCompatibility, NothingThatAReleaseKnowsHasGoneOrChanged) {
  int releases = 0;
  for (const auto& entry : std::filesystem::directory_iterator(RELEASED)) {
    std::vector<std::string> breaches = BreachesOf(ReadDescriptors(entry.path()), CurrentDescriptors());
    std::erase_if(breaches, [](const std::string& breach) { return kSameBytes.contains(breach); });
    EXPECT_THAT(breaches, IsEmpty()) << "programs of " << entry.path().stem() << " would not understand this:\n"
                                     << absl::StrJoin(breaches, "\n");
    ++releases;
  }
  EXPECT_GT(releases, 0);
}

template <typename List>
auto Find(List* list, const std::string& name) {
  const auto found = std::find_if(list->begin(), list->end(), [&](const auto& one) { return one.name() == name; });
  if (found == list->end()) throw std::out_of_range(name);
  return found;
}

template <typename List>
void Remove(List* list, const std::string& name) {
  list->erase(Find(list, name));
}

// The breaches of this tree against itself with something broken.
class BrokenTree : public testing::Test {
 protected:
  FileDescriptorProto& Admin() { return *Find(now_.mutable_file(), "tikhaul/v1/admin.proto"); }
  DescriptorProto& Message(const std::string& name) { return *Find(Admin().mutable_message_type(), name); }
  FieldDescriptorProto& Field(const std::string& message, const std::string& name) {
    return *Find(Message(message).mutable_field(), name);
  }
  EnumDescriptorProto& State() { return *Find(Message("CheckLine").mutable_enum_type(), "State"); }
  std::vector<std::string> Breaches() { return BreachesOf(released_, now_); }

  const FileDescriptorSet released_ = CurrentDescriptors();
  FileDescriptorSet now_ = released_;
};

TEST_F(BrokenTree, AnUnchangedTreeHasNoBreach) { EXPECT_THAT(Breaches(), IsEmpty()); }

TEST_F(BrokenTree, AdditionsAreNoBreach) {
  FieldDescriptorProto* const field = Message("Run").add_field();
  field->set_name("colour");
  field->set_number(900);
  Admin().add_message_type()->set_name("News");
  Admin().mutable_service(0)->add_method()->set_name("Sing");
  State().add_value()->set_name("STATE_BORED");
  now_.add_file()->set_name("tikhaul/v1/new.proto");
  EXPECT_THAT(Breaches(), IsEmpty());
}

TEST_F(BrokenTree, ARemovedFieldIsCaught) {
  Remove(Message("Run").mutable_field(), "rows");
  EXPECT_THAT(Breaches(), ElementsAre("field Run.rows: removed"));
}

TEST_F(BrokenTree, ARenumberedFieldIsCaught) {
  Field("Run", "rows").set_number(901);
  EXPECT_THAT(Breaches(), ElementsAre("field Run.rows: number was 8, is 901"));
}

TEST_F(BrokenTree, ARenamedFieldIsCaught) {
  Field("Run", "rows").set_name("lines");
  EXPECT_THAT(Breaches(), ElementsAre("field Run.rows: removed"));
}

TEST_F(BrokenTree, AnotherTypeIsCaught) {
  Field("Run", "rows").set_type(FieldDescriptorProto::TYPE_STRING);
  EXPECT_THAT(Breaches(), ElementsAre("field Run.rows: type was TYPE_UINT64, is TYPE_STRING"));
}

TEST_F(BrokenTree, AnotherMessageIsCaught) {
  Field("Run", "chunks").set_type_name(".tikhaul.v1.Pause");
  EXPECT_THAT(Breaches(), ElementsAre("field Run.chunks: type was .tikhaul.v1.ChunkCounts, is .tikhaul.v1.Pause"));
}

TEST_F(BrokenTree, AnotherLabelIsCaught) {
  Field("Run", "rows").set_label(FieldDescriptorProto::LABEL_REPEATED);
  EXPECT_THAT(Breaches(), ElementsAre("field Run.rows: label was LABEL_OPTIONAL, is LABEL_REPEATED"));
}

TEST_F(BrokenTree, AFieldThatMovesIntoAOneofIsCaught) {
  Message("Run").add_oneof_decl()->set_name("how");
  Field("Run", "rows").set_oneof_index(0);
  EXPECT_THAT(Breaches(), ElementsAre("field Run.rows: oneof was none, is how"));
}

TEST_F(BrokenTree, AReservedNumberThatIsUsedAgainIsCaught) {
  FieldDescriptorProto* const field = Message("Block").add_field();
  field->set_name("extract");
  field->set_number(2);
  EXPECT_THAT(Breaches(), ElementsAre("Block.extract: takes the reserved number 2"));
  Message("Block").clear_reserved_range();
  EXPECT_THAT(Breaches(), ElementsAre("Block.extract: takes the reserved number 2",
                                      "Block. numbers 2 to 2 are no longer reserved"));
}

TEST_F(BrokenTree, ARemovedMessageIsCaught) {
  Remove(Admin().mutable_message_type(), "PauseResponse");
  EXPECT_THAT(Breaches(), ElementsAre("message PauseResponse: removed"));
}

TEST_F(BrokenTree, ARemovedOrRenumberedEnumValueIsCaught) {
  State().mutable_value(1)->set_number(77);
  Remove(State().mutable_value(), "STATE_FAILED");
  EXPECT_THAT(Breaches(), ElementsAre("value CheckLine.State.STATE_OK: number was 1, is 77",
                                      "value CheckLine.State.STATE_FAILED: removed"));
}

TEST_F(BrokenTree, ARemovedEnumIsCaught) {
  Message("CheckLine").clear_enum_type();
  EXPECT_THAT(Breaches(), ElementsAre("enum CheckLine.State: removed"));
}

TEST_F(BrokenTree, ARemovedCallIsCaught) {
  Remove(Admin().mutable_service(0)->mutable_method(), "Cancel");
  EXPECT_THAT(Breaches(), ElementsAre("call Admin.Cancel: removed"));
}

TEST_F(BrokenTree, ACallThatTakesOrGivesSomethingElseIsCaught) {
  auto& watch = *Find(Admin().mutable_service(0)->mutable_method(), "WatchStatus");
  watch.set_input_type(".tikhaul.v1.GetStatusRequest");
  watch.set_server_streaming(false);
  EXPECT_THAT(Breaches(), ElementsAre(HasSubstr("call Admin.WatchStatus: request was"),
                                      "call Admin.WatchStatus: stream of answers was 1, is 0"));
}

TEST_F(BrokenTree, ARemovedServiceIsCaught) {
  Admin().clear_service();
  EXPECT_THAT(Breaches(), ElementsAre("service Admin: removed"));
}

TEST_F(BrokenTree, ARenamedPackageAndARemovedFileAreCaught) {
  Admin().set_package("tikhaul.v2");
  Remove(now_.mutable_file(), "tikhaul/v1/rows.proto");
  EXPECT_THAT(Breaches(), testing::UnorderedElementsAre("file tikhaul/v1/rows.proto: removed",
                                                        HasSubstr("package was tikhaul.v1, is tikhaul.v2")));
}

}  // namespace
}  // namespace tikhaul
