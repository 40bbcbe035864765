#include "workstation_agent/agent_folder.h"

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

AgentFolder::AgentFolder(Disk& disk, const std::string& path)
    : disk_(disk),
      path_(disk.canonical(path)),
      secrets_(disk, path_ + "/identity"),
      results_(disk, path_ + "/results") {}

void AgentFolder::make() {
    during("state folder", [&] {
        for (const char* part : {"", "/identity", "/cache", "/results"}) {
            makeFolders(disk_, path_ + part);
        }
    });
}

bool AgentFolder::enrolled() const {
    return disk_.stat(certificateFile()).has_value();
}

AgentIdentity AgentFolder::identity() {
    if (enrolled()) {
        if (auto identity = AgentIdentity::load(secrets_)) return *identity;
    }
    throw Error(ErrorCode::notFound,
                "this computer is not enrolled (looked in " + printable(path_) +
                    "): get a token at the server and run 'coffer-workstation-agent enrol'");
}

}  // namespace coffer
