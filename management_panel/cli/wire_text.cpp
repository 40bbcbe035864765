#include "management_panel/cli/wire_text.h"

#include <algorithm>
#include <charconv>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/console/format.h"
#include "core/rpc/convert.h"

namespace coffer::cli {

namespace {

// Names of settings become names of JSON fields; others are passed over.
bool isSettingName(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

const Coffer::Setting* find(const Coffer::Settings& settings, std::string_view name) {
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        if (name == settings[i].name.in()) return &settings[i];
    }
    return nullptr;
}

}  // namespace

std::string shown(std::string_view text) {
    // Who sent it has escaped it; only what that cannot be is escaped here.
    std::string safe = printable(text);
    std::string result;
    for (std::size_t i = 0; i < safe.size(); ++i) {
        result += safe[i];
        if (safe[i] == '\\' && safe.compare(i, 2, "\\\\") == 0) ++i;
    }
    return result;
}

std::optional<Timestamp> momentOf(const Coffer::Moment& moment) {
    if (moment.seconds == Coffer::unknownSeconds || moment.nanoseconds >= 1'000'000'000) return {};
    return Timestamp{moment.seconds, moment.nanoseconds};
}

std::string momentText(const Coffer::Moment& moment) {
    const auto time = momentOf(moment);
    return time ? timeText(*time) : "-";
}

Json momentJson(const Coffer::Moment& moment) {
    const auto time = momentOf(moment);
    return time ? Json(toIso8601(*time)) : Json();
}

std::vector<std::string> pathsOf(const Coffer::Paths& paths) {
    std::vector<std::string> result;
    for (CORBA::ULong i = 0; i < paths.length(); ++i) result.push_back(rpc::textOf(paths[i]));
    return result;
}

std::string listText(const std::vector<std::string>& paths) {
    std::string text;
    for (const std::string& path : paths) text += (text.empty() ? "" : ", ") + printable(path);
    return text;
}

std::optional<std::uint64_t> numberIn(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data(), end, value);
    if (text.empty() || failure != std::errc() || stop != end) return {};
    return value;
}

std::string valueOf(const Coffer::Settings& settings, std::string_view name) {
    const Coffer::Setting* setting = find(settings, name);
    return setting ? setting->value.in() : "";
}

bool has(const Coffer::Settings& settings, std::string_view name) {
    return find(settings, name) != nullptr;
}

std::string octetsOf(const Coffer::Settings& settings, std::string_view name) {
    const std::string hex = valueOf(settings, std::string(name) + "-hex");
    try {
        if (!hex.empty()) return std::string(textOf(fromHex(hex)));
    } catch (const Error&) {
        // The printable form has to do.
    }
    return valueOf(settings, name);
}

std::optional<std::uint64_t> numberOf(const Coffer::Settings& settings, std::string_view name) {
    return numberIn(valueOf(settings, name));
}

Json countsJson(const Coffer::Settings& settings) {
    Json object = Json::object();
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        const auto value = numberIn(settings[i].value.in());
        if (value && isSettingName(settings[i].name.in())) {
            object[camelCase(settings[i].name.in())] = *value;
        }
    }
    return object;
}

Json factsJson(const Coffer::Settings& settings) {
    Json object = Json::object();
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        if (!isSettingName(settings[i].name.in())) continue;
        putOctets(object, camelCase(settings[i].name.in()), settings[i].value.in());
    }
    return object;
}

std::string camelCase(std::string_view name) {
    std::string result;
    bool upper = false;
    for (const char c : name) {
        if (c == '-') {
            upper = !result.empty();
            continue;
        }
        result += upper && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        upper = false;
    }
    return result;
}

void addFact(FactTable& facts, const Coffer::Setting& fact) {
    constexpr std::string_view bytes = "-bytes";
    std::string name = shown(fact.name.in());
    const auto number = numberIn(fact.value.in());
    if (number && name.ends_with(bytes)) {
        name.resize(name.size() - bytes.size());
        facts.add(name, sizeText(*number));
    } else {
        std::ranges::replace(name, '-', ' ');
        facts.add(name, number ? countText(*number) : shown(fact.value.in()));
    }
}

}  // namespace coffer::cli
