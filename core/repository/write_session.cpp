#include "core/repository/write_session.h"

#include <algorithm>
#include <unordered_set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/repository/manifest_format.h"
#include "core/repository/pack_format.h"
#include "core/repository/revival.h"

namespace coffer {

namespace {

constexpr std::size_t comparedAtATime = 64U << 10;

// Backups leave this much of the disk, so that a prune can write copies and records.
constexpr std::uint64_t headroom = 64ULL << 20;

SnapshotMark markOf(const std::vector<std::string>& tags) {
    SnapshotMark mark;
    for (const std::string& tag : tags) mark.addTag(tag);
    return mark;
}

void requireRoom(ObjectStore& store) {
    const auto room = store.freeSpace();
    if (!room || *room >= headroom) return;
    throw Error(ErrorCode::noSpace,
                "less than 64 MiB are free where the repository is: they are kept for a prune");
}

}  // namespace

void WriteSession::Upload::append(ByteView slice) {
    if (!writer_) {
        requireRoom(session_.repository_.store());
        writer_ = session_.repository_.store().create(packName(id_));
    }
    writer_->append(slice);
    size_ += slice.size();
}

bool WriteSession::Upload::holds(std::uint64_t offset, ByteView slice) {
    if (offset > size_ || slice.size() > size_ - offset) return false;
    Bytes there;
    while (!slice.empty()) {
        there.resize(std::min(slice.size(), comparedAtATime));
        writer_->readBack(offset, there);
        if (!std::ranges::equal(there, slice.first(there.size()))) return false;
        offset += there.size();
        slice = slice.subspan(there.size());
    }
    return true;
}

void WriteSession::Upload::finish(const PackRegistration& registration) {
    if (registration.pack != id_) {
        throw Error(ErrorCode::conflict, "the registration is for another pack");
    }
    if (!writer_) throw Error(ErrorCode::corrupt, "the pack is empty");
    session_.checkRegistration(registration, size_);
    const RunningWork::Arrival arrival(session_.repository_.running(), packName(id_));
    writer_->commit();
    session_.repository_.registerPack(registration, session_.id());
    session_.takeIn(id_);
}

WriteSession::WriteSession(Repository& repository, const AgentId& agent,
                           const std::optional<SnapshotId>& base, const CommitTerms& commit)
    : repository_(repository),
      agent_(agent),
      expected_(commit.id),
      mark_(markOf(commit.tags)),
      hold_(repository, agent) {
    if (!repository_.kitConfirmed()) {
        throw Error(ErrorCode::conflict,
                    "export the recovery kit and prove that it was kept before the first backup");
    }
    if (!repository_.ledger().agentKey(agent)) {
        throw Error(ErrorCode::untrusted, "the agent is not enrolled in this repository");
    }
    repository_.checkPacks();
    if (base) pinBase(*base);
    findSuspects();
}

WriteSession::~WriteSession() = default;

// Pinned first, looked up then: either it is forgotten by now, or every prune from here on sees the
// snapshot or the pin.
void WriteSession::pinBase(const SnapshotId& base) {
    const auto info = repository_.ledger().snapshot(base);
    if (!info || info->due || info->registration.agent != agent_) return;
    pin_.emplace(repository_.running(), info->registration.root);
    if (!repository_.ledger().snapshot(base)) {
        pin_.reset();
        return;
    }
    base_ = info;
    terms_.basePinned = true;
}

bool WriteSession::anyVisible(const std::vector<ChunkLocation>& places) {
    return visibleTo(repository_.ledger(), agent_, places);
}

std::vector<bool> WriteSession::missing(std::span<const ChunkId> ids) {
    const auto places = repository_.index().find(ids);
    std::vector<bool> answer(ids.size());
    for (std::size_t i = 0; i < ids.size(); ++i) {
        answer[i] = !anyVisible(places[i]) || std::ranges::binary_search(terms_.suspects, ids[i]);
    }
    state_.with([&](State& state) {
        for (std::size_t i = 0; i < ids.size(); ++i) {
            if (!answer[i]) state.allowed.add(ids[i]);
        }
    });
    return answer;
}

std::unique_ptr<PackUpload> WriteSession::openPack() {
    return receivePack();
}

std::unique_ptr<WriteSession::Upload> WriteSession::receivePack() {
    return std::make_unique<Upload>(*this, randomId<PackId>());
}

// Before the pack becomes an object: what is refused should not take room until a prune.
void WriteSession::checkRegistration(const PackRegistration& registration, std::uint64_t size) {
    const auto key = repository_.ledger().agentKey(agent_);
    if (!key || registration.agent != agent_) {
        throw Error(ErrorCode::untrusted, "the pack was signed by another agent");
    }
    verifySignature(*key, pack_format::registrationPurpose,
                    registration.statement(repository_.config().repositoryId),
                    registration.signature);
    if (registration.size != size) {
        throw Error(ErrorCode::corrupt, "the pack has not the length that was signed");
    }
}

bool WriteSession::wasRegistered(const PackRegistration& registration) {
    repository_.recover();
    const auto known = repository_.ledger().pack(registration.pack);
    if (!known || known->registration != registration || registration.agent != agent_) return false;
    const bool counts = state_.with([&](const State& state) {
        return std::ranges::find(state.packs, registration.pack) != state.packs.end();
    });
    if (known->session == id() && !counts) takeIn(registration.pack);
    return true;
}

void WriteSession::takeIn(const PackId& pack) {
    const auto opened = repository_.openPack(pack);
    state_.with([&](State& state) {
        state.packs.push_back(pack);
        for (const BlockPlace& block : opened->directory().blocks) {
            for (const ChunkPlace& chunk : block.chunks) state.allowed.add(chunk.id);
        }
    });
}

Timestamp WriteSession::commit(const SealedSnapshot& snapshot) {
    return during("commit snapshot", [&] {
        const SnapshotRegistration& registration = snapshot.registration;
        const auto key = repository_.ledger().agentKey(agent_);
        if (!key || registration.agent != agent_) {
            throw Error(ErrorCode::untrusted, "the snapshot was signed by another agent");
        }
        if (expected_ && registration.id != *expected_) {
            throw Error(ErrorCode::conflict, "the snapshot was to be " + expected_->hex());
        }
        verifySignature(*key, manifest_format::snapshotPurpose,
                        registration.statement(repository_.config().repositoryId),
                        registration.signature);
        // A first call may have failed behind its record, of which the ledger does not know yet.
        repository_.recover();
        const std::string name = snapshotName(registration.id);
        const RunningWork::Arrival arrival(repository_.running(), name);
        if (const auto known = repository_.ledger().snapshot(registration.id)) {
            if (known->registration == registration) return known->committed;
            throw Error(ErrorCode::conflict, "there is another snapshot of this id");
        }
        openSnapshot(registration, snapshot.object, repository_.config().repositoryId,
                     repository_.keys());
        checkReferences(registration.root);
        // In the place of what an attempt at the same run left that was cut before it was
        // registered.
        repository_.store().put(name, snapshot.object);
        repository_.recordChosen([&] { return recordsOf(registration); });
        // Somebody may have forgotten it since.
        const auto written = repository_.ledger().snapshot(registration.id);
        return written ? written->committed : repository_.clock().now();
    });
}

// Without its note a prune may have deleted what was promised: rather no snapshot than one with a
// hole. Within the turn, so none can begin to before the snapshot is there.
void WriteSession::requireNote() {
    const auto isThis = [this](const SessionInfo& it) { return it.id == id(); };
    if (std::ranges::any_of(repository_.ledger().sessions(), isThis)) return;
    throw Error(ErrorCode::gone, "the session is not noted any more: begin a new one");
}

// What was promised to this session and condemned since is needed after all. The snapshot comes
// behind: should the append take two batches, it is there only with all it needs.
std::vector<ManifestPayload> WriteSession::recordsOf(const SnapshotRegistration& registration) {
    requireNote();
    std::vector<ManifestPayload> records = state_.with([&](const State& state) {
        return revive(repository_, agent_, hold_.generation(), state.allowed);
    });
    // What is written on it is in the batch of its record: said twice, the last one fills the
    // other.
    const bool last = records.size() % ManifestLog::batchSize == ManifestLog::batchSize - 1;
    if (!mark_.isEmpty() && last) records.push_back(records.back());
    records.emplace_back(SnapshotRecord{registration});
    if (!mark_.isEmpty()) records.emplace_back(MarkRecord{registration.id, mark_});
    return records;
}

// What the new trees and lists refer to was sent in this session or promised to it. A base is taken
// over only whole, by its root: what a backup takes over piecemeal it asks for.
void WriteSession::checkReferences(const ChunkId& root) {
    const auto check = [&](State& state, const ChunkId& id) {
        if (state.allowed.mayContain(id)) return;
        if (terms_.basePinned && id == base_->registration.root) return;
        throw Error(ErrorCode::conflict,
                    "chunk " + id.hex() + " was neither sent nor promised to this session");
    };
    const std::vector<PackId> packs = state_.with([&](State& state) {
        check(state, root);
        return state.packs;
    });
    for (const PackId& id : packs) {
        if (!repository_.store().size(packName(id))) {
            throw Error(ErrorCode::corrupt, "pack " + id.hex() + " of this session has vanished");
        }
        const auto pack = repository_.openPack(id);
        state_.with([&](State& state) {
            for (const BlockPlace& block : pack->directory().blocks) {
                for (const ChunkPlace& chunk : block.chunks) {
                    for (const ChunkId& reference : chunk.references) check(state, reference);
                }
            }
        });
    }
}

void WriteSession::findSuspects() {
    std::unordered_set<ChunkId, IdHash> suspects;
    for (const PackId& id : repository_.ledger().packsIn(PackState::suspect)) {
        try {
            addUnsound(*repository_.openPack(id), suspects);
        } catch (const Error&) {
            terms_.basePinned = false;  // what it held is unknown, so everything has to be asked
        }
    }
    if (suspects.empty() && repository_.ledger().packsIn(PackState::suspect).empty()) return;
    addListsAbove(suspects);
    terms_.suspects.assign(suspects.begin(), suspects.end());
    std::ranges::sort(terms_.suspects);
}

void WriteSession::addUnsound(const OpenPack& pack, ChunkSet& suspects) {
    std::vector<ChunkId> ids;
    for (const BlockPlace& block : pack.directory().blocks) {
        for (const ChunkPlace& chunk : block.chunks) ids.push_back(chunk.id);
    }
    const auto places = repository_.index().find(ids);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (!anyVisible(places[i])) suspects.insert(ids[i]);
    }
}

// A list is taken over without being looked into, so it is suspect with anything below it. Lists
// are written after what they refer to, hence one pass in order of registration suffices.
void WriteSession::addListsAbove(ChunkSet& suspects) {
    for (const PackInfo& info : repository_.ledger().packs()) {
        if (!isSound(info.state)) continue;
        std::shared_ptr<const OpenPack> pack;
        try {
            pack = repository_.openPack(info.registration.pack);
        } catch (const Error&) {
            terms_.basePinned = false;  // damaged too, only that nobody knew
            continue;
        }
        for (const BlockPlace& block : pack->directory().blocks) {
            if (block.kind != ChunkKind::list) continue;
            for (const ChunkPlace& chunk : block.chunks) {
                const auto places = repository_.index().find(chunk.references);
                for (std::size_t i = 0; i < places.size(); ++i) {
                    if (!anyVisible(places[i]) || suspects.contains(chunk.references[i])) {
                        suspects.insert(chunk.id);
                    }
                }
            }
        }
    }
}

}  // namespace coffer
