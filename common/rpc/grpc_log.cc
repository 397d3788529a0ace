#include "common/rpc/grpc_log.h"

#include <grpc/support/log.h>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/base/log.h"
#include "common/base/mutex.h"

namespace tikhaul {
namespace {

constexpr int kMostLines = 20;
constexpr absl::Duration kSpan = absl::Minutes(1);

// How many lines there were in the present span.
struct Tally {
  Mutex mu;
  absl::Time begun ABSL_GUARDED_BY(mu);
  int lines ABSL_GUARDED_BY(mu) = 0;
};

// Whether one more line may be written; `left_out` of the span before, when a new one begins.
bool Take(int* left_out) {
  static Tally& tally = *new Tally;
  MutexLock lock(tally.mu);
  const absl::Time now = absl::Now();
  if (now - tally.begun > kSpan || now < tally.begun) {
    *left_out = tally.lines > kMostLines ? tally.lines - kMostLines : 0;
    tally.begun = now;
    tally.lines = 0;
  }
  return ++tally.lines <= kMostLines;
}

void Write(gpr_log_func_args* said) {
  int left_out = 0;
  if (!Take(&left_out)) return;
  if (left_out > 0) LogWarning("gRPC had more to say than was written", {{"lines_left_out", left_out}});
  LogWarning("gRPC reports", {{"message", said->message}, {"where", absl::StrCat(said->file, ":", said->line)}});
}

void Drop(gpr_log_func_args* /*said*/) {}

}  // namespace

void RouteGrpcLog() { gpr_set_log_function(&Write); }
void SilenceGrpcLog() { gpr_set_log_function(&Drop); }

}  // namespace tikhaul
