#include "common/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <memory>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "common/base/secret.h"

namespace tikhaul {
namespace {

std::atomic<bool> json_lines{false};

spdlog::level::level_enum SpdlogLevel(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::info;
}

std::string JsonQuote(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&quoted, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      quoted += c;
    }
  }
  quoted += '"';
  return quoted;
}

}  // namespace

void StartLog(absl::string_view program, LogLevel lowest) {
  const bool terminal = isatty(STDERR_FILENO) == 1;
  std::shared_ptr<spdlog::logger> logger;
  const std::string name(program);
  if (terminal) {
    logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
    logger->set_pattern("%H:%M:%S.%e %^%-7l%$ %n  %v");
  } else {
    logger = std::make_shared<spdlog::logger>(name, std::make_shared<spdlog::sinks::stderr_sink_mt>());
    logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n","pid":%P,%v})", spdlog::pattern_time_type::utc);
  }
  json_lines = !terminal;
  logger->set_level(SpdlogLevel(lowest));
  logger->flush_on(spdlog::level::debug);
  spdlog::set_default_logger(logger);
}

LogLevel ParseLogLevel(absl::string_view name) {
  if (name == "debug") return LogLevel::kDebug;
  if (name == "warning") return LogLevel::kWarning;
  if (name == "error") return LogLevel::kError;
  return LogLevel::kInfo;
}

void Log(LogLevel level, absl::string_view event, std::initializer_list<LogField> fields) {
  spdlog::logger& logger = *spdlog::default_logger_raw();
  if (!logger.should_log(SpdlogLevel(level))) return;
  std::string line;
  if (json_lines) {
    absl::StrAppend(&line, "\"event\":", JsonQuote(Redact(event)));
    for (const LogField& field : fields) {
      absl::StrAppend(&line, ",", JsonQuote(field.name), ":", JsonQuote(Redact(field.value)));
    }
  } else {
    line = Redact(event);
    for (const LogField& field : fields) absl::StrAppend(&line, "  ", field.name, "=", Redact(field.value));
  }
  logger.log(SpdlogLevel(level), "{}", line);
}

}  // namespace tikhaul
