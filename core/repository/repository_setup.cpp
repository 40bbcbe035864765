// Making a repository, and taking one over.
#include "core/base/error.h"
#include "core/base/random.h"
#include "core/repository/config_format.h"
#include "core/repository/envelope.h"
#include "core/repository/owner.h"
#include "core/repository/repository.h"
#include "core/repository/store_mark.h"

namespace coffer {

namespace format = config_format;

namespace {

// What a creation that was cut short left behind; only ever called while there is no config.
void removeUnfinished(ObjectStore& store) {
    for (const std::string_view folder : {"packs/", "snapshots/"}) {
        store.list(folder, [](std::string_view name, std::uint64_t) {
            throw Error(ErrorCode::alreadyExists,
                        "the folder holds " + std::string(name) +
                            " but no config: this is a damaged repository, not an empty folder");
        });
    }
    std::vector<std::string> names;
    for (const std::string_view folder : {"keys/", "manifest/"}) {
        store.list(folder, [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
    }
    for (const std::string& name : names) store.remove(name);
}

RepositoryConfig configFor(const RepositoryId& id, const RootKey& root, const ServerKeys& keys,
                           const Clock& clock, const ChunkerParameters& chunker) {
    RepositoryConfig config;
    config.repositoryId = id;
    config.created = clock.now();
    config.chunker = chunker;
    config.rootBox = root.box.publicKey;
    config.rootSign = root.sign.verifyKey();
    config.content = keys.content.publicKey;
    config.metadata = keys.metadata.publicKey;
    config.server = keys.sign.verifyKey();
    return config;
}

}  // namespace

void Repository::create(const RepositoryPlace& place, const ChunkerParameters& chunker,
                        const RepositoryId& id) {
    during("create repository", [&] {
        chunker.check();
        if (place.store.size(format::configName)) {
            throw Error(ErrorCode::alreadyExists, "there is a repository already");
        }
        removeUnfinished(place.store);
        const RootKey root = RootKey::random();
        ServerState state;
        state.keys = ServerKeys::random();
        const RepositoryConfig config = configFor(id, root, state.keys, place.clock, chunker);
        const Bytes configObject = config.encode(root);
        state.repositoryId = config.repositoryId;
        state.owner = randomId<OwnerId>();
        state.rootSeed = root.seed;
        state.save(place.state);
        putNew(place.store, format::firstKeysName,
               sealKeyObject(state.keys, config.repositoryId, root));
        writeStoreMark(place.store,
                       {randomId<StoreId>(), config.repositoryId, StoreMark::Kind::original});
        const OwnerRecord owner{state.owner, 1};
        writeOwner(place.store, owner, state.keys.sign);
        const ManifestPayload begin[] = {GenesisRecord{config.repositoryId, sha256(configObject)},
                                         owner};
        ManifestLog(place.store, state.keys.sign, place.clock).append(begin);
        // The config makes it a repository, so it comes last.
        putNew(place.store, format::configName, configObject);
    });
}

namespace {

// With a new owner id: who has written before cannot any more.
void becomeOwner(const RepositoryPlace& place, const RepositoryConfig& config, ServerState& state) {
    checkKeys(state.keys, config);
    config.requireWritable();
    state.owner = randomId<OwnerId>();
    OwnerRecord owner{state.owner, 0};
    readManifest(place.store, config.server, 1, [&](const ManifestRecord& record) {
        if (std::holds_alternative<UnknownRecord>(record.payload)) {
            throw newerRecord(record.sequence);
        }
        if (const auto* former = std::get_if<OwnerRecord>(&record.payload)) {
            owner.epoch = former->epoch;
        }
    });
    ++owner.epoch;
    if (isReplica(place.store)) {  // from here on its replication refuses it
        StoreMark mark = readStoreMark(place.store);
        mark.kind = StoreMark::Kind::original;
        writeStoreMark(place.store, mark);
    }
    writeOwner(place.store, owner, state.keys.sign);
    const ManifestPayload payload[] = {owner};
    ManifestLog(place.store, state.keys.sign, place.clock).append(payload);
    // Last: cut short before this, it is simply done again.
    state.save(place.state);
}

}  // namespace

RootKey rootKeyFor(const RecoveryKit& kit, const RepositoryConfig& config) {
    RootKey root = RootKey::fromSeed(kit.rootSeed);
    if (kit.repositoryId != config.repositoryId || root.sign.verifyKey() != config.rootSign) {
        throw Error(ErrorCode::wrongKey, "the recovery kit belongs to repository " +
                                             kit.repositoryId.hex() + ", this one is " +
                                             config.repositoryId.hex());
    }
    return root;
}

void Repository::adopt(const RepositoryPlace& place, const RecoveryKit& kit) {
    during("take over repository", [&] {
        const RepositoryConfig config = RepositoryConfig::read(place.store);
        const RootKey root = rootKeyFor(kit, config);
        ServerState state;
        state.repositoryId = config.repositoryId;
        state.keys = openKeyObject(readAll(place.store, format::firstKeysName, format::configLimit),
                                   config.repositoryId, root);
        becomeOwner(place, config, state);
    });
}

void Repository::takeOver(const RepositoryPlace& place) {
    during("take over repository", [&] {
        ServerState state = ServerState::load(place.state);
        const RepositoryConfig config = RepositoryConfig::read(place.store);
        if (state.repositoryId != config.repositoryId) {
            throw Error(ErrorCode::wrongKey, "the keys belong to repository " +
                                                 state.repositoryId.hex() + ", this one is " +
                                                 config.repositoryId.hex());
        }
        becomeOwner(place, config, state);
    });
}

}  // namespace coffer
