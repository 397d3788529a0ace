// The things behind the lists of asset_kinds.h: a pure function of account, kind and time.
#ifndef TIKHAUL_SIMULATOR_ASSETS_H_
#define TIKHAUL_SIMULATOR_ASSETS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "simulator/asset_kinds.h"
#include "simulator/data_set.h"

namespace tikhaul::simulator {

// Times are Unix seconds.
struct Asset {
  uint64_t id = 0;  // larger is newer
  uint64_t seed = 0;
  int64_t created = 0;
  int64_t modified = 0;
  int64_t removed = kNever;  // from when on the API no longer shows it
};

// All that ever were or will be, the newest first.
std::vector<Asset> AllAssetsOf(const Account& account, const AssetKind& kind);
// All that there are at `now`, in the order of the list.
std::vector<Asset> AssetsOf(const Account& account, const AssetKind& kind, int64_t now);
// The asset's name, and the time of its last change.
std::string AssetName(const AssetKind& kind, const Asset& asset, int64_t now);
int64_t AssetModified(const Asset& asset, int64_t now);
// Appends the field as JSON. `read` numbers the reads: signed addresses change with it.
void AppendAssetField(const Account& account, const AssetKind& kind, const Asset& asset, const AssetField& field,
                      int64_t now, uint64_t read, std::string& out);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ASSETS_H_
