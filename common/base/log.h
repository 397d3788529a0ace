// Log lines: one event per line, human on a terminal, JSON otherwise. Every line passes through Redact().
#ifndef TIKHAUL_COMMON_BASE_LOG_H_
#define TIKHAUL_COMMON_BASE_LOG_H_

#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace tikhaul {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// A named value of an event: {"chunk", 17}.
struct LogField {
  template <typename T>
  LogField(absl::string_view name, const T& value) : name(name), value(absl::StrCat(value)) {}
  std::string name;
  std::string value;
};

// Call once in main. `program` names the process in each line; lines go to standard error.
void StartLog(absl::string_view program, LogLevel lowest);
// "debug", "info", "warning" or "error"; anything else is info.
LogLevel ParseLogLevel(absl::string_view name);
// `event` is a short constant sentence; what varies goes into `fields`. Thread-safe.
void Log(LogLevel level, absl::string_view event, absl::Span<const LogField> fields);
inline void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(level, event, absl::Span<const LogField>(fields.begin(), fields.size()));
}
// False: Log() would drop events of that level.
bool WillLog(LogLevel level);

inline void LogInfo(absl::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, event, fields);
}
inline void LogWarning(absl::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarning, event, fields);
}
inline void LogError(absl::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, event, fields);
}
inline void LogDebug(absl::string_view event, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kDebug, event, fields);
}

}  // namespace tikhaul

#endif  // TIKHAUL_COMMON_BASE_LOG_H_
