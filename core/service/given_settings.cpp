#include "core/service/given_settings.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/setting_number.h"

namespace coffer {

namespace {

constexpr const char* runsAtOnce = "runs.at-once";
constexpr const char* level = "log.level";
constexpr unsigned mostAtOnce = 64;

unsigned atOnceIn(const std::string& text) {
    const auto number = settingNumber(text);
    if (!number || *number < 1 || *number > mostAtOnce) {
        throw Error(ErrorCode::invalidArgument,
                    "'" + printable(text.substr(0, 40)) + "' is no number from 1 to 64");
    }
    return static_cast<unsigned>(*number);
}

}  // namespace

bool GivenSettings::isOne(const std::string& name) {
    return name == runsAtOnce || name == level;
}

GivenSettings GivenSettings::of(const std::map<std::string, std::string>& values) {
    GivenSettings given;
    for (const auto& [name, value] : values) given.take(name, value);
    return given;
}

void GivenSettings::take(const std::string& name, const std::string& value) {
    if (name == runsAtOnce) atOnce = during(name, [&] { return atOnceIn(value); });
    if (name == level) logLevel = during(name, [&] { return logLevelOf(value); });
}

std::string GivenSettings::text() const {
    std::string text;
    if (atOnce) text += std::string(runsAtOnce) + "=" + std::to_string(*atOnce);
    if (logLevel) {
        text += (text.empty() ? "" : " ") + std::string(level) + "=";
        text += nameOf(*logLevel);
    }
    return text;
}

}  // namespace coffer
