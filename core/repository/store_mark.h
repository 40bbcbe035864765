#pragma once

#include "core/repository/ids.h"
#include "core/storage/object_store.h"

namespace coffer {

/// The object `store`, which tells copies of one repository apart (docs/formats/repository.md). Not
/// signed: it is about the copy, not about what is in it.
struct StoreMark {
    enum class Kind : std::uint8_t {
        original = 1,  // written by the owner
        replica = 2    // written by nobody but a replication, until it is taken over
    };

    StoreId store;
    RepositoryId repository;
    Kind kind = Kind::original;
};

void writeStoreMark(ObjectStore& store, const StoreMark& mark);

/// Throws Error(notFound), (corrupt), (unsupported).
StoreMark readStoreMark(ObjectStore& store);

/// Whether a readable mark calls this a replica. One that is missing or damaged does not, for it
/// must not keep an owner from its repository.
bool isReplica(ObjectStore& store);

}  // namespace coffer
