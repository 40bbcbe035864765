#include "core/pipeline/replica_history.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/repository/config_format.h"
#include "core/repository/manifest_format.h"
#include "core/repository/numbered_name.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(const std::string& what) {
    throw Error(ErrorCode::conflict,
                what +
                    ": one of the two was written to by somebody else or set back to an older "
                    "copy; nothing was changed");
}

// The server's signatures and the chain hold: nobody but the server made it.
bool isSigned(ByteView segment, const VerifyKey& server) {
    try {
        return !decodeSegment(segment, server).empty();
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

void checkHistory(RepositoryContents& repository, ObjectStore& replica, ProblemLog& problems) {
    namespace format = manifest_format;
    if (replica.size(config_format::configName)) {
        const auto limit = config_format::configLimit;
        if (readAll(replica, config_format::configName, limit) !=
            readAll(repository.copied(), config_format::configName, limit)) {
            problems.add(std::string(config_format::configName), ErrorCode::corrupt,
                         "the replica's config is damaged and is copied anew");
        }
    }
    const std::vector<std::string> names = numberedNames(replica, format::folder);
    for (const std::string& name : names) {
        const Bytes has = readAll(replica, name, format::segmentLimit);
        if (!repository.copied().size(name)) {
            refuse("the replica has the manifest segment " + name + " and the repository has not");
        }
        const Bytes should = readAll(repository.copied(), name, format::segmentLimit);
        if (has == should) continue;
        const bool longer = has.size() > should.size();
        const bool begins = !longer && std::equal(has.begin(), has.end(), should.begin());
        if (begins && name == names.back()) continue;
        if (longer || (!begins && isSigned(has, repository.config().server))) {
            refuse("the replica has other records in " + name + " than the repository");
        }
        problems.add(name, ErrorCode::corrupt,
                     "the replica's segment of the manifest is damaged and is copied anew");
    }
}

}  // namespace coffer
