// Accounts, their creative material, audiences and pixels (tiktok-api.md 2.3, 7.2, 8). Signed addresses are volatile:
// they are another text at every read. Data only.
#include "common/catalog/catalog_data.h"

namespace tikhaul {
namespace {

constexpr ColumnType kText = ColumnType::kString;
constexpr ColumnType kWhole = ColumnType::kInt64;
constexpr ColumnType kDecimal = ColumnType::kDecimal;
constexpr ColumnType kFlag = ColumnType::kBool;
constexpr ColumnType kTime = ColumnType::kTimestamp;
constexpr ColumnType kJson = ColumnType::kJson;
constexpr bool kKey = true;
constexpr bool kSigned = true;

// Beside advertiser_id, which is the key.
constexpr FieldSpec kAccountFields[] = {
    {"name", kText},
    {"company", kText},
    {"address", kText},
    {"description", kText},
    {"country", kText},
    {"language", kText},
    {"industry", kText},
    {"brand", kText},
    {"status", kText},
    {"role", kText},
    {"rejection_reason", kText},
    {"timezone", kText},
    {"display_timezone", kText},
    {"currency", kText},
    {"balance", kDecimal},
    {"create_time", kTime},
    {"advertiser_account_type", kText},
    {"owner_bc_id", kText},
    {"contacter", kText},
    {"email", kText},
    {"cellphone_number", kText},
    {"telephone_number", kText},
    {"license_no", kText},
    {"license_url", kText, false, kSigned},
    {"license_province", kText},
    {"license_city", kText},
    {"promotion_area", kText},
    {"promotion_center_province", kText},
    {"promotion_center_city", kText},
    {"can_use_custom_identity", kFlag},
    {"ads_only_mode", kFlag},
};

constexpr FieldSpec kPixelFields[] = {
    {"pixel_id", kText, kKey},
    {"pixel_code", kText},
    {"pixel_name", kText},
    {"pixel_category", kText},
    {"pixel_setup_mode", kText},
    {"create_time", kTime},
    {"partner_name", kText},
    {"advanced_matching_fields", kJson},
    {"automatic_advanced_matching_fields", kJson},
    {"asset_ownership", kJson},
    {"enable_first_party_cookies", kFlag},
    {"enable_expanded_data_sharing", kFlag},
    {"events", kJson},
};
constexpr absl::string_view kPixelLeftOut[] = {"pixel_script"};

constexpr FieldSpec kVideoFields[] = {
    {"video_id", kText, kKey},
    {"material_id", kText},
    {"file_name", kText},
    {"format", kText},
    {"signature", kText},
    {"width", kWhole},
    {"height", kWhole},
    {"size", kWhole},
    {"bit_rate", kWhole},
    {"duration", kDecimal},
    {"allow_download", kFlag},
    {"displayable", kFlag},
    {"allowed_placements", kJson},
    {"create_time", kTime},
    {"modify_time", kTime},
    {"preview_url", kText, false, kSigned},
    {"preview_url_expire_time", kTime, false, kSigned},
    {"video_cover_url", kText, false, kSigned},
};

constexpr FieldSpec kImageFields[] = {
    {"image_id", kText, kKey},
    {"material_id", kText},
    {"file_name", kText},
    {"format", kText},
    {"signature", kText},
    {"width", kWhole},
    {"height", kWhole},
    {"size", kWhole},
    {"displayable", kFlag},
    {"is_carousel_usable", kFlag},
    {"create_time", kTime},
    {"modify_time", kTime},
    {"image_url", kText, false, kSigned},
};

constexpr FieldSpec kMusicFields[] = {
    {"music_id", kText, kKey},
    {"material_id", kText},
    {"name", kText},
    {"file_name", kText},
    {"author", kText},
    {"style", kText},
    {"copyright", kText},
    {"signature", kText},
    {"duration", kDecimal},
    {"liked", kFlag},
    {"sources", kJson},
    {"create_time", kTime},
    {"modify_time", kTime},
    {"url", kText, false, kSigned},
    {"cover_url", kText, false, kSigned},
};

// What cards of one type alone have is kept in _extra.
constexpr FieldSpec kPortfolioFields[] = {
    {"creative_portfolio_id", kText, kKey},
    {"creative_portfolio_type", kText},
    {"card_type", kText},
    {"title", kText},
    {"image_id", kText},
    {"call_to_action_text", kText},
    {"selling_points", kJson},
    {"layouts", kJson},
    {"tags", kJson},
    {"app_id", kText},
    {"sticker_param", kJson},
    {"landing_page_url", kText},
    {"creative_portfolio_preview_url", kText, false, kSigned},
};

constexpr FieldSpec kAudienceFields[] = {
    {"audience_id", kText, kKey}, {"name", kText},         {"audience_type", kText},  {"cover_num", kWhole},
    {"create_time", kTime},       {"expired_time", kTime}, {"is_valid", kFlag},       {"is_expiring", kFlag},
    {"is_creator", kFlag},        {"shared", kFlag},       {"calculate_type", kText},
};

// One identity may be open to the account in its own right and through a Business Center.
constexpr FieldSpec kIdentityFields[] = {
    {"identity_id", kText, kKey},
    {"identity_type", kText, kKey},
    {"identity_authorized_bc_id", kText, kKey},
    {"display_name", kText},
    {"available_status", kText},
    {"can_push_video", kFlag},
    {"can_pull_video", kFlag},
    {"can_use_live_ads", kFlag},
    {"can_manage_message", kFlag},
    {"profile_image", kText, false, kSigned},
};
constexpr OptionSpec kIdentityOptions[] = {
    {"identity_type", "CUSTOMIZED_USER AUTH_CODE TT_USER BC_AUTH_TT", "only identities of this type"},
    {.name = "identity_authorized_bc_id",
     .note = "the Business Center of identities of type BC_AUTH_TT",
     .kind = OptionSpec::kId},
};

constexpr FieldSpec kActionCategoryFields[] = {
    {"action_category_id", kText, kKey},
    {"action_scene", kText, kKey},
    {"name", kText},
    {"description", kText},
    {"level", kWhole},
    {"sub_category_ids", kJson},
    {"special_industries", kJson},
};

constexpr FieldSpec kRegionFields[] = {
    {"region_id", kText, kKey}, {"region_name", kText}, {"region_level", kText},     {"country_code", kText},
    {"parent_id", kText},       {"area_type", kText},   {"support_below_18", kFlag},
};

std::vector<StreamSpec> Materials() {
  return {
      {.name = "videos",
       .title = "Videos of the creative library",
       .kind = StreamKind::kEntity,
       .path = "file/video/ad/search/",
       .rows_member = "list",
       .page_size = 100,
       .reach = 10'000,
       .section = "8",
       .evidence_note = "the limit of 10,000 has one source",
       .fields = kVideoFields},
      {.name = "images",
       .title = "Images of the creative library",
       .kind = StreamKind::kEntity,
       .path = "file/image/ad/search/",
       .rows_member = "list",
       .page_size = 100,
       .section = "8",
       .fields = kImageFields},
      {.name = "music",
       .title = "Music of the creative library",
       .kind = StreamKind::kEntity,
       .path = "file/music/get/",
       .rows_member = "musics",
       .reach = 100'000,
       .section = "8",
       .evidence_note = "page size and reach have one source; the form of sources is not known (10)",
       .fields = kMusicFields},
      {.name = "portfolios",
       .title = "Creative portfolios: cards and their like",
       .kind = StreamKind::kEntity,
       .path = "creative/portfolio/list/",
       .rows_member = "creative_portfolios",
       .page_size = 100,
       .section = "8",
       .evidence_note = "fields by card type are not all known",
       .fields = kPortfolioFields},
  };
}

std::vector<StreamSpec> AccountAssets() {
  return {
      {.name = "advertiser_info",
       .title = "The accounts themselves",
       .kind = StreamKind::kEntity,
       .path = "advertiser/info/",
       .rows_member = "list",
       .paged = false,
       .page_size = 0,
       .section = "2.3",
       .fields = kAccountFields,
       .repeats_advertiser = true,
       .advertiser_in_list = true},
      {.name = "pixels",
       .title = "Pixels",
       .kind = StreamKind::kEntity,
       .path = "pixel/list/",
       .rows_member = "pixels",
       .page_size = 20,
       .section = "8",
       .evidence_note = "the fields are not confirmed (10)",
       .fields = kPixelFields,
       .left_out = kPixelLeftOut},
      {.name = "custom_audiences",
       .title = "Custom audiences",
       .kind = StreamKind::kEntity,
       .path = "dmp/custom_audience/list/",
       .rows_member = "list",
       .page_size = 100,
       .section = "8",
       .fields = kAudienceFields},
      {.name = "identities",
       .title = "Identities under which ads are shown",
       .kind = StreamKind::kEntity,
       .path = "identity/get/",
       .rows_member = "identity_list",
       .page_size = 100,
       .section = "8",
       .evidence_note = "the page size has one source",
       .in_sandbox = true,
       .options = kIdentityOptions,
       .fields = kIdentityFields},
  };
}

constexpr OptionSpec kLanguageOptions[] = {
    {"language", "en zh ja de es fr id it ko ru th tr vi ar pt ms", "of the names"}};

std::vector<StreamSpec> Trees() {
  return {
      {.name = "action_categories",
       .title = "Behaviours that ad groups can aim at",
       .kind = StreamKind::kTree,
       .path = "tool/action_category/",
       .rows_member = "action_categories",
       .paged = false,
       .page_size = 0,
       .section = "7.2",
       .evidence_note = "no recorded answer; sources differ in name and description",
       .options = kLanguageOptions,
       .default_mode = WriteMode::kReplace,
       .fields = kActionCategoryFields},
      {.name = "regions",
       .title = "Names of places",
       .kind = StreamKind::kTree,
       .path = "search/region/",
       .rows_member = "region_list",
       .paged = false,
       .page_size = 0,
       .section = "7.2",
       .evidence = Evidence::kOneSource,
       .options = kLanguageOptions,
       .default_mode = WriteMode::kReplace,
       .fields = kRegionFields},
  };
}

}  // namespace

std::vector<StreamSpec> AssetStreams() {
  std::vector<StreamSpec> streams = AccountAssets();
  for (const auto& more : {Materials(), Trees()}) streams.insert(streams.end(), more.begin(), more.end());
  return streams;
}

}  // namespace tikhaul
