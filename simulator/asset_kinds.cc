// Data only: tiktok-api.md 3.2 for pages, 7.2 and 8 for the rest.
#include "simulator/asset_kinds.h"

namespace tikhaul::simulator {
namespace {

using enum AssetSource;
using T = FieldType;
using I = AssetInput;

constexpr bool kShown = true;
constexpr bool kNotKept = false;
constexpr absl::string_view kLanguages = "en zh ja de es fr id it ko ru th tr vi ar pt ms";

constexpr AssetField kPixels[] = {
    {"pixel_id", T::kText, kId},
    {"pixel_code", T::kText, kFileId, "C"},
    {"pixel_name", T::kText, kName},
    {"pixel_category", T::kText, kPick, R"j("ONLINE_STORE" | "CUSTOMIZE_EVENTS" | null)j"},
    {"pixel_setup_mode", T::kText, kPick, R"j("STANDARD" | "DEVELOPER")j"},
    {"pixel_script", T::kText, kPick,
     R"j("<script>!function (w, d, t) { w.TiktokAnalyticsObject=t; }(window)</script>")j", kShown, kNotKept},
    {"create_time", T::kTime, kCreated},
    {"partner_name", T::kText, kPick, R"j(null | "Shopify")j"},
    {"advanced_matching_fields", T::kJson, kPick, R"j({"email":true,"phone_number":false} | {})j"},
    {"automatic_advanced_matching_fields", T::kJson, kPick, R"j({"email":false})j"},
    {"asset_ownership", T::kJson, kPick, R"j({"asset_owner_type":"ADVERTISER"} | null)j"},
    {"enable_first_party_cookies", T::kFlag, kPick, "true | false"},
    {"enable_expanded_data_sharing", T::kFlag, kPick, "false"},
    {"events", T::kJson, kPick, R"j([] | [{"event_type":"ON_WEB_ORDER","name":"a \"b\", c","rules":[{"v":1.50}]}])j"},
};
constexpr AssetInput kPixelInputs[] = {
    {"pixel_id", I::kIs, "pixel_id"},
    {"code", I::kIs, "pixel_code"},
    {"name", I::kContains, "pixel_name"},
    {"order_by", I::kOrder, "", "EARLIEST_CREATE LATEST_CREATE"},
};

constexpr AssetField kVideos[] = {
    {"video_id", T::kText, kFileId, "v10033g50000"},
    {"material_id", T::kText, kOtherId},
    {"file_name", T::kText, kName},
    {"format", T::kText, kPick, R"j("mp4" | "mov")j"},
    {"signature", T::kText, kHex},
    {"width", T::kInteger, kPick, "720 | 1080"},
    {"height", T::kInteger, kPick, "720 | 1280 | 1920"},
    {"size", T::kInteger, kWhole, "1000000 60000000"},
    {"bit_rate", T::kInteger, kWhole, "500000 4000000"},
    {"duration", T::kNumber, kSeconds, "5 60"},
    {"allow_download", T::kFlag, kPick, "true | false"},
    {"displayable", T::kFlag, kPick, "true | false"},
    {"allowed_placements", T::kJson, kPick, R"j(["PLACEMENT_TIKTOK","PLACEMENT_PANGLE"] | [])j"},
    {"preview_url", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"preview_url_expire_time", T::kTime, kUrlExpiry, "", kShown, kNotKept},
    {"video_cover_url", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"create_time", T::kTime, kCreatedIso},
    {"modify_time", T::kTime, kModifiedIso},
};
constexpr AssetInput kVideoInputs[] = {
    {"video_ids", I::kIds, "video_id", "", true},
    {"material_ids", I::kIds, "material_id", "", true},
    {"video_name", I::kContains, "file_name", "", true},
};

constexpr AssetField kImages[] = {
    {"image_id", T::kText, kFileId, "v0201/"},
    {"material_id", T::kText, kOtherId},
    {"file_name", T::kText, kName},
    {"format", T::kText, kPick, R"j("jpeg" | "png")j"},
    {"signature", T::kText, kHex},
    {"width", T::kInteger, kPick, "720 | 1080"},
    {"height", T::kInteger, kPick, "720 | 1280"},
    {"size", T::kInteger, kWhole, "10000 900000"},
    {"displayable", T::kFlag, kPick, "true | false"},
    {"is_carousel_usable", T::kFlag, kPick, "false | true"},
    {"image_url", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"create_time", T::kTime, kCreatedIso},
    {"modify_time", T::kTime, kModifiedIso},
};
constexpr AssetInput kImageInputs[] = {
    {"image_ids", I::kIds, "image_id", "", true},
    {"material_ids", I::kIds, "material_id", "", true},
    {"displayable", I::kFlag, "displayable", "", true},
};

constexpr AssetField kMusic[] = {
    {"music_id", T::kText, kId},
    {"material_id", T::kText, kOtherId},
    {"sources", T::kJson, kPick, R"j([{"type":"main page"}] | ["SYSTEM"] | [])j"},
    {"author", T::kText, kPick, R"j("Ada \"A\", B" | "音楽家" | "")j"},
    {"liked", T::kFlag, kPick, "true | false"},
    {"cover_url", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"url", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"duration", T::kNumber, kSeconds, "10 200"},
    {"style", T::kText, kPick, R"j("rock" | "pop" | null)j"},
    {"signature", T::kText, kHex},
    {"name", T::kText, kName},
    {"file_name", T::kText, kName},
    {"copyright", T::kText, kPick, R"j("" | "© 2024")j"},
    {"create_time", T::kTime, kCreated},
    {"modify_time", T::kTime, kModified},
};

constexpr AssetField kPortfolios[] = {
    {"creative_portfolio_id", T::kText, kId},
    {"creative_portfolio_type", T::kText, kPick, R"j("CTA" | "CARD")j"},
    {"creative_portfolio_preview_url", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"card_type", T::kText, kPick, R"j(null | "GIFT_CODE" | "PREMIUM_BADGE")j"},
    {"title", T::kText, kName},
    {"image_id", T::kText, kFileId, "ad-site-i18n-sg/"},
    {"call_to_action_text", T::kText, kPick, R"j("LEARN_MORE" | null)j"},
    {"selling_points", T::kJson, kPick, R"j(["cheap, \"good\"","fast"] | [] | null)j"},
    {"layouts", T::kJson, kPick, R"j([{"w":1,"h":2}] | null)j"},
    {"tags", T::kJson, kPick, R"j(["a"] | null)j"},
    {"app_id", T::kText, kPick, "null"},
    {"sticker_param", T::kJson, kPick, R"j({"x":0.50,"y":0.25} | null)j"},
    {"landing_page_url", T::kText, kPick, R"j("https://shop.example.com/?a=1&b=2" | null)j"},
    {"badge_show_time", T::kInteger, kWhole, "1 9", kShown, kNotKept},
};

constexpr AssetField kAudiences[] = {
    {"audience_id", T::kText, kId},
    {"name", T::kText, kName},
    {"audience_type", T::kText, kPick, R"j("Website Audience" | "Lookalike Audience" | "Customer File")j"},
    {"cover_num", T::kInteger, kWhole, "0 90000000"},
    {"create_time", T::kTime, kCreated},
    {"expired_time", T::kTime, kPick, R"j("2030-01-31 23:59:59" | "2031-12-01 00:00:00")j"},
    {"is_valid", T::kFlag, kPick, "true | false"},
    {"is_expiring", T::kFlag, kPick, "false | true"},
    {"is_creator", T::kFlag, kPick, "true"},
    {"shared", T::kFlag, kPick, "false | true"},
    {"calculate_type", T::kText, kPick, R"j(null | "IMPRESSION")j"},
};
constexpr AssetInput kAudienceInputs[] = {{"custom_audience_ids", I::kIds, "audience_id"}};

constexpr AssetField kIdentities[] = {
    {"identity_id", T::kText, kFileId, "1b8a"},
    {"identity_type", T::kText, kPick, R"j("CUSTOMIZED_USER" | "AUTH_CODE" | "TT_USER" | "BC_AUTH_TT")j"},
    {"identity_authorized_bc_id", T::kText, kPick, R"j("7010000000000000001" | "7010000000000000002")j"},
    {"display_name", T::kText, kName},
    {"profile_image", T::kText, kSignedUrl, "", kShown, kNotKept},
    {"available_status", T::kText, kPick, R"j("AVAILABLE" | "NO_DATA_AUTHORIZED")j"},
    {"can_push_video", T::kFlag, kPick, "true | false"},
    {"can_pull_video", T::kFlag, kPick, "true | false"},
    {"can_use_live_ads", T::kFlag, kPick, "false | true"},
    {"can_manage_message", T::kFlag, kPick, "false"},
};
constexpr AssetInput kIdentityInputs[] = {
    {"identity_type", I::kOneOf, "identity_type", "CUSTOMIZED_USER AUTH_CODE TT_USER BC_AUTH_TT"},
    {"identity_authorized_bc_id", I::kIs, "identity_authorized_bc_id"},
};

constexpr AssetField kGmvMaxCampaigns[] = {
    {"advertiser_id", T::kText, kAdvertiserId},
    {"campaign_id", T::kText, kId},
    {"campaign_name", T::kText, kName},
    {"operation_status", T::kText, kPick, R"j("ENABLE" | "DISABLE")j"},
    {"secondary_status", T::kText, kPick,
     R"j("CAMPAIGN_STATUS_ENABLE" | "CAMPAIGN_STATUS_DELETE" | "CAMPAIGN_STATUS_DISABLE")j"},
    {"objective_type", T::kText, kPick, R"j("PRODUCT_SALES")j"},
    {"create_time", T::kTime, kCreated},
    {"modify_time", T::kTime, kModified},
    {"roi_protection_compensation_status", T::kText, kPick, R"j("NOT_ELIGIBLE" | "IN_EFFECT")j"},
    {"#promotion", T::kText, kPick, R"j("PRODUCT_GMV_MAX" | "LIVE_GMV_MAX")j", false, kNotKept},
};
constexpr AssetInput kGmvMaxInputs[] = {
    {"gmv_max_promotion_types", I::kSomeOf, "#promotion", "PRODUCT_GMV_MAX LIVE_GMV_MAX", true, true},
    {"campaign_ids", I::kIds, "campaign_id", "", true},
    {"campaign_name", I::kContains, "campaign_name", "", true},
    {"primary_status", I::kDeleted, "secondary_status", "STATUS_ALL STATUS_NOT_DELETE STATUS_DELETE", true},
    {"creation_filter_start_time", I::kFrom, "", "", true},
    {"creation_filter_end_time", I::kTo, "", "", true},
};

constexpr AssetField kActions[] = {
    {"action_category_id", T::kText, kId},
    {"action_scene", T::kText, kPick, R"j("VIDEO_RELATED" | "CREATOR_RELATED")j"},
    {"name", T::kText, kName},
    {"description", T::kText, kPick, R"j("People who \"watched\"" | "")j"},
    {"level", T::kInteger, kPick, "1 | 2 | 3"},
    {"sub_category_ids", T::kJson, kPick, R"j([] | ["101"])j"},
    {"special_industries", T::kJson, kPick, R"j([] | ["HOUSING"])j"},
};
constexpr AssetField kRegions[] = {
    {"region_id", T::kText, kId},
    {"region_name", T::kText, kName},
    {"region_level", T::kText, kPick, R"j("COUNTRY" | "PROVINCE" | "CITY")j"},
    {"country_code", T::kText, kPick, R"j("US" | "GB" | "JP")j"},
    {"parent_id", T::kText, kPick, R"j("0" | "6252001")j"},
    {"area_type", T::kText, kPick, R"j("ADMINISTRATIVE")j"},
    {"support_below_18", T::kFlag, kPick, "true | false"},
};
constexpr AssetInput kLanguageInput[] = {{"language", I::kLanguage, "", kLanguages}};

constexpr AssetKind kKinds[] = {
    {.stream = "pixels",
     .path = "pixel/list/",
     .rows_member = "pixels",
     .fields = kPixels,
     .inputs = kPixelInputs,
     .count = 55,
     .page_size = 10,
     .most_page_size = 20},
    {.stream = "videos",
     .path = "file/video/ad/search/",
     .rows_member = "list",
     .fields = kVideos,
     .inputs = kVideoInputs,
     .count = 230,
     .reach = 10'000,
     .newest_change_first = true},
    {.stream = "images",
     .path = "file/image/ad/search/",
     .rows_member = "list",
     .fields = kImages,
     .inputs = kImageInputs,
     .count = 150},
    {.stream = "music",
     .path = "file/music/get/",
     .rows_member = "musics",
     .fields = kMusic,
     .inputs = {},
     .count = 120,
     .page_size = 1'000,
     .most_page_size = 1'000,
     .reach = 100'000},
    {.stream = "portfolios",
     .path = "creative/portfolio/list/",
     .rows_member = "creative_portfolios",
     .fields = kPortfolios,
     .inputs = {},
     .count = 120},
    {.stream = "custom_audiences",
     .path = "dmp/custom_audience/list/",
     .rows_member = "list",
     .fields = kAudiences,
     .inputs = kAudienceInputs,
     .count = 130,
     .page_size = 10},
    {.stream = "identities",
     .path = "identity/get/",
     .rows_member = "identity_list",
     .fields = kIdentities,
     .inputs = kIdentityInputs,
     .count = 12},
    {.stream = "gmv_max_campaigns",
     .path = "gmv_max/campaign/get/",
     .rows_member = "list",
     .fields = kGmvMaxCampaigns,
     .inputs = kGmvMaxInputs,
     .count = 110,
     .page_size = 10},
    {.stream = "action_categories",
     .path = "tool/action_category/",
     .rows_member = "action_categories",
     .fields = kActions,
     .inputs = kLanguageInput,
     .count = 40,
     .paged = false},
    {.stream = "regions",
     .path = "search/region/",
     .rows_member = "region_list",
     .fields = kRegions,
     .inputs = kLanguageInput,
     .count = 80,
     .paged = false},
};

}  // namespace

absl::Span<const AssetKind> AssetKinds() { return kKinds; }

const AssetKind* FindAssetKind(absl::string_view path) {
  for (const AssetKind& kind : kKinds) {
    if (kind.path == path) return &kind;
  }
  return nullptr;
}

const AssetKind* FindAssetStream(absl::string_view stream) {
  for (const AssetKind& kind : kKinds) {
    if (kind.stream == stream) return &kind;
  }
  return nullptr;
}

}  // namespace tikhaul::simulator
