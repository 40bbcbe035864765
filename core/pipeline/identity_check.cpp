#include "core/pipeline/identity_check.h"

#include "core/repository/config_format.h"
#include "core/repository/owner.h"
#include "core/repository/run_object.h"
#include "core/repository/server_backup.h"
#include "core/repository/store_mark.h"

namespace coffer {

namespace format = config_format;

void checkIdentity(Repository& repository, ProblemLog& problems) {
    const auto check = [&](std::string_view name, auto&& work) {
        try {
            work();
        } catch (const Error& error) {
            problems.add(std::string(name), error);
        }
    };
    ObjectStore& store = repository.store();
    const RepositoryConfig& config = repository.config();
    check(format::firstKeysName, [&] {
        checkKeyObject(readAll(store, format::firstKeysName, format::configLimit), config);
    });
    check(format::ownerName, [&] { readOwner(store, config.server); });
    check(format::storeName, [&] {
        if (readStoreMark(store).repository != config.repositoryId) {
            throw Error(ErrorCode::corrupt, "it names another repository");
        }
    });
    // The server may just have replaced one of these by a newer one.
    const auto checkPassing = [&](const std::string& name, auto&& work) {
        check(name, [&] {
            try {
                work();
            } catch (const Error& error) {
                if (error.code() != ErrorCode::notFound) throw;
            }
        });
    };
    for (const ServerBackupInfo& backup : serverBackups(store)) {
        checkPassing(backup.name, [&] { checkServerBackup(store, backup, config); });
    }
    for (const std::uint64_t run : keptRuns(store)) {
        checkPassing(runObjectName(run), [&] { checkRun(readRunObject(store, run), config, run); });
    }
}

}  // namespace coffer
