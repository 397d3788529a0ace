#include "common/catalog/slices.h"

#include <nlohmann/json.hpp>

#include "common/catalog/json_text.h"

namespace tikhaul {
namespace {

using Json = nlohmann::ordered_json;  // members stay in the order in which they are written

v1::ApiParam& FilteringOf(v1::ApiRequest& request) {
  for (v1::ApiParam& param : *request.mutable_params()) {
    if (param.name() == "filtering") return param;
  }
  v1::ApiParam& param = *request.add_params();
  param.set_name("filtering");
  return param;
}

// Ours, so it parses; else `otherwise`.
Json ParseOr(const std::string& text, Json otherwise) {
  Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? std::move(otherwise) : json;
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

v1::ApiRequest NarrowReport(const v1::ApiRequest& request, const std::string& field,
                            const std::vector<std::string>& ids) {
  v1::ApiRequest narrowed = request;
  v1::ApiParam& param = FilteringOf(narrowed);
  Json filters = Json::array();
  for (const Json& filter : ParseOr(param.value(), Json::array())) {
    if (filter.value("field_name", "") != field || filter.value("filter_type", "") != "IN") filters.push_back(filter);
  }
  filters.push_back({{"field_name", field}, {"filter_type", "IN"}, {"filter_value", JsonArray(ids)}});
  param.set_value(Dump(filters));
  return narrowed;
}

v1::ApiRequest NarrowListing(const v1::ApiRequest& request, const std::string& field,
                             const std::vector<std::string>& ids) {
  v1::ApiRequest narrowed = request;
  v1::ApiParam& param = FilteringOf(narrowed);
  Json filter = ParseOr(param.value(), Json::object());
  filter[field] = ids;
  param.set_value(Dump(filter));
  return narrowed;
}

}  // namespace tikhaul
