// Rules that concern several parts of the file: names that must be unique or known, and what the sandbox lacks.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/catalog/catalog.h"
#include "common/config/config_reader.h"

namespace tikhaul {
namespace {

constexpr absl::string_view kNotInSandbox = " in the sandbox (tiktok-api.md 2.4)";

class TogetherCheck {
 public:
  TogetherCheck(const v1::Config& config, const std::vector<ReadConnection>& connections,
                const std::vector<ReadExtract>& extracts, ConfigProblems& problems)
      : config_(config), connections_(connections), extracts_(extracts), problems_(problems) {}

  void Run() {
    for (const ReadConnection& connection : connections_) CheckConnection(connection);
    for (const ReadExtract& extract : extracts_) CheckExtract(extract);
  }

 private:
  // "extract "x"" and the like, for the start of messages.
  static std::string Label(absl::string_view kind, absl::string_view name) {
    return absl::StrCat(kind, " \"", name, "\": ");
  }

  void Unique(std::set<std::string>& seen, const std::string& text, int line, absl::string_view message) {
    if (!text.empty() && !seen.insert(text).second) problems_.Add(line, message);
  }

  void CheckConnection(const ReadConnection& connection) {
    const v1::Connection& message = connection.message;
    const std::string label = Label("connection", message.name());
    Unique(connection_names_, message.name(), connection.places.Line("name"),
           absl::StrCat(label, "the name is used twice"));
    if (message.all_advertisers() && config_.app().secret_file().empty()) {
      problems_.Add(connection.places.Line("advertisers"),
                    absl::StrCat(label,
                                 "advertisers: all needs app.secret_file, because TikTok lists accounts only to who "
                                 "knows the app's secret "
                                 "(tiktok-api.md 2.2); or write the ids"));
    }
    if (message.all_advertisers() && config_.api().sandbox()) {
      problems_.Add(connection.places.Line("advertisers"),
                    absl::StrCat(label, "accounts cannot be listed", kNotInSandbox, ": write the id"));
    }
    for (int i = 0; i < message.advertisers_size(); ++i) {
      CheckAdvertiser(message.advertisers(i), label, connection.places.Line("advertisers", i));
    }
  }

  void CheckAdvertiser(const v1::AdvertiserRef& ref, const std::string& label, int line) {
    Unique(advertiser_ids_, ref.id(), line,
           absl::StrCat(label, "advertiser ", ref.id(), " stands twice: each account belongs to one connection"));
    if (config_.api().sandbox() && ref.timezone().empty() && !ref.id().empty()) {
      problems_.Add(line, absl::StrCat(label, "advertiser ", ref.id(),
                                       " needs timezone and currency, which cannot be asked", kNotInSandbox));
    }
  }

  void CheckExtract(const ReadExtract& extract) {
    const v1::Extract& message = extract.message;
    const std::string label = Label("extract", message.name());
    Unique(extract_names_, message.name(), extract.places.Line("name"), absl::StrCat(label, "the name is used twice"));
    Unique(tables_, message.table(), extract.places.Line(extract.places.keys.count("table") != 0 ? "table" : "name"),
           absl::StrCat(label, "table \"", message.table(), "\" belongs to another extract already"));
    if (message.history()) {
      Unique(tables_, HistoryTableName(message.table()), extract.places.Line("history"),
             absl::StrCat(label, "its history needs table \"", HistoryTableName(message.table()),
                          "\", which belongs to another extract"));
    }
    CheckConnectionsOf(extract, label);
    CheckAdvertisersOf(extract, label);
    if (config_.api().sandbox()) CheckSandbox(extract, label);
  }

  void CheckConnectionsOf(const ReadExtract& extract, const std::string& label) {
    const std::vector<std::string> known(connection_names_.begin(), connection_names_.end());
    for (int i = 0; i < extract.message.connections_size(); ++i) {
      const std::string& name = extract.message.connections(i);
      if (connection_names_.count(name) != 0) continue;
      const std::string nearest = NearestWord(name, known);
      problems_.Add(extract.places.Line("connections", i),
                    absl::StrCat(label, "no connection \"", name, "\"",
                                 nearest.empty() ? "" : absl::StrCat("; did you mean \"", nearest, "\"?")));
    }
  }

  // With "all" somewhere, TikTok decides later which ids there are.
  void CheckAdvertisersOf(const ReadExtract& extract, const std::string& label) {
    const bool any_id = std::any_of(connections_.begin(), connections_.end(),
                                    [](const ReadConnection& c) { return c.message.all_advertisers(); });
    for (int i = 0; i < extract.message.advertisers_size() && !any_id; ++i) {
      const std::string& id = extract.message.advertisers(i);
      if (advertiser_ids_.count(id) != 0) continue;
      problems_.Add(extract.places.Line("advertisers", i), absl::StrCat(label, "no connection has advertiser ", id));
    }
  }

  void CheckSandbox(const ReadExtract& extract, const std::string& label) {
    const StreamSpec* stream = FindStream(extract.message.stream());
    if (stream != nullptr && !stream->in_sandbox) {
      problems_.Add(extract.places.Line("stream"),
                    absl::StrCat(label, stream->name, " is not supported", kNotInSandbox));
    }
    if (extract.message.asynchronous() == v1::ASYNCHRONOUS_ALWAYS) {
      problems_.Add(extract.places.Line("asynchronous"),
                    absl::StrCat(label, "asynchronous reports are not supported", kNotInSandbox));
    }
    if (extract.message.level() == LevelName(kAdvertiserLevel)) {
      problems_.Add(extract.places.Line("level"),
                    absl::StrCat(label, "level advertiser is not supported", kNotInSandbox));
    }
  }

  const v1::Config& config_;
  const std::vector<ReadConnection>& connections_;
  const std::vector<ReadExtract>& extracts_;
  ConfigProblems& problems_;
  std::set<std::string> connection_names_, extract_names_, tables_, advertiser_ids_;
};

}  // namespace

void CheckTogether(const v1::Config& config, const std::vector<ReadConnection>& connections,
                   const std::vector<ReadExtract>& extracts, ConfigProblems& problems) {
  TogetherCheck(config, connections, extracts, problems).Run();
}

}  // namespace tikhaul
