#include "core/repository/local_folder.h"

#include <chrono>
#include <functional>
#include <thread>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::string_view readme =
    "This folder is a Coffer repository: backups, compressed and encrypted.\n"
    "\n"
    "Do not change, rename or remove anything in it. Copying all of it is safe while no backup\n"
    "runs. What is in it can be read with the Coffer that made it or, when that machine is lost,\n"
    "with coffer-rescue and the recovery kit; without either nobody can read it.\n";

std::optional<FileLock> patiently(const std::function<std::optional<FileLock>()>& tryLock) {
    using namespace std::chrono_literals;
    for (int attempt = 0; attempt < 10; ++attempt) {
        if (auto lock = tryLock()) return lock;
        std::this_thread::sleep_for(50ms);
    }
    return tryLock();
}

FileLock lock(const std::string& path) {
    if (auto taken = lockToLook(path)) return std::move(*taken);
    FileLock::refuse(path);
}

// Others come and go, so a moment later it may go: also where another group stands in the file, of
// programs that are gone, while somebody looks at it.
FileLock share(const std::string& path, const std::string& group) {
    if (auto taken = patiently([&] { return FileLock::tryShare(path, group); })) {
        return std::move(*taken);
    }
    FileLock::refuse(path, group);
}

}  // namespace

std::optional<FileLock> lockToLook(const std::string& stateLock) {
    return patiently([&] { return FileLock::tryTake(stateLock); });
}

// Who shares the repository's lock says of which state folder it is, by what nobody else has: the
// file that is its lock.
RepositoryLocks lockToShare(const std::string& stateLock, const std::string& folder,
                            const std::string& programLock) {
    const auto ofState = [&](const auto& take) {
        return during("state " + printable(parentOf(stateLock)), take);
    };
    FileLock program = ofState([&] { return lock(programLock); });
    FileLock state = ofState([&] { return share(stateLock, "shared"); });
    FileLock repository = during("repository " + printable(folder),
                                 [&] { return share(folder + "/lock", state.identity()); });
    return {std::move(state), std::move(repository), std::move(program)};
}

RepositoryLocks lockForChange(const std::string& stateLock, const std::string& folder) {
    FileLock state =
        during("state " + printable(parentOf(stateLock)), [&] { return lock(stateLock); });
    FileLock repository =
        during("repository " + printable(folder), [&] { return lock(folder + "/lock"); });
    return {std::move(state), std::move(repository)};
}

void makeFiles(Disk& disk, const std::vector<std::string>& paths) {
    for (const std::string& path : paths) {
        if (disk.stat(path)) continue;
        try {
            disk.create(path);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::alreadyExists) throw;  // somebody else just has
        }
    }
}

void writeReadme(Disk& disk, const std::string& folder) {
    const std::string path = folder + "/README.txt";
    if (disk.stat(path)) return;
    const auto writer = disk.create(path);
    writer->write(bytesOf(readme));
    writer->sync();
}

}  // namespace coffer
