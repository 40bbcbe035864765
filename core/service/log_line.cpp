#include "core/base/printable.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::size_t longestValue = 2000;

bool needsQuotes(std::string_view text) {
    return text.empty() || text.find_first_of(" =\"") != std::string_view::npos;
}

// `printable` has doubled the backslashes, so one before a quotation mark is ours.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char octet : text) {
        if (octet == '"') result += '\\';
        result += octet;
    }
    return result + '"';
}

std::string valueText(std::string_view value) {
    const bool cut = value.size() > longestValue;
    std::string text = printable(value.substr(0, longestValue));
    if (cut) text += "...";
    return needsQuotes(text) ? quoted(text) : text;
}

}  // namespace

std::string logLine(const std::string& time, LogLevel level, std::string_view event,
                    std::initializer_list<LogField> fields) {
    std::string line = "time=" + time + " level=";
    line += nameOf(level);
    line += " event=";
    line += event;
    for (const auto& [key, value] : fields) {
        line += ' ';
        line += key;
        line += '=';
        line += valueText(value);
    }
    return line;
}

}  // namespace coffer
