#include "core/pipeline/server_backup_copy.h"

#include <algorithm>
#include <optional>

namespace coffer {

namespace {

constexpr std::uint64_t block = 1 << 20;

bool isSound(ObjectStore& store, const ServerBackupInfo& backup, const RepositoryConfig& config,
             const std::string& where, ProblemLog& problems) {
    try {
        checkServerBackup(store, backup, config);
        return true;
    } catch (const Error& error) {
        // The server replaces them while it is running.
        if (error.code() != ErrorCode::notFound) problems.add(backup.name, error.within(where));
        return false;
    }
}

void copy(ObjectStore& from, ObjectStore& to, const ServerBackupInfo& backup,
          const CancelToken& cancel) {
    const auto writer = to.create(backup.name);
    Bytes octets;
    for (std::uint64_t at = 0; at < backup.size; at += octets.size()) {
        cancel.check();
        octets.resize(static_cast<std::size_t>(std::min(block, backup.size - at)));
        from.read(backup.name, at, octets);
        writer->append(octets);
    }
    writer->commit();
}

}  // namespace

void copyServerBackups(ObjectStore& from, ObjectStore& to, const RepositoryConfig& config,
                       bool verify, const Retry& retry, ProblemLog& problems,
                       const CancelToken& cancel) {
    const std::vector<ServerBackupInfo> wanted = serverBackups(from);
    const std::vector<ServerBackupInfo> there = serverBackups(to);
    for (const ServerBackupInfo& backup : wanted) {
        cancel.check();
        const auto found = std::ranges::find(there, backup.name, &ServerBackupInfo::name);
        const bool has = found != there.end();
        const bool sound = has && found->size == backup.size &&
                           (!verify || isSound(to, *found, config, "the replica", problems));
        if (sound || !isSound(from, backup, config, "the repository", problems)) continue;
        if (has) to.remove(backup.name);
        try {
            retry([&] { copy(from, to, backup, cancel); });
        } catch (const Error& error) {
            if (error.code() != ErrorCode::notFound) throw;  // replaced meanwhile
        }
    }
    for (const ServerBackupInfo& backup : there) {
        if (std::ranges::find(wanted, backup.name, &ServerBackupInfo::name) == wanted.end()) {
            to.remove(backup.name);
        }
    }
}

}  // namespace coffer
