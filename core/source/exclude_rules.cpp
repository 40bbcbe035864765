#include "core/source/exclude_rules.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

/// "a/b" as {"a", "b"}; "" as {""}.
std::vector<std::string_view> split(std::string_view path) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t slash = path.find('/');
        parts.push_back(path.substr(0, slash));
        if (slash == std::string_view::npos) return parts;
        path.remove_prefix(slash + 1);
    }
}

}  // namespace

void ExcludeRules::add(std::string_view pattern) {
    Rule rule;
    std::string_view rest = pattern;
    if ((rule.takesBack = rest.starts_with('!'))) rest.remove_prefix(1);
    if ((rule.foldersOnly = rest.ends_with('/'))) rest.remove_suffix(1);
    const bool anchored = rest.find('/') != std::string_view::npos;
    if (rest.starts_with('/')) rest.remove_prefix(1);

    const std::vector<std::string_view> parts = split(rest);
    if (!anchored) rule.parts.push_back(std::nullopt);
    for (const std::string_view part : parts) {
        if (part.empty()) {
            throw Error(ErrorCode::invalidArgument,
                        "empty pattern or part of a pattern: '" + printable(pattern) + "'");
        }
        if (anchored && part == "**") {
            rule.parts.push_back(std::nullopt);
        } else {
            rule.parts.emplace_back(GlobPart(part));
        }
    }
    if (!rule.parts.back()) rule.parts.emplace_back(GlobPart("*"));  // `a/**` is not `a` itself
    const auto lastAny = std::find_if(rule.parts.rbegin(), rule.parts.rend(),
                                      [](const Part& part) { return !part; });
    rule.afterLastAny = static_cast<std::size_t>(rule.parts.rend() - lastAny);
    rules_.push_back(std::move(rule));
}

std::optional<bool> ExcludeRules::names(std::string_view absolutePath, bool isFolder) const {
    if (absolutePath.starts_with('/')) absolutePath.remove_prefix(1);
    if (rules_.empty() || absolutePath.empty()) return {};  // the root itself has no name
    const PathParts path = split(absolutePath);
    const auto decisive = std::find_if(rules_.rbegin(), rules_.rend(), [&](const Rule& rule) {
        return (isFolder || !rule.foldersOnly) && matches(rule, path);
    });
    if (decisive == rules_.rend()) return {};
    return !decisive->takesBack;
}

bool ExcludeRules::mayNameBelow(std::string_view absolutePath) const {
    if (absolutePath.starts_with('/')) absolutePath.remove_prefix(1);
    const PathParts path = absolutePath.empty() ? PathParts() : split(absolutePath);
    return std::ranges::any_of(
        rules_, [&](const Rule& rule) { return !rule.takesBack && leadsBelow(rule, path); });
}

bool ExcludeRules::takesBackAlone() const {
    return std::ranges::all_of(rules_, &Rule::takesBack);
}

bool ExcludeRules::leadsBelow(const Rule& rule, const PathParts& path) {
    if (path.size() >= rule.parts.size() && rule.afterLastAny == 0) return false;
    for (std::size_t at = 0; at < path.size() && rule.parts[at]; ++at) {
        if (!rule.parts[at]->matches(path[at])) return false;
    }
    return true;
}

bool ExcludeRules::matches(const Rule& rule, const PathParts& path) {
    // As in GlobPart::matches, a level higher: only the last `**` met ever needs to grow.
    constexpr std::size_t none = std::numeric_limits<std::size_t>::max();
    const std::vector<Part>& parts = rule.parts;
    std::size_t part = 0;
    std::size_t at = 0;
    std::size_t afterAny = none;
    std::size_t anyEnd = 0;
    while (at < path.size()) {
        if (part < parts.size() && !parts[part]) {
            afterAny = ++part;
            if (part == rule.afterLastAny) {  // all that follows must end where the path ends
                const std::size_t rest = parts.size() - part;
                if (path.size() - at < rest) return false;
                at = path.size() - rest;
            }
            anyEnd = at;
        } else if (part < parts.size() && parts[part]->matches(path[at])) {
            ++part;
            ++at;
        } else if (afterAny != none) {
            part = afterAny;
            at = ++anyEnd;
        } else {
            return false;
        }
    }
    return part == parts.size();
}

std::string patternOfPath(std::string_view path) {
    std::string pattern;
    for (const char c : path) {
        if (c == '*' || c == '?' || c == '[' || c == '\\' || c == ' ') pattern += '\\';
        pattern += c;
    }
    return pattern;
}

}  // namespace coffer
