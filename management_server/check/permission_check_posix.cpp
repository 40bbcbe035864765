#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>

#include "core/base/printable.h"
#include "core/console/format.h"
#include "management_server/check/permission_check.h"

namespace coffer {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t mostEntries = 100'000;
constexpr mode_t others = S_IRWXG | S_IRWXO;

struct stat statusOf(const std::string& path, bool follow = false) {
    struct stat status {};
    const int failure = follow ? ::stat(path.c_str(), &status) : ::lstat(path.c_str(), &status);
    if (failure != 0) throw Error::fromErrno(errno, printable(path));
    return status;
}

std::string problemOf(const std::string& path, const struct stat& status, uid_t owner) {
    if (S_ISLNK(status.st_mode)) return {};
    if (status.st_uid != owner) {
        return printable(path) + " belongs to user " + std::to_string(status.st_uid) +
               ", the state folder to " + std::to_string(owner);
    }
    if ((status.st_mode & others) == 0) return {};
    return "others may use " + printable(path) + " (" + octalText(status.st_mode & 07777) + ")";
}

}  // namespace

Finding checkPermissions(const std::string& folder, const std::vector<std::string>& but,
                         bool passed) {
    const std::string advice = "chmod -R go= and chown -R to the server's user " +
                               printable(folder) + ": who reads it can act as the server";
    struct stat whole = statusOf(folder);
    const uid_t owner = whole.st_uid;
    if (passed) whole.st_mode &= ~static_cast<mode_t>(S_IXGRP);
    std::string problem = problemOf(folder, whole, owner);
    std::size_t seen = 0;
    std::size_t wrong = problem.empty() ? 0 : 1;
    for (fs::recursive_directory_iterator at(folder), end; at != end && seen < mostEntries; ++at) {
        ++seen;
        const std::string path = at->path().string();
        if (std::ranges::find(but, path) != but.end()) {
            at.disable_recursion_pending();
            continue;
        }
        struct stat status {};
        if (::lstat(path.c_str(), &status) != 0) continue;  // gone meanwhile
        const std::string found = problemOf(path, status, owner);
        if (found.empty()) continue;
        ++wrong;
        if (problem.empty()) problem = found;
    }
    if (wrong == 0) {
        return {FindingLevel::ok, "permissions",
                countText(seen, "file") + " and folders in " + printable(folder) +
                    " are for their owner alone"};
    }
    if (wrong > 1) problem += " and " + countText(wrong - 1) + " more";
    return {FindingLevel::error, "permissions", problem, advice};
}

Finding checkOwner(const std::string& subject, const std::string& folder,
                   const std::string& state) {
    if (statusOf(folder).st_uid == statusOf(state).st_uid) {
        return {FindingLevel::ok, subject, printable(folder) + " belongs to the server's user"};
    }
    return {FindingLevel::error, subject,
            printable(folder) + " belongs to another user than the state folder",
            "chown -R it to the server's user"};
}

Finding checkSecretFile(const std::string& setting, const std::string& path) {
    const struct stat status = statusOf(path, true);  // as the server reads it
    if ((status.st_mode & others) == 0) {
        return {FindingLevel::ok, setting, printable(path) + " is for its owner alone"};
    }
    return {FindingLevel::error, setting,
            "others may use " + printable(path) + " (" + octalText(status.st_mode & 07777) + ")",
            "chmod 0600 " + printable(path) + ": the server does not start otherwise"};
}

}  // namespace coffer
