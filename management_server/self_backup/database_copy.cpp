#include "management_server/self_backup/database_copy.h"

#include "core/base/error.h"
#include "core/repository/sqlite.h"

namespace coffer {

namespace {

constexpr std::uint64_t largest = 64ULL << 30;
constexpr std::uint64_t reserve = 64 << 20;  // is left to the database itself

std::uint64_t sizeOf(Disk& disk, const std::string& path) {
    const auto entry = disk.stat(path);
    return entry ? entry->size : 0;
}

}  // namespace

DatabaseCopy::DatabaseCopy(Disk& disk, const std::string& database)
    : disk_(disk), path_(database + ".copy") {
    const std::uint64_t size = sizeOf(disk, database) + sizeOf(disk, database + "-wal");
    if (size > largest) {
        throw Error(ErrorCode::limitExceeded, "server.db is larger than 64 GiB");
    }
    const auto free = disk.freeSpace(parentOf(database));
    if (free && *free < size + reserve) {
        throw Error(ErrorCode::noSpace, "the disk of the state folder has " +
                                            std::to_string(*free >> 20) +
                                            " MiB left, too little for a copy of server.db");
    }
    // A connection of its own: the server's is free for calls.
    during("copy server.db", [&] { SqlDatabase(database, false).copyTo(path_); });
}

DatabaseCopy::~DatabaseCopy() {
    try {
        disk_.unlink(path_);
    } catch (const Error&) {
        // The next copy replaces it.
    }
}

}  // namespace coffer
