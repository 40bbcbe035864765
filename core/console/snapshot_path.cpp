#include "core/console/snapshot_path.h"

#include "core/base/error.h"

namespace coffer {

SnapshotPath snapshotPath(std::string_view text) {
    const std::size_t colon = text.find(':');
    SnapshotPath result;
    result.snapshot = text.substr(0, colon);
    if (result.snapshot.empty()) {
        throw Error(ErrorCode::invalidArgument,
                    "no snapshot is named; 'latest' stands for the newest one");
    }
    if (colon != std::string_view::npos) result.path = text.substr(colon + 1);
    if (!result.path.starts_with('/')) result.path.insert(0, 1, '/');
    while (result.path.size() > 1 && result.path.ends_with('/')) result.path.pop_back();
    return result;
}

}  // namespace coffer
