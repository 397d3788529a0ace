#include "tests/support/proto_compatibility.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace tikhaul {
namespace {

using google::protobuf::DescriptorProto;
using google::protobuf::EnumDescriptorProto;
using google::protobuf::EnumValueDescriptorProto;
using google::protobuf::FieldDescriptorProto;
using google::protobuf::FileDescriptorProto;
using google::protobuf::FileDescriptorSet;
using google::protobuf::MethodDescriptorProto;
using google::protobuf::ServiceDescriptorProto;

// Names of what things stand in end with a dot.
class Comparison {
 public:
  void Files(const FileDescriptorSet& released, const FileDescriptorSet& now) {
    Each("file ", released.file(), now.file(), [this](const FileDescriptorProto& was, const FileDescriptorProto& is) {
      Same("file " + was.name(), "package", was.package(), is.package());
      Same("file " + was.name(), "syntax", was.syntax(), is.syntax());
      Messages("", was.message_type(), is.message_type());
      Enums("", was.enum_type(), is.enum_type());
      Each("service ", was.service(), is.service(),
           [this](const ServiceDescriptorProto& before, const ServiceDescriptorProto& after) {
             Methods(before, after);
           });
    });
  }
  std::vector<std::string> breaches;

 private:
  template <typename T>
  void Same(const std::string& name, absl::string_view what, const T& was, const T& is) {
    if (was != is) breaches.push_back(absl::StrCat(name, ": ", what, " was ", was, ", is ", is));
  }

  // Calls `compare` for each of `before` with that of the same name in `after`; it is a breach when there is none.
  template <typename List, typename Compare>
  void Each(const std::string& kind, const List& before, const List& after, Compare compare) {
    for (const auto& was : before) {
      const auto is =
          std::find_if(after.begin(), after.end(), [&](const auto& one) { return one.name() == was.name(); });
      if (is == after.end()) {
        breaches.push_back(absl::StrCat(kind, was.name(), ": removed"));
      } else {
        compare(was, *is);
      }
    }
  }

  template <typename List>
  void Messages(const std::string& within, const List& before, const List& after) {
    Each("message " + within, before, after, [&](const DescriptorProto& was, const DescriptorProto& is) {
      const std::string name = absl::StrCat(within, was.name(), ".");
      Fields(name, was, is);
      Reserved(name, was, is, is.field(), /*end_included=*/false);
      Messages(name, was.nested_type(), is.nested_type());
      Enums(name, was.enum_type(), is.enum_type());
    });
  }

  static std::string OneofOf(const DescriptorProto& message, const FieldDescriptorProto& field) {
    return field.has_oneof_index() ? message.oneof_decl(field.oneof_index()).name() : "none";
  }

  void Fields(const std::string& within, const DescriptorProto& before, const DescriptorProto& after) {
    Each("field " + within, before.field(), after.field(),
         [&](const FieldDescriptorProto& was, const FieldDescriptorProto& is) {
           const std::string name = absl::StrCat("field ", within, was.name());
           Same(name, "number", was.number(), is.number());
           Same(name, "type", FieldDescriptorProto::Type_Name(was.type()), FieldDescriptorProto::Type_Name(is.type()));
           Same(name, "type", was.type_name(), is.type_name());
           Same(name, "label", FieldDescriptorProto::Label_Name(was.label()),
                FieldDescriptorProto::Label_Name(is.label()));
           Same(name, "oneof", OneofOf(before, was), OneofOf(after, is));
           Same(name, "JSON name", was.json_name(), is.json_name());
         });
  }

  template <typename List>
  void Enums(const std::string& within, const List& before, const List& after) {
    Each("enum " + within, before, after, [&](const EnumDescriptorProto& was, const EnumDescriptorProto& is) {
      const std::string name = absl::StrCat(within, was.name(), ".");
      Each("value " + name, was.value(), is.value(),
           [&](const EnumValueDescriptorProto& old_value, const EnumValueDescriptorProto& new_value) {
             Same(absl::StrCat("value ", name, old_value.name()), "number", old_value.number(), new_value.number());
           });
      Reserved(name, was, is, is.value(), /*end_included=*/true);
    });
  }

  // What was reserved stays so, and nothing uses it.
  template <typename Message, typename Elements>
  void Reserved(const std::string& name, const Message& before, const Message& after, const Elements& elements,
                bool end_included) {
    for (const auto& range : before.reserved_range()) {
      const int last = end_included ? range.end() : range.end() - 1;
      for (const auto& element : elements) {
        if (element.number() >= range.start() && element.number() <= last) {
          breaches.push_back(absl::StrCat(name, element.name(), ": takes the reserved number ", element.number()));
        }
      }
      const auto& ranges = after.reserved_range();
      if (std::none_of(ranges.begin(), ranges.end(),
                       [&](const auto& one) { return one.start() <= range.start() && one.end() >= range.end(); })) {
        breaches.push_back(absl::StrCat(name, " numbers ", range.start(), " to ", last, " are no longer reserved"));
      }
    }
    for (const std::string& reserved : before.reserved_name()) {
      const auto& names = after.reserved_name();
      if (std::find(names.begin(), names.end(), reserved) == names.end()) {
        breaches.push_back(absl::StrCat(name, " the name ", reserved, " is no longer reserved"));
      }
    }
  }

  void Methods(const ServiceDescriptorProto& before, const ServiceDescriptorProto& after) {
    Each(absl::StrCat("call ", before.name(), "."), before.method(), after.method(),
         [&](const MethodDescriptorProto& was, const MethodDescriptorProto& is) {
           const std::string name = absl::StrCat("call ", before.name(), ".", was.name());
           Same(name, "request", was.input_type(), is.input_type());
           Same(name, "answer", was.output_type(), is.output_type());
           Same(name, "stream of requests", was.client_streaming(), is.client_streaming());
           Same(name, "stream of answers", was.server_streaming(), is.server_streaming());
         });
  }
};

}  // namespace

std::vector<std::string> BreachesOf(const FileDescriptorSet& released, const FileDescriptorSet& now) {
  Comparison comparison;
  comparison.Files(released, now);
  return std::move(comparison.breaches);
}

}  // namespace tikhaul
