#include "management_server/notify/syslog_line.h"

#include <algorithm>

namespace coffer {

namespace {

constexpr int daemonFacility = 3;
constexpr std::size_t longestHost = 255;
constexpr std::size_t longestMessageId = 32;
constexpr const char* program = "coffer-server";

std::string priority(Severity severity) {
    const auto level = [&] {
        switch (severity) {
            case Severity::info:
                return 6;
            case Severity::notice:
                return 5;
            case Severity::warning:
                return 4;
            case Severity::error:
                return 3;
            case Severity::critical:
                return 2;
        }
        return 2;
    };
    return "<" + std::to_string(daemonFacility * 8 + level()) + ">";
}

// PRINTUSASCII of RFC 5424: no spaces, nothing else that would end the field.
std::string field(const std::string& text, std::size_t longest) {
    std::string result = text.substr(0, longest);
    std::ranges::replace_if(
        result, [](char c) { return c <= ' ' || c > '~'; }, '?');
    return result.empty() ? "-" : result;
}

}  // namespace

std::string syslogLine(const Notification& news, const std::string& host) {
    // Behind "- ", no structured data: a byte order mark says that the text is UTF-8.
    return priority(news.severity) + "1 " + toIso8601(news.event.time) + " " +
           field(host, longestHost) + " " + program + " - " +
           field(news.event.kind, longestMessageId) + " - \xEF\xBB\xBF" + news.event.text;
}

std::string localSyslogLine(const Notification& news) {
    return priority(news.severity) + program + ": " + news.event.kind + " " + news.event.text;
}

}  // namespace coffer
