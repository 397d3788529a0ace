#include "simulator/assets.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "common/base/digest.h"
#include "simulator/entity_values.h"
#include "simulator/hash.h"
#include "simulator/names.h"
#include "simulator/object_values.h"

namespace tikhaul::simulator {
namespace {

constexpr int64_t kDaySeconds = 86'400;
constexpr int64_t kHorizonDays = 400;  // after the anchor, as with campaigns

uint64_t FieldSeed(const Asset& asset, const AssetField& field) { return Mix(asset.seed, StableHash(field.name)); }

// "2020-06-10T07:39:14Z"
std::string Iso(int64_t seconds) {
  std::string text = FormatUtc(seconds);
  text[10] = 'T';
  return text + "Z";
}

std::string Hex(uint64_t seed) { return absl::StrFormat("%016x%016x", Mix(seed, 1), Mix(seed, 2)); }

int64_t InRange(absl::string_view range, uint64_t seed) {
  const std::pair<absl::string_view, absl::string_view> ends = absl::StrSplit(range, absl::MaxSplits(' ', 1));
  int64_t low = 0, high = 0;
  (void)absl::SimpleAtoi(ends.first, &low);
  (void)absl::SimpleAtoi(ends.second, &high);
  return Between(seed, low, high);
}

uint32_t CountOf(const Account& account, const AssetKind& kind) {
  return kind.stream == "videos" && account.profile.videos > 0 ? account.profile.videos : kind.count;
}

Asset MakeAsset(const Account& account, const AssetKind& kind, uint32_t number) {
  Asset asset;
  asset.seed = Mix(account.seed, StableHash(kind.path), number);
  // Evenly over the account's life, the part after the anchor included.
  const int64_t life = (account.profile.age_days + kHorizonDays) * kDaySeconds;
  asset.created = account.created + 3'600 + life * number / CountOf(account, kind);
  asset.id = (static_cast<uint64_t>(asset.created) << 32) | (number * 2'654'435'761u);
  asset.modified = asset.created;
  if (Mix(asset.seed, 3) % 3 == 0) asset.modified += Between(Mix(asset.seed, 4), 1, 300 * kDaySeconds);
  if (Mix(asset.seed, 5) % 12 == 0) asset.removed = asset.created + Between(Mix(asset.seed, 6), 60, 500) * kDaySeconds;
  return asset;
}

}  // namespace

int64_t AssetModified(const Asset& asset, int64_t now) {
  return asset.modified <= now ? asset.modified : asset.created;
}

std::string AssetName(const AssetKind& kind, const Asset& asset, int64_t now) {
  const bool changed = AssetModified(asset, now) != asset.created;
  return absl::StrCat(kind.stream, " ", Pick("Summer, \"sale\" | 春 🌸 | Plain | Line\nbreak", Mix(asset.seed, 8)), " ",
                      asset.id % 1'000'000, changed ? " (new)" : "");
}

std::vector<Asset> AllAssetsOf(const Account& account, const AssetKind& kind) {
  std::vector<Asset> assets;
  for (uint32_t n = CountOf(account, kind); n-- > 0;) assets.push_back(MakeAsset(account, kind, n));
  return assets;
}

std::vector<Asset> AssetsOf(const Account& account, const AssetKind& kind, int64_t now) {
  std::vector<Asset> assets = AllAssetsOf(account, kind);
  std::erase_if(assets, [now](const Asset& asset) { return asset.created > now || asset.removed <= now; });
  if (kind.newest_change_first) {
    std::stable_sort(assets.begin(), assets.end(),
                     [now](const Asset& a, const Asset& b) { return AssetModified(a, now) > AssetModified(b, now); });
  }
  return assets;
}

void AppendAssetField(const Account& account, const AssetKind& kind, const Asset& asset, const AssetField& field,
                      int64_t now, uint64_t read, std::string& out) {
  const uint64_t seed = FieldSeed(asset, field);
  switch (field.source) {
    case AssetSource::kPick:
      absl::StrAppend(&out, Pick(field.values, seed));
      return;
    case AssetSource::kAdvertiserId:
      return AppendJsonString(account.id_text, out);
    case AssetSource::kId:
      return AppendJsonString(absl::StrCat(asset.id), out);
    case AssetSource::kOtherId:
      return AppendJsonString(absl::StrCat(asset.id ^ 0x155), out);
    case AssetSource::kFileId:
      return AppendJsonString(absl::StrCat(field.values, Hex(seed)), out);
    case AssetSource::kName:
      return AppendJsonString(AssetName(kind, asset, now), out);
    case AssetSource::kHex:
      return AppendJsonString(Hex(seed), out);
    case AssetSource::kWhole:
      absl::StrAppend(&out, InRange(field.values, seed));
      return;
    case AssetSource::kSeconds:
      return AppendFixed(InRange(field.values, seed) * 1'000 + static_cast<int64_t>(seed % 1'000), 3, out);
    case AssetSource::kCreated:
      return AppendJsonString(FormatUtc(asset.created), out);
    case AssetSource::kModified:
      return AppendJsonString(FormatUtc(AssetModified(asset, now)), out);
    case AssetSource::kCreatedIso:
      return AppendJsonString(Iso(asset.created), out);
    case AssetSource::kModifiedIso:
      return AppendJsonString(Iso(AssetModified(asset, now)), out);
    case AssetSource::kSignedUrl:
      return AppendJsonString(absl::StrCat("https://p16.example.com/", Hex(seed), "?x-expires=", now + 3'600,
                                           "&x-signature=", Hex(Mix(seed, read)).substr(0, 12), "%3D"),
                              out);
    case AssetSource::kUrlExpiry:
      return AppendJsonString(FormatUtc(now + 6 * 3'600 + static_cast<int64_t>(read % 60)), out);
  }
}

}  // namespace tikhaul::simulator
