#pragma once

#include <string>
#include <vector>

#include "core/repository/sharing.h"

namespace coffer::rpc {

/// What a server hands over to a store that runs beside it, in its state folder: nothing else of
/// the server does the store need (docs/store-server.md).
struct HandedOver {
    explicit HandedOver(const std::string& serverFolder)
        : folder(serverFolder + "/store"), repositories(serverFolder + "/repositories") {}

    const std::string folder;
    const std::string repositories;  // in it a folder for each, by its name (RepositoryOwn)

    std::string authorityFile() const { return folder + "/authority.pem"; }
    std::string certificateFile() const { return folder + "/store.pem"; }  // with its key
    std::string tokenKeyFile() const { return folder + "/token.key"; }
    std::string agentsFile() const { return folder + "/agents"; }  // AgentList
    std::string lockFile() const { return folder + "/lock"; }      // of the store that runs
};

/// The server's own folder of a repository, as far as the store looks into it.
struct RepositoryOwn {
    const std::string folder;

    std::string keys() const { return folder + "/state"; }
    std::string databases() const { return folder + "/databases"; }
    std::string lockFile() const { return folder + "/lock"; }
    std::string placeFile() const { return folder + "/folder"; }        // where the repository lies
    std::string takeOverFile() const { return folder + "/take-over"; }  // the server is to do that
    std::string removedFile() const { return folder + "/removed"; }     // it is to go

    /// What the server and the store both open; `place` is the repository's folder.
    std::vector<std::string> sharedFiles(const std::string& place) const {
        std::vector<std::string> files{lockFile(), databases() + "/repo.db", place + "/lock"};
        for (const char* name : {"server", "store", "prune", "manifest"}) {
            files.push_back(Sharing::lockOf(folder, name));
        }
        return files;
    }
};

}  // namespace coffer::rpc
