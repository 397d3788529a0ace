// What a browser sees of a coordinator's status page.
#ifndef TIKHAUL_TESTS_SUPPORT_LOOK_AT_PAGE_H_
#define TIKHAUL_TESTS_SUPPORT_LOOK_AT_PAGE_H_

#include <nlohmann/json.hpp>
#include <string>

namespace tikhaul {

// As tests/browser/look.py tells it, when the page says `summary` about holes; an empty object, and a failed test, when
// it never does. `token` is put into the login form; empty: there is none.
nlohmann::json LookAtPage(int port, const std::string& summary, const std::string& token = "");

}  // namespace tikhaul

#endif  // TIKHAUL_TESTS_SUPPORT_LOOK_AT_PAGE_H_
