#include "core/repository/repository.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/repository/config_format.h"
#include "core/repository/envelope.h"
#include "core/repository/owner.h"
#include "core/repository/pack_format.h"
#include "core/repository/store_mark.h"

namespace coffer {

namespace format = config_format;

namespace {

constexpr std::size_t packCacheLimit = 16U << 20;  // octets of directories kept open
constexpr std::uint64_t hashedAtOnce = 1U << 20;   // octets

RepositoryConfig readConfig(ObjectStore& store) {
    if (!store.size(format::configName)) {
        throw Error(ErrorCode::notFound, "there is no repository here");
    }
    return RepositoryConfig::read(store);
}

ServerState readState(ObjectStore& state, const RepositoryConfig& config) {
    ServerState loaded = ServerState::load(state);
    if (loaded.repositoryId != config.repositoryId) {
        throw Error(ErrorCode::conflict, "the state folder belongs to repository " +
                                             loaded.repositoryId.hex() + ", this one is " +
                                             config.repositoryId.hex());
    }
    checkKeys(loaded.keys, config);
    return loaded;
}

SegmentIndex openIndex(const RepositoryPlace& place, Disk& system, const RepositoryId& repository) {
    if (place.index) {
        return {place.index->disk, place.index->folder, repository, place.index->limits};
    }
    const std::string name = place.sharing ? place.sharing->index : "index";
    return {system, system.canonical(place.databases) + "/" + name, repository};
}

std::size_t costOf(const PackDirectory& directory) {
    std::size_t cost = sizeof(OpenPack);
    for (const BlockPlace& block : directory.blocks) {
        cost += sizeof block;
        for (const ChunkPlace& chunk : block.chunks) {
            cost += sizeof chunk + chunk.references.size() * sizeof(ChunkId);
        }
    }
    return cost;
}

}  // namespace

Repository::Repository(const RepositoryPlace& place, Access access)
    : place_(place),
      access_(access),
      config_(readConfig(place.store)),
      state_(readState(place.state, config_)),
      rootSeed_(std::exchange(state_.rootSeed, std::nullopt)),
      ledger_(place.databases + "/repo.db", config_.repositoryId),
      index_(openIndex(place, *disk_, config_.repositoryId)) {
    if (access_ == Access::write) {
        config_.requireWritable();
        if (isReplica(place_.store)) {
            throw Error(ErrorCode::conflict,
                        "this is a replica, which is only written to by its replication; 'adopt' "
                        "with the recovery kit makes it a repository of its own");
        }
        checkOwner();
    }
    if (access_ == Access::peek) {
        if (ledger_.head().sequence == 0) {
            throw Error(ErrorCode::busy, "another program is just reading the repository in");
        }
        return;
    }
    if (access_ == Access::write) {
        openToWrite();
    } else {
        catchUpLedger();
        catchUpIndex();
    }
}

StoreId Repository::storeId() const {
    return readStoreMark(place_.store).store;
}

void Repository::checkOwner() const {
    if (!place_.store.size(format::ownerName)) {
        throw Error(ErrorCode::notFound,
                    "the folder of the repository has no file 'owner': is its disk mounted?");
    }
    if (readOwner(place_.store, config_.server).owner != state_.owner) {
        throw Error(ErrorCode::conflict,
                    "another server has taken this repository over; this one may only read it");
    }
}

// One that was lost alone is for verify to find, and for the next backup to heal.
void Repository::checkPacks() const {
    constexpr std::size_t looked = 8;
    std::vector<PackId> packs = ledger_.packsIn(PackState::verified, looked);
    if (packs.empty()) packs = ledger_.packsIn(PackState::received, looked);
    const auto isThere = [&](const PackId& pack) {
        return place_.store.size(packName(pack)).has_value();
    };
    if (packs.empty() || std::ranges::any_of(packs, isThere)) return;
    throw Error(ErrorCode::notFound,
                "no pack that was looked for is in the folder of the repository: is all of its "
                "disk mounted? If they are lost, 'coffer verify' says so, and the next backup "
                "stores again what its source still has");
}

std::vector<PackId> Repository::rebuildIndex() {
    std::vector<PackId> unreadable;
    bool whole = true;
    index_.clear();
    for (const PackInfo& pack : ledger_.packs()) {
        const PackId& id = pack.registration.pack;
        const Indexed done = indexPack(id, 0);
        if (done != Indexed::yes) unreadable.push_back(id);
        if (done == Indexed::newer) whole = false;
    }
    if (whole) index_.setGeneration(ledger_.head().sequence);
    return unreadable;
}

bool Repository::kitConfirmed() const {
    return rootSeed_.with([](const auto& seed) { return !seed.has_value(); });
}

RecoveryKit Repository::kit() const {
    const auto seed = rootSeed_.with([](const auto& kept) { return kept; });
    if (!seed) {
        throw Error(ErrorCode::conflict,
                    "the recovery kit was exported and confirmed before; the server keeps no copy");
    }
    return {config_.repositoryId, *seed};
}

void Repository::confirmKit(const RecoveryKit& kept) {
    if (kept.repositoryId != config_.repositoryId ||
        RootKey::fromSeed(kept.rootSeed).sign.verifyKey() != config_.rootSign) {
        throw Error(ErrorCode::wrongKey, "this recovery kit does not open this repository");
    }
    rootSeed_.with([&](auto& seed) {
        state_.save(place_.state);
        seed.reset();
    });
}

AgentKeys Repository::agentKeys(const AgentIdentity& agent) const {
    return {config_.repositoryId,        state_.keys.epoch, config_.content, config_.metadata,
            state_.keys.domains.front(), agent.id,          agent.sign};
}

void Repository::enrol(const AgentId& agent, const VerifyKey& key) {
    const auto known = ledger_.agentKey(agent);
    if (known == key) return;
    if (known == config_.server) {
        throw Error(ErrorCode::conflict, "agent " + agent.hex() + " is one of the server's own");
    }
    const ManifestPayload payload[] = {AgentKeyRecord{agent, key}};
    record(payload);
}

void Repository::record(std::span<const ManifestPayload> payloads,
                        const std::function<void(std::uint64_t generation)>& indexIt) {
    takeTurn([&](Log& log) { append(log, payloads, indexIt); });
}

void Repository::recordChosen(const std::function<std::vector<ManifestPayload>()>& choose,
                              const std::function<void(std::uint64_t generation)>& indexIt) {
    takeTurn([&](Log& log) {
        const std::vector<ManifestPayload> payloads = choose();
        if (!payloads.empty()) append(log, payloads, indexIt);
    });
}

void Repository::append(Log& log, std::span<const ManifestPayload> payloads,
                        const std::function<void(std::uint64_t generation)>& indexIt) {
    if (!log) throw Error(ErrorCode::conflict, "the repository was opened for reading only");
    checkOwner();
    try {
        ledger_.apply(log->append(payloads));
        const std::uint64_t head = log->head().sequence;
        const bool whole = gaps_.with([](const Gaps& gaps) { return gaps.packs.empty(); });
        const std::uint64_t generation = whole ? head : index_.generation();
        indexIt ? indexIt(generation) : index_.setGeneration(generation);
        gaps_.with([&](Gaps& gaps) { gaps.seen = head; });
    } catch (...) {
        // Manifest, ledger and index may stand apart now; recover() brings them together.
        log.reset();
        throw;
    }
}

void Repository::registerPack(const PackRegistration& registration, const SessionId& session,
                              bool verified) {
    during("register pack " + registration.pack.hex(), [&] {
        const auto key = ledger_.agentKey(registration.agent);
        if (!key) throw Error(ErrorCode::untrusted, "the agent is not known");
        verifySignature(*key, pack_format::registrationPurpose,
                        registration.statement(config_.repositoryId), registration.signature);
        if (ledger_.pack(registration.pack)) {
            throw Error(ErrorCode::alreadyExists, "the pack was registered before");
        }
        if (place_.store.size(packName(registration.pack)) != registration.size) {
            throw Error(ErrorCode::corrupt, "the pack has not the length that was signed");
        }
        const auto pack = std::make_shared<const OpenPack>(
            OpenPack::open(place_.store, config_.repositoryId, registration.pack, state_.keys));
        std::vector<ManifestPayload> payloads = {PackRecord{registration, session}};
        if (verified) {
            payloads.emplace_back(PackStateRecord{registration.pack, PackState::verified});
        }
        record(payloads, [&](std::uint64_t generation) {
            index_.add(registration.pack, pack->directory(), generation);
        });
        keep(registration.pack, pack);
    });
}

Bytes Repository::snapshotBody(const SnapshotRegistration& registration) {
    const Bytes object = readAll(place_.store, snapshotName(registration.id), snapshotLimit);
    return openSnapshot(registration, object, config_.repositoryId, state_.keys);
}

std::shared_ptr<const OpenPack> Repository::openPack(const PackId& pack) {
    const auto cached = cache_.with([&](auto& cache) -> std::shared_ptr<const OpenPack> {
        const auto found = std::ranges::find(cache, pack, &CachedPack::id);
        if (found == cache.end()) return nullptr;
        cache.splice(cache.begin(), cache, found);
        return found->pack;
    });
    if (cached) return cached;
    try {
        const auto opened = std::make_shared<const OpenPack>(
            OpenPack::open(place_.store, config_.repositoryId, pack, state_.keys));
        keep(pack, opened);
        return opened;
    } catch (const Error& error) {
        // Who only reads judges nobody, and need not read it whole to find out.
        if (error.code() != ErrorCode::unsupported || access_ != Access::write ||
            isAsRegistered(pack)) {
            throw;
        }
        throw Error(ErrorCode::corrupt, "pack " + pack.hex() + ": does not match its registration");
    }
}

bool Repository::isAsRegistered(const PackId& pack) {
    const auto info = ledger_.pack(pack);
    if (!info || place_.store.size(packName(pack)) != info->registration.size) return false;
    Sha256 hash;
    Bytes piece;
    std::uint64_t offset = 0;
    while (offset < info->registration.size) {
        piece.resize(static_cast<std::size_t>(
            std::min<std::uint64_t>(hashedAtOnce, info->registration.size - offset)));
        place_.store.read(packName(pack), offset, piece);
        hash.update(piece);
        offset += piece.size();
    }
    return hash.finish() == info->registration.sha256;
}

Repository::Indexed Repository::indexPack(const PackId& pack, std::uint64_t generation) {
    try {
        index_.add(pack, openPack(pack)->directory(), generation);
        return Indexed::yes;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unsupported) return Indexed::newer;
        if (!isPackDamage(error.code())) throw;
        return Indexed::damaged;
    }
}

void Repository::keep(const PackId& id, const std::shared_ptr<const OpenPack>& pack) {
    cache_.with([&](auto& cache) {
        cache.push_front({id, pack, costOf(pack->directory())});
        std::size_t total = 0;
        auto end = cache.begin();
        while (end != cache.end() && (total += end->cost) <= packCacheLimit) ++end;
        if (end == cache.begin()) ++end;  // at least the newest
        cache.erase(end, cache.end());
    });
}

}  // namespace coffer
