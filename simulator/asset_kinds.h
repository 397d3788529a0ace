// Lists of things beside campaigns and ads: what they are called, what they take, what they show (tiktok-api.md 7.2,
// 8).
#ifndef TIKHAUL_SIMULATOR_ASSET_KINDS_H_
#define TIKHAUL_SIMULATOR_ASSET_KINDS_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "simulator/entity_fields.h"

namespace tikhaul::simulator {

enum class AssetSource : uint8_t {
  kPick,  // one of the JSON texts of `values` ("a | b"), by the asset's seed
  kAdvertiserId,
  kId,       // 19 digits
  kOtherId,  // the same of another thing
  kFileId,   // `values` and hexadecimal digits
  kName,     // changes when the asset is modified
  kHex,      // 32 hexadecimal digits
  kWhole,    // a number in `values` ("low high")
  kSeconds,  // the same with a fraction
  kCreated,  // YYYY-MM-DD HH:MM:SS
  kModified,
  kCreatedIso,  // with T and Z
  kModifiedIso,
  kSignedUrl,  // another text at every read
  kUrlExpiry,
};

struct AssetField {
  absl::string_view name;
  FieldType type;
  AssetSource source;
  absl::string_view values = {};
  bool shown = true;  // false: only filters know it
  bool kept = true;   // false: no store needs to have it as a column
};

// A parameter, or a member of the parameter `filtering`.
struct AssetInput {
  enum Shape : uint8_t {
    kIs,        // a text that the field must be
    kOneOf,     // the same, one of `values`
    kIds,       // a JSON array of up to 100 texts, of which the field must be one
    kSomeOf,    // the same, of `values`
    kContains,  // a text that the field must hold
    kFlag,      // a boolean that the field must be
    kFrom,      // a UTC second before which nothing was created
    kTo,
    kOrder,     // EARLIEST_CREATE, LATEST_CREATE
    kDeleted,   // primary_status
    kLanguage,  // has no effect on the rows but their names
  };
  absl::string_view name;
  Shape shape;
  absl::string_view field = {};
  absl::string_view values = {};
  bool in_filtering = false;
  bool required = false;
};

struct AssetKind {
  absl::string_view stream;  // of the truth
  absl::string_view path;
  absl::string_view rows_member;
  absl::Span<const AssetField> fields;
  absl::Span<const AssetInput> inputs;
  uint32_t count = 30;  // in each account, over all time
  bool paged = true;
  int64_t page_size = 20;  // when none is asked for
  int64_t most_page_size = 100;
  int64_t reach = 0;                 // page x page_size may not be more; 0: no limit
  bool newest_change_first = false;  // else the newest thing first
};

absl::Span<const AssetKind> AssetKinds();
// nullptr when there is none.
const AssetKind* FindAssetKind(absl::string_view path);
const AssetKind* FindAssetStream(absl::string_view stream);

}  // namespace tikhaul::simulator

#endif  // TIKHAUL_SIMULATOR_ASSET_KINDS_H_
