#include "core/sync/sync_filter.h"

#include "core/pipeline/selection.h"

namespace coffer {

SyncFilter::SyncFilter(const std::vector<std::string>& includes,
                       const std::vector<std::string>& excludes)
    : includes_(includeRules(includes)) {
    for (const std::string& pattern : excludes) excludes_.add(pattern);
}

std::optional<bool> SyncFilter::choose(const std::string& path, bool isFolder, bool within) const {
    if (excludes_.excludes(path, isFolder)) return {};
    if (includes_.empty()) return true;
    if (includes_.names(path, isFolder).value_or(within)) return true;
    if (isFolder && includes_.mayNameBelow(path)) return false;
    return {};
}

}  // namespace coffer
