#include "core/pipeline/identity_check.h"

#include "core/repository/config_format.h"
#include "core/repository/owner.h"
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
}

}  // namespace coffer
