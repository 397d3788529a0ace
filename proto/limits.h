// How large messages may be, in bytes: what one end sends the other takes.
#ifndef TIKHAUL_PROTO_LIMITS_H_
#define TIKHAUL_PROTO_LIMITS_H_

namespace tikhaul {

inline constexpr int kLargestRequest = 4 << 20;  // to a coordinator
inline constexpr int kLargestAnswer = 16 << 20;  // of a coordinator

}  // namespace tikhaul

#endif  // TIKHAUL_PROTO_LIMITS_H_
