#include "common/base/log.h"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
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

// Bytes of the UTF-8 sequence that `text` begins with; 0 when it is not UTF-8.
size_t Utf8Length(absl::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  const size_t length = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
  if (length == 0 || text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  if (length == 3 && ((lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xed && byte(1) > 0x9f))) return 0;
  if (length == 4 && ((lead == 0xf0 && byte(1) < 0x90) || (lead == 0xf4 && byte(1) > 0x8f))) return 0;
  return length;
}

// `text` as it may stand in a line: control characters are written out and what is not UTF-8 is replaced, so that a
// value from outside can neither begin a line of its own nor make the line unreadable.
std::string OneLine(absl::string_view text) {
  std::string line;
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    const unsigned char first = static_cast<unsigned char>(text[0]);
    if (length == 0) {
      absl::StrAppend(&line, "\uFFFD");
    } else if (first < 0x20 || first == 0x7f) {
      absl::StrAppendFormat(&line, "\\u%04x", static_cast<unsigned>(first));
    } else {
      absl::StrAppend(&line, text.substr(0, length));
    }
    text.remove_prefix(std::max<size_t>(length, 1));
  }
  return line;
}

std::string JsonQuote(absl::string_view text) {
  return absl::StrCat("\"", OneLine(absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}})), "\"");
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
    logger->set_pattern(R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","program":"%n","pid":%P,%v})",
                        spdlog::pattern_time_type::utc);
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

bool WillLog(LogLevel level) { return spdlog::default_logger_raw()->should_log(SpdlogLevel(level)); }

void Log(LogLevel level, absl::string_view event, absl::Span<const LogField> fields) {
  spdlog::logger& logger = *spdlog::default_logger_raw();
  if (!logger.should_log(SpdlogLevel(level))) return;
  std::string line;
  if (json_lines) {
    absl::StrAppend(&line, "\"event\":", JsonQuote(Redact(event)));
    for (const LogField& field : fields) {
      absl::StrAppend(&line, ",", JsonQuote(field.name), ":", JsonQuote(Redact(field.value)));
    }
  } else {
    line = OneLine(Redact(event));
    for (const LogField& field : fields) absl::StrAppend(&line, "  ", field.name, "=", OneLine(Redact(field.value)));
  }
  logger.log(SpdlogLevel(level), "{}", line);
}

}  // namespace tikhaul
