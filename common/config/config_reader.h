// From YAML to the config message, step by step. Used by the files of this folder only.
#ifndef TIKHAUL_COMMON_CONFIG_CONFIG_READER_H_
#define TIKHAUL_COMMON_CONFIG_CONFIG_READER_H_

#include <map>
#include <string>
#include <vector>

#include "common/config/yaml_reader.h"
#include "tikhaul/v1/config.pb.h"

namespace tikhaul {

// Where the parts of an extract or a connection stand, for problems found after all is read.
struct Places {
  int line = 0;                                      // of the whole
  std::map<std::string, int> keys;                   // line of each key that is there
  std::map<std::string, std::vector<int>> elements;  // lines of the elements of its lists

  // The line of the element, else of the key, else of the whole.
  int Line(const std::string& key, int index = -1) const;
};

struct ReadConnection {
  v1::Connection message;
  Places places;
};

struct ReadExtract {
  v1::Extract message;
  Places places;
};

// Reads what stands there and fills in defaults. `folder` is where relative paths start.
void ReadApp(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::App& app);
void ReadApi(YamlReader& yaml, const YamlValue& value, v1::Api& api);
// Limits that stand there override those of the tier; what stays 0 is for FillQuota.
void ReadQuota(YamlReader& yaml, const YamlValue& value, v1::Quota& quota);
void FillQuota(bool sandbox, v1::Quota& quota);
// The first address that other machines can reach; `address` is empty when there is none.
struct ForeignAddress {
  YamlValue value;
  std::string address;
};
// `foreign_http`: where an address for HTTP stands that other machines can reach.
ForeignAddress ReadCoordinator(YamlReader& yaml, const YamlValue& value, const std::string& folder,
                               v1::CoordinatorSettings& settings, std::vector<YamlValue>& foreign_http);
void ReadTls(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::Tls& tls);
void ReadIdentities(YamlReader& yaml, const YamlValue& value, v1::Config& config);
// What other machines can reach is encrypted, unless the file says that it need not be.
void CheckForeign(YamlReader& yaml, const ForeignAddress& foreign, const v1::Config& config);
void ReadStoreOptions(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::StoreOptions& options);
void ReadRedisOptions(YamlReader& yaml, const YamlValue& value, const std::string& folder, v1::RedisSettings& options);
// When all is read: whether they fit each other and the address.
void CheckRedisOptions(YamlReader& yaml, const YamlValue& value, const v1::Config& config);
void ReadWorker(YamlReader& yaml, const YamlValue& value, v1::WorkerSettings& settings,
                std::vector<YamlValue>& foreign_http);
void CheckHttp(YamlReader& yaml, const v1::Config& config, const std::vector<YamlValue>& foreign_http);
std::vector<ReadConnection> ReadConnections(YamlReader& yaml, const YamlValue& value, const std::string& folder);
// Each extract is checked by the catalogue's rules, too.
std::vector<ReadExtract> ReadExtracts(YamlReader& yaml, const YamlValue& value);

// The text of a mapping's `name`, for labels; "?" when there is none.
std::string NameIn(const YAML::Node& node);

// Rules that concern several parts of the file at once.
void CheckTogether(const v1::Config& config, const std::vector<ReadConnection>& connections,
                   const std::vector<ReadExtract>& extracts, ConfigProblems& problems);

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_CONFIG_CONFIG_READER_H_
