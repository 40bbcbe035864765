#include "management_server/solo/state_folder.h"

#include <cstdlib>

#include "core/base/error.h"
#include "management_server/solo/process.h"

namespace coffer::solo {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

// Of all repositories of this user.
std::string usualPlace() {
    if (isRoot()) return "/var/lib/coffer";
    // The XDG rules: a relative path there counts as none.
    const std::string base = environment("XDG_STATE_HOME");
    if (base.starts_with('/')) return base + "/coffer";
    const std::string home = environment("HOME");
    if (home.empty()) {
        throw Error(ErrorCode::invalidArgument,
                    "HOME is not set: name a state folder with --state");
    }
    return home + "/.local/state/coffer";
}

}  // namespace

StateFolder::StateFolder(Disk& disk, const GlobalOptions& options, const RepositoryId& repository)
    : disk_(disk),
      path_(disk.canonical(options.state.empty() ? usualPlace() + "/" + repository.hex()
                                                 : options.state)),
      keys_(disk, path_ + "/keys") {}

void StateFolder::make() {
    for (const std::string& folder :
         {path_, path_ + "/keys", databases(), cache(), restoreFolder()}) {
        makeFolders(disk_, folder);
    }
}

bool StateFolder::hasKeys() {
    return keys_.size("server-keys").has_value();
}

}  // namespace coffer::solo
