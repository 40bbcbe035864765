#include "core/service/given_settings.h"

#include <charconv>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr const char* runsAtOnce = "runs.at-once";
constexpr const char* level = "log.level";
constexpr unsigned mostAtOnce = 64;

unsigned atOnceIn(const std::string& text) {
    unsigned number = 0;
    const char* end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < 1 || number > mostAtOnce) {
        throw Error(ErrorCode::invalidArgument,
                    "'" + printable(text.substr(0, 40)) + "' is no number from 1 to 64");
    }
    return number;
}

}  // namespace

bool GivenSettings::isOne(const std::string& name) {
    return name == runsAtOnce || name == level;
}

GivenSettings GivenSettings::of(const std::map<std::string, std::string>& values) {
    GivenSettings given;
    if (const auto found = values.find(runsAtOnce); found != values.end()) {
        given.atOnce = during(runsAtOnce, [&] { return atOnceIn(found->second); });
    }
    if (const auto found = values.find(level); found != values.end()) {
        given.logLevel = during(level, [&] { return logLevelOf(found->second); });
    }
    return given;
}

}  // namespace coffer
