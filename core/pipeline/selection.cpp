#include "core/pipeline/selection.h"

#include <algorithm>

#include "core/base/error.h"
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

bool liesBelow(const std::string& path, const std::string& folder) {
    if (folder == "/") return true;
    return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
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
    if (paths_.size() > countLimit || request.excludes.size() > countLimit) {
        throw Error(ErrorCode::invalidArgument, "more than 65,536 paths or patterns");
    }
    if (paths_.empty()) throw Error(ErrorCode::invalidArgument, "nothing to back up was named");
    std::erase_if(paths_, [this](const std::string& path) {
        return std::ranges::any_of(paths_, [&](const std::string& other) {
            return other != path && liesBelow(path, other);
        });
    });
    for (const std::string& pattern : request.excludes) {
        if (pattern.size() > textLimit) {
            throw Error(ErrorCode::invalidArgument, "an exclude pattern is longer than 64 KiB");
        }
        rules_.add(pattern);
    }
}

bool Selection::isWhole(const std::string& path) const {
    return std::ranges::any_of(paths_, [&](const std::string& selected) {
        return path == selected || liesBelow(path, selected);
    });
}

std::vector<std::string> Selection::namesIn(const std::string& path) const {
    std::set<std::string> names;
    for (const std::string& selected : paths_) {
        if (!liesBelow(selected, path) || selected == path) continue;
        const std::size_t start = path == "/" ? 1 : path.size() + 1;
        names.insert(selected.substr(start, selected.find('/', start) - start));
    }
    return {names.begin(), names.end()};
}

}  // namespace coffer
