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
    result.path = "/";
    if (colon != std::string_view::npos) {
        for (const char octet : text.substr(colon + 1)) {
            if (octet != '/' || result.path.back() != '/') result.path += octet;
        }
    }
    if (result.path.size() > 1 && result.path.ends_with('/')) result.path.pop_back();
    return result;
}

}  // namespace coffer
