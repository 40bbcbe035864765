#include "management_server/server/server_folder.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/store/run_token.h"
#include "core/trust/private_file.h"

namespace coffer {

ServerFolder::ServerFolder(Disk& disk, const std::string& path)
    : disk_(disk), path_(disk.canonical(path)) {}

void ServerFolder::make() {
    during("state folder", [&] {
        makeFolders(disk_, path_);
        makeFolders(disk_, path_ + "/repositories");
    });
}

void ServerFolder::require() const {
    for (const std::string& file : {authorityFile(), certificateFile(), databaseFile()}) {
        if (disk_.stat(file)) continue;
        throw Error(ErrorCode::notFound, "there is no initialised server in " + printable(path_) +
                                             " (" + printable(file) +
                                             " is missing): run 'coffer-server init'");
    }
}

FileLock ServerFolder::lock() const {
    return during("state folder " + printable(path_),
                  [&] { return FileLock::take(path_ + "/lock"); });
}

void ServerFolder::makeStoreKey() const {
    if (disk_.stat(storeKeyFile())) return;
    writePrivateFile(storeKeyFile(), toHex(SecretKey::random().view()) + "\n");
}

SecretKey ServerFolder::storeKey() const {
    const std::string text = readTextFile(storeKeyFile());
    return during(printable(storeKeyFile()), [&] { return rpc::tokenKeyIn(text); });
}

}  // namespace coffer
