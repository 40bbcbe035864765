#pragma once

#include <string>

namespace coffer {

/// What lets several programs of one installation have a repository open for writing at a time
/// (docs/locking.md). They have one state folder and one repo.db in common, and each a chunk index
/// of its own.
struct Sharing {
    std::string folder;   // for the locks by which they take turns; of all of them the same
    std::string program;  // which of them this is: letters
    std::string index;    // name of its index's folder, beside repo.db

    /// Held by the program as long as it works on the repository.
    static std::string lockOf(const std::string& folder, const std::string& program) {
        return folder + "/" + program + ".lock";
    }
};

}  // namespace coffer
