#include "core/schedule/time_zone.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "core/base/calendar.h"
#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t longestName = 100;
constexpr std::size_t largestFile = 256 << 10;
constexpr std::int64_t farthest = 100'000'000'000'000;
constexpr std::int64_t farthestOffset = 26 * 3600;
constexpr std::int64_t daySeconds = 86'400;

// Letters, digits, '_', '+', '-' and '/' between parts: so it cannot lead out of the folder.
bool isName(std::string_view name) {
    const auto belongs = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '_' || letter == '+' ||
               letter == '-' || letter == '/';
    };
    return !name.empty() && name.size() <= longestName && name.front() != '/' &&
           name.back() != '/' && name.find("//") == name.npos && std::ranges::all_of(name, belongs);
}

Bytes contentOf(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    Bytes content(largestFile + 1);
    file.read(reinterpret_cast<char*>(content.data()),
              static_cast<std::streamsize>(content.size()));
    content.resize(static_cast<std::size_t>(file.gcount()));
    if (content.size() > largestFile) {
        throw Error(ErrorCode::limitExceeded, path + " is too large for a time zone");
    }
    return content;
}

// What stands behind ".../zoneinfo/" in the link that /etc/localtime is.
std::string nameBehindLink(const std::filesystem::path& link) {
    std::error_code failure;
    const std::string target = std::filesystem::read_symlink(link, failure).string();
    const std::string_view folder = "/zoneinfo/";
    const std::size_t found = target.rfind(folder);
    return failure || found == target.npos ? std::string() : target.substr(found + folder.size());
}

}  // namespace

TimeZone::TimeZone() : TimeZone("UTC", ZoneTable{}) {}

TimeZone::TimeZone(std::string name, ZoneTable table)
    : name_(std::move(name)), table_(std::make_shared<const ZoneTable>(std::move(table))) {}

TimeZone TimeZone::load(std::string_view name, const std::string& folder) {
    const std::string shown = "'" + printable(name.substr(0, longestName)) + "'";
    if (!isName(name)) {
        throw Error(ErrorCode::invalidArgument,
                    shown + " is no name of a time zone; write Europe/Berlin or UTC");
    }
    if (name == "UTC") return {};
    const std::string path = folder + "/" + std::string(name);
    std::error_code failure;
    if (!std::filesystem::is_regular_file(path, failure)) {
        throw Error(ErrorCode::notFound, "there is no time zone " + shown + " in " + folder);
    }
    return during("time zone " + shown,
                  [&] { return TimeZone(std::string(name), ZoneTable::decode(contentOf(path))); });
}

TimeZone TimeZone::ofThisComputer() {
    const char* const chosen = std::getenv("TZ");
    std::string name = chosen ? chosen : nameBehindLink("/etc/localtime");
    if (name.starts_with(':')) name.erase(0, 1);
    try {
        return name.empty() ? TimeZone() : load(name);
    } catch (const Error&) {
        return {};  // as the C library does
    }
}

TimeZone::Span TimeZone::spanAt(std::int64_t utc) const {
    const auto& changes = table_->changes;
    const auto next = std::ranges::upper_bound(changes, utc, {}, &PosixZone::Change::at);
    Span span;
    span.offset = table_->firstOffset;
    if (next != changes.begin()) {
        span.begin = std::prev(next)->at;
        span.offset = std::prev(next)->offset;
    }
    if (next != changes.end()) {
        span.end = next->at;
        return span;
    }
    return table_->rule ? spanByRule(utc, span) : span;
}

// `span` begins with the last change of the table.
TimeZone::Span TimeZone::spanByRule(std::int64_t utc, Span span) const {
    const std::int64_t year =
        civilDate(floorDivide(std::clamp(utc, -farthest, farthest), daySeconds)).year;
    if (table_->changes.empty()) span.offset = table_->rule->standardOffset();
    for (std::int64_t each = year - 1; each <= year + 1; ++each) {
        for (const PosixZone::Change& change : table_->rule->changesOf(each)) {
            if (change.at > utc) {
                span.end = change.at;
                return span;
            }
            if (change.at < span.begin) continue;
            span.begin = change.at;
            span.offset = change.offset;
        }
    }
    return span;
}

std::int64_t TimeZone::toUtc(std::int64_t local) const {
    local = std::clamp(local, -farthest, farthest);
    Span span = spanAt(local - farthestOffset);
    for (;;) {
        const std::int64_t utc = local - span.offset;
        if (utc < span.begin) return span.begin;  // in the gap before it
        if (utc < span.end) return utc;
        span = spanAt(span.end);
    }
}

}  // namespace coffer
