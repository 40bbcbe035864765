#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace coffer {

enum class LogLevel { debug, info, warning, error };
std::string_view nameOf(LogLevel level);

/// Inverse of nameOf. Throws Error(invalidArgument).
LogLevel logLevelOf(std::string_view name);

/// Where the log of this program goes; before the first openLog, to standard error from info up.
struct LogSettings {
    LogLevel level = LogLevel::info;
    std::string file;                      // empty: standard error
    std::uint64_t rotateBytes = 16 << 20;  // a file of this size is set aside as "file.0"
    unsigned keep = 5;                     // so many are kept
};

/// Called at the start, by one thread. Throws Error(ioError) when the file cannot be opened.
void openLog(const LogSettings& settings);

/// What is written from now on goes to a file of that name which is there now: the one before may
/// have been moved or removed. When it cannot be opened, the old one stays, and says so. Safe to
/// share between threads.
void reopenLog();

/// The least that is logged from now on. Safe to share between threads.
void setLogLevel(LogLevel level);

/// One line: time, level, event and fields as key=value (quoted where needed; octets that are not
/// printable are escaped, so nothing from outside can forge a line). Values are cut at 2,000
/// octets. `event` is a constant like "agent.attached". Secrets never go in. Safe to share between
/// threads; never throws.
using LogField = std::pair<std::string_view, std::string>;
void log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

/// The line that log() writes, without its line end.
std::string logLine(const std::string& time, LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields);

}  // namespace coffer
