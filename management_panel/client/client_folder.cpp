#include "management_panel/client/client_folder.h"

#include <boost/filesystem.hpp>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/trust/private_file.h"

namespace coffer::client {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

ClientFolder ClientFolder::ofUser() {
    const std::string own = environment("COFFER_CONFIG");
    if (!own.empty()) return ClientFolder(own);
    const std::string all = environment("XDG_CONFIG_HOME");
    if (all.starts_with('/')) return ClientFolder(all + "/coffer");
    const std::string home = environment("HOME");
    if (home.starts_with('/')) return ClientFolder(home + "/.config/coffer");
    throw Error(ErrorCode::invalidArgument,
                "no place to keep the login: set HOME, or COFFER_CONFIG to a folder");
}

void ClientFolder::make() const {
    const boost::filesystem::path parent = boost::filesystem::absolute(path_).parent_path();
    boost::system::error_code failure;
    boost::filesystem::create_directories(parent, failure);
    if (failure) throw Error::fromErrno(failure.value(), printable(parent.native()));
    makePrivateFolder(path_);
}

}  // namespace coffer::client
