#include "core/rpc/convert.h"

#include <charconv>

#include "core/base/printable.h"

namespace coffer::rpc {

namespace {

constexpr std::size_t shown = 120;  // octets of a refused text that an error repeats
constexpr CORBA::ULong mostPaths = 100'000;
constexpr CORBA::ULong mostSettings = 4'096;

std::string excerpt(std::string_view text) {
    if (text.size() <= shown) return "'" + printable(text) + "'";
    return "'" + printable(text.substr(0, shown)) + "…'";
}

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

CORBA::ULong lengthOf(std::size_t count) {
    if (count > 0xffffffffU) throw Error(ErrorCode::limitExceeded, "too long for a message");
    return static_cast<CORBA::ULong>(count);
}

std::string_view viewOfPath(const Coffer::PathOctets& octets) {
    return {reinterpret_cast<const char*>(octets.get_buffer()), octets.length()};
}

void checkLength(std::size_t length, std::size_t longest, const char* what) {
    if (length > longest) {
        refuse(std::string("a ") + what + " of " + std::to_string(length) + " octets is too long");
    }
}

bool isPart(std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.find('\0') == part.npos;
}

bool isAbsolutePath(std::string_view path) {
    if (!path.starts_with('/')) return false;
    if (path == "/") return true;
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (!isPart(path.substr(begin, end - begin))) return false;
        begin = end + 1;
    }
    return true;
}

}  // namespace

Coffer::Octets toOctets(ByteView data) {
    Coffer::Octets octets;
    octets.length(lengthOf(data.size()));
    std::ranges::copy(data, octets.get_buffer());
    return octets;
}

ByteView viewOf(const Coffer::Octets& octets) {
    return {octets.get_buffer(), octets.length()};
}

Bytes toBytes(const Coffer::Octets& octets) {
    return coffer::toBytes(viewOf(octets));
}

Coffer::PathOctets toPath(std::string_view text) {
    Coffer::PathOctets octets;
    octets.length(lengthOf(text.size()));
    std::ranges::copy(text, octets.get_buffer());
    return octets;
}

std::string textOf(const Coffer::PathOctets& octets) {
    return std::string(viewOfPath(octets));
}

std::string toName(const Coffer::PathOctets& octets) {
    const std::string_view name = viewOfPath(octets);
    checkLength(name.size(), longestName, "name");
    if (!isPart(name) || name.find('/') != name.npos) refuse("not a name: " + excerpt(name));
    return std::string(name);
}

std::string toAbsolutePath(const Coffer::PathOctets& octets) {
    const std::string_view path = viewOfPath(octets);
    checkLength(path.size(), longestPath, "path");
    if (!isAbsolutePath(path)) {
        refuse("not an absolute path without empty parts, '.' and '..': " + excerpt(path));
    }
    return std::string(path);
}

std::vector<std::string> toAbsolutePaths(const Coffer::Paths& paths) {
    if (paths.length() > mostPaths) {
        refuse(std::to_string(paths.length()) + " paths are too many");
    }
    std::vector<std::string> texts;
    for (CORBA::ULong i = 0; i < paths.length(); ++i) texts.push_back(toAbsolutePath(paths[i]));
    return texts;
}

Coffer::Paths toPaths(const std::vector<std::string>& paths) {
    Coffer::Paths sequence;
    sequence.length(lengthOf(paths.size()));
    for (CORBA::ULong i = 0; i < sequence.length(); ++i) sequence[i] = toPath(paths[i]);
    return sequence;
}

Coffer::Strings toStrings(const std::vector<std::string>& texts) {
    Coffer::Strings strings;
    strings.length(lengthOf(texts.size()));
    for (CORBA::ULong i = 0; i < strings.length(); ++i) strings[i] = texts[i].c_str();
    return strings;
}

std::vector<std::string> toTexts(const Coffer::Strings& strings) {
    std::vector<std::string> texts;
    for (CORBA::ULong i = 0; i < strings.length(); ++i) texts.emplace_back(strings[i]);
    return texts;
}

Coffer::Settings toSettings(const SettingMap& map) {
    Coffer::Settings settings;
    settings.length(lengthOf(map.size()));
    CORBA::ULong i = 0;
    for (const auto& [name, value] : map) {
        settings[i].name = name.c_str();
        settings[i].value = value.c_str();
        ++i;
    }
    return settings;
}

SettingMap toMap(const Coffer::Settings& settings) {
    if (settings.length() > mostSettings) {
        refuse(std::to_string(settings.length()) + " settings are too many");
    }
    SettingMap map;
    for (CORBA::ULong i = 0; i < settings.length(); ++i) {
        const std::string name(settings[i].name);
        if (!map.emplace(name, settings[i].value).second) {
            refuse("setting " + excerpt(name) + " is there twice");
        }
    }
    return map;
}

std::uint64_t numberIn(const SettingMap& map, const std::string& name, std::uint64_t otherwise) {
    const auto found = map.find(name);
    if (found == map.end()) return otherwise;
    const std::string& text = found->second;
    std::uint64_t number = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (failure != std::errc() || end != text.data() + text.size()) {
        refuse("setting " + excerpt(name) + " is not a number: " + excerpt(text));
    }
    return number;
}

bool truthIn(const SettingMap& map, const std::string& name, bool otherwise) {
    const auto found = map.find(name);
    if (found == map.end()) return otherwise;
    if (found->second == "yes") return true;
    if (found->second == "no") return false;
    refuse("setting " + excerpt(name) + " is neither yes nor no: " + excerpt(found->second));
}

std::string textIn(const SettingMap& map, const std::string& name, const std::string& otherwise) {
    const auto found = map.find(name);
    return found == map.end() ? otherwise : found->second;
}

Coffer::Moment toMoment(Timestamp time) {
    Coffer::Moment moment;
    moment.seconds = time.seconds;
    moment.nanoseconds = time.nanoseconds;
    return moment;
}

Coffer::Moment toMoment(const std::optional<Timestamp>& time) {
    return time ? toMoment(*time) : unknownMoment();
}

Coffer::Moment unknownMoment() {
    return toMoment({Coffer::unknownSeconds, 0});
}

Timestamp toTimestamp(const Coffer::Moment& moment) {
    if (moment.seconds == Coffer::unknownSeconds) refuse("a moment that is not known");
    if (moment.nanoseconds > 999'999'999) {
        refuse("a moment with " + std::to_string(moment.nanoseconds) + " nanoseconds");
    }
    return {moment.seconds, moment.nanoseconds};
}

}  // namespace coffer::rpc
