#include "management_server/status/file_system_coverage.h"
#include "core/base/paths.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

namespace coffer {

namespace {

constexpr std::string_view factName = "filesystem-";

std::optional<AgentFileSystem> parsed(std::string_view text) {
    const auto first = text.find(' ');
    const auto second = first == text.npos ? text.npos : text.find(' ', first + 1);
    if (second == text.npos || first == 0) return {};
    const std::string_view number = text.substr(first + 1, second - first - 1);
    AgentFileSystem found{std::string(text.substr(0, first)), 0,
                          std::string(text.substr(second + 1))};
    const auto [end, error] =
        std::from_chars(number.data(), number.data() + number.size(), found.bytes);
    if (error != std::errc() || end != number.data() + number.size()) return {};
    if (!found.mountPoint.starts_with('/')) return {};
    return found;
}

// Where a path lies: the mount point that is nearest above it.
const AgentFileSystem* homeOf(const std::string& path, const std::vector<AgentFileSystem>& all) {
    const AgentFileSystem* nearest = nullptr;
    for (const AgentFileSystem& each : all) {
        if (!isWithin(path, each.mountPoint)) continue;
        if (!nearest || each.mountPoint.size() > nearest->mountPoint.size()) nearest = &each;
    }
    return nearest;
}

}  // namespace

std::vector<AgentFileSystem> fileSystemsIn(const std::map<std::string, std::string>& facts) {
    std::vector<AgentFileSystem> found;
    for (auto fact = facts.lower_bound(std::string(factName));
         fact != facts.end() && fact->first.starts_with(factName); ++fact) {
        if (auto one = parsed(fact->second)) found.push_back(std::move(*one));
    }
    std::ranges::sort(found, {}, &AgentFileSystem::mountPoint);
    return found;
}

std::vector<AgentFileSystem> uncovered(const std::vector<AgentFileSystem>& all,
                                       const std::vector<CoveringPath>& paths) {
    std::vector<AgentFileSystem> bare;
    for (const AgentFileSystem& each : all) {
        const bool covered = std::ranges::any_of(paths, [&](const CoveringPath& covering) {
            if (homeOf(covering.path, all) == &each) return true;
            return !covering.oneFileSystem && isWithin(each.mountPoint, covering.path);
        });
        if (!covered) bare.push_back(each);
    }
    return bare;
}

}  // namespace coffer
