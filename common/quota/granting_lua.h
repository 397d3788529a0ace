// The part of the limiter's scripts that grants; quota_lua.cc puts it behind what all of them share.
#ifndef TIKHAUL_COMMON_QUOTA_GRANTING_LUA_H_
#define TIKHAUL_COMMON_QUOTA_GRANTING_LUA_H_

#include <string>

namespace tikhaul {

std::string GrantingScript();

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_QUOTA_GRANTING_LUA_H_
