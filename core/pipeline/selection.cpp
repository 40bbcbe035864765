#include "core/pipeline/selection.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t countLimit = 64 * 1024;
constexpr std::size_t textLimit = 64 * 1024;  // what a snapshot keeps of a path or pattern

void checkPath(const std::string& path) {
    const auto bad = [&](const std::string& why) {
        throw Error(ErrorCode::invalidArgument, printable(path) + ": " + why);
    };
    if (path.empty() || path[0] != '/') bad("not an absolute path");
    if (path.size() > textLimit) bad("longer than 64 KiB");
    if (path.find('\0') != std::string::npos) bad("contains a NUL");
    if (path == "/") return;
    std::size_t at = 1;
    while (at <= path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        if (part.empty() || part == "." || part == "..") bad("not a normal path");
        at = end + 1;
    }
}

// "include=" and a pattern have to be no longer than a text of a snapshot.
constexpr std::string_view includeKey = "include=";

void addAll(ExcludeRules& rules, const std::vector<std::string>& patterns) {
    if (patterns.size() > countLimit) {
        throw Error(ErrorCode::invalidArgument, "more than 65,536 patterns");
    }
    for (const std::string& pattern : patterns) {
        if (pattern.size() > textLimit - includeKey.size()) {
            throw Error(ErrorCode::invalidArgument, "a pattern is longer than 64 KiB");
        }
        rules.add(pattern);
    }
}

}  // namespace

std::string joinPath(const std::string& folder, std::string_view name) {
    std::string path = folder;
    if (!path.ends_with('/')) path += '/';
    return path.append(name);
}

Selection::Selection(const BackupRequest& request) {
    for (const std::string& path : request.paths) {
        checkPath(path);
        paths_.insert(path);
    }
    if (paths_.size() > countLimit) {
        throw Error(ErrorCode::invalidArgument, "more than 65,536 paths");
    }
    if (paths_.empty()) throw Error(ErrorCode::invalidArgument, "nothing to back up was named");
    std::erase_if(paths_, [this](const std::string& path) {
        return std::ranges::any_of(paths_, [&](const std::string& other) {
            return other != path && isWithin(path, other);
        });
    });
    addAll(excludes_, request.excludes);
    during("include", [&] { includes_ = includeRules(request.includes); });
    if (filtersOf(request).size() > countLimit) {
        throw Error(ErrorCode::invalidArgument, "more than 65,536 filters");
    }
}

bool Selection::isWhole(const std::string& path) const {
    return std::ranges::any_of(
        paths_, [&](const std::string& selected) { return isWithin(path, selected); });
}

std::vector<std::string> Selection::namesIn(const std::string& path) const {
    std::set<std::string> names;
    for (const std::string& selected : paths_) {
        if (selected == path || !isWithin(selected, path)) continue;
        const std::size_t start = path == "/" ? 1 : path.size() + 1;
        names.insert(selected.substr(start, selected.find('/', start) - start));
    }
    return {names.begin(), names.end()};
}

ExcludeRules includeRules(const std::vector<std::string>& patterns) {
    ExcludeRules rules;
    addAll(rules, patterns);
    if (!rules.empty() && rules.takesBackAlone()) {
        throw Error(ErrorCode::invalidArgument, "'!' alone includes nothing");
    }
    return rules;
}

bool isTooLargeOrOld(const BackupRequest& request, const Stat& stat, Timestamp now) {
    if (stat.type != EntryType::file) return false;
    if (request.excludeLargerThan && stat.size > *request.excludeLargerThan) return true;
    if (!request.excludeOlderThan) return false;
    now.seconds -= *request.excludeOlderThan;
    return stat.mtime < now;
}

std::vector<std::string> filtersOf(const BackupRequest& request) {
    std::vector<std::string> filters;
    for (const std::string& pattern : request.includes) {
        filters.push_back(std::string(includeKey) + pattern);
    }
    if (request.excludeLargerThan) {
        filters.push_back("exclude-larger-than=" + std::to_string(*request.excludeLargerThan));
    }
    if (request.excludeOlderThan) {
        filters.push_back("exclude-older-than=" + std::to_string(*request.excludeOlderThan) + "s");
    }
    if (request.excludeCaches) filters.emplace_back("exclude-caches=yes");
    if (request.excludeNoDump) filters.emplace_back("exclude-nodump=yes");
    if (request.oneFileSystem) filters.emplace_back("one-file-system=yes");
    return filters;
}

}  // namespace coffer
