#include "common/config/addresses.h"
#include "common/config/config_reader.h"
#include "common/config/values.h"

namespace tikhaul {
namespace {

// "7002...", or {id: "7002...", timezone: ..., currency: ..., created: ...}.
v1::AdvertiserRef ReadAdvertiser(YamlReader& yaml, const YamlValue& value) {
  v1::AdvertiserRef ref;
  const auto set_id = [&](std::string id) { ref.set_id(id); };
  if (!value.node.IsMap()) {
    yaml.Into(ParseAdvertiserId, set_id)(value);
    return ref;
  }
  yaml.Map(value,
           {
               {"id", yaml.Into(ParseAdvertiserId, set_id)},
               {"timezone", yaml.Into(ParseTimezone, [&](std::string zone) { ref.set_timezone(zone); })},
               {"currency", yaml.Into(ParseCurrency, [&](std::string code) { ref.set_currency(code); })},
               {"created", yaml.Into(ParseDayText, [&](std::string day) { ref.set_created(day); })},
           },
           {"id"});
  return ref;
}

void ReadAdvertisers(YamlReader& yaml, const YamlValue& value, ReadConnection& connection) {
  if (value.node.IsScalar()) {
    if (value.node.Scalar() == "all") {
      connection.message.set_all_advertisers(true);
    } else {
      yaml.Problem(value, "write all, or a list of advertiser ids such as [\"7002238017842757633\"]");
    }
    return;
  }
  const std::vector<YamlValue> elements = yaml.List(value);
  if (elements.empty() && value.node.IsSequence()) yaml.Problem(value, "names no advertiser: write ids, or all");
  for (const YamlValue& element : elements) {
    *connection.message.add_advertisers() = ReadAdvertiser(yaml, element);
    connection.places.elements["advertisers"].push_back(element.line);
  }
}

ReadConnection ReadOne(YamlReader& yaml, YamlValue value, const std::string& folder) {
  ReadConnection connection;
  connection.places.line = value.line;
  v1::Connection& message = connection.message;
  message.set_weight(1);
  value.label = "connection \"" + NameIn(value.node) + "\"";
  const auto path = [folder](absl::string_view text) { return ParsePath(text, folder); };
  connection.places.keys =
      yaml.Map(value,
               {
                   {"name", yaml.Into(ParseName, [&](std::string name) { message.set_name(name); })},
                   {"token_file", yaml.Into(path, [&](std::string file) { message.set_token_file(file); })},
                   {"weight", yaml.Into(NumberBetween(1, 100), [&](uint64_t n) { message.set_weight(n); })},
                   {"advertisers", [&](const YamlValue& given) { ReadAdvertisers(yaml, given, connection); }},
               },
               {"name", "token_file", "advertisers"});
  return connection;
}

}  // namespace

std::string NameIn(const YAML::Node& node) {
  if (!node.IsMap()) return "?";
  for (const auto& entry : node) {
    if (entry.first.IsScalar() && entry.first.Scalar() == "name" && entry.second.IsScalar())
      return entry.second.Scalar();
  }
  return "?";
}

int Places::Line(const std::string& key, int index) const {
  if (const auto list = elements.find(key);
      index >= 0 && list != elements.end() && static_cast<size_t>(index) < list->second.size()) {
    return list->second[index];
  }
  const auto found = keys.find(key);
  return found == keys.end() ? line : found->second;
}

std::vector<ReadConnection> ReadConnections(YamlReader& yaml, const YamlValue& value, const std::string& folder) {
  std::vector<ReadConnection> connections;
  for (const YamlValue& element : yaml.List(value)) connections.push_back(ReadOne(yaml, element, folder));
  return connections;
}

}  // namespace tikhaul
