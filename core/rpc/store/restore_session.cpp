#include "core/rpc/store/restore_session.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/repository/chunk_reader.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/store/forms.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/tree_reader.h"

namespace coffer::rpc {

namespace {

constexpr std::size_t longestTerms = 8U << 20;  // octets of entries and their paths

}  // namespace

RestoreSession::RestoreSession(const StoreParts& parts, const RunGrant& grant, const Lease& lease)
    : gate_(lease, grant.agent, parts.caller),
      repository_(parts.repositories.open(grant.repository)),
      reads_(*repository_) {
    find(grant);
    reachable_.with([&](ReachableIds& reachable) {
        for (const Entry& entry : entries_) {
            entry.node.forEachReference([&](const ChunkId& id) { reachable.add(id); });
        }
    });
}

void RestoreSession::find(const RunGrant& grant) {
    const SnapshotId id = snapshotIdOf(grant.snapshot);
    const auto info = repository_->ledger().snapshot(id);
    if (!info) throw Error(ErrorCode::notFound, "no snapshot " + id.hex());
    domain_ = info->registration.domain;
    const Snapshot snapshot =
        Snapshot::decodeBody(id, repository_->snapshotBody(info->registration));
    ChunkReader chunks(reads_, repository_->keys().domain(domain_).key);
    if (grant.paths.empty()) entries_.push_back({"/", snapshot.root});
    for (const std::string& path : grant.paths) {
        entries_.push_back({path, nodeAt(chunks, snapshot.root, path)});
    }
}

void RestoreSession::fillTerms(Coffer::RestoreTerms& terms) const {
    terms.repositoryId = toOctets(repository_->config().repositoryId);
    terms.domainId = toOctets(domain_);
    terms.domainKey = toOctets(ByteView(repository_->keys().domain(domain_).key));
    terms.more = toSettings({{fetchesSome, "yes"}});
    terms.nodes.length(static_cast<CORBA::ULong>(entries_.size()));
    std::size_t total = 0;
    for (CORBA::ULong i = 0; i < terms.nodes.length(); ++i) {
        const Bytes node = entries_[i].node.encode();
        total += node.size() + entries_[i].path.size();
        if (total > longestTerms) {
            throw Error(ErrorCode::limitExceeded, "too many paths for one restore");
        }
        terms.nodes[i].where = toPath(entries_[i].path);
        terms.nodes[i].node = toOctets(ByteView(node));
    }
}

Coffer::PlannedBlocks* RestoreSession::plan(const Coffer::Octets& ids) {
    return serve("plan", [&] {
        const auto use = gate_.enter();
        const std::vector<ChunkId> wanted = toIds(ids, mostPlanned);
        checkReachable(wanted);
        std::vector<ChunkId> below;
        const auto blocks = reads_.plan(wanted, [&](const ChunkPlace& chunk) {
            below.insert(below.end(), chunk.references.begin(), chunk.references.end());
        });
        reachable_.with([&](ReachableIds& reachable) {
            for (const ChunkId& id : below) reachable.add(id);
        });
        auto forms = std::make_unique<Coffer::PlannedBlocks>();
        forms->length(static_cast<CORBA::ULong>(blocks.size()));
        for (CORBA::ULong i = 0; i < forms->length(); ++i) fill((*forms)[i], blocks[i]);
        return forms.release();
    });
}

void RestoreSession::checkReachable(std::span<const ChunkId> ids) const {
    reachable_.with([&](const ReachableIds& reachable) {
        for (const ChunkId& id : ids) {
            if (reachable.contains(id)) continue;
            throw Error(ErrorCode::permissionDenied,
                        "chunk " + id.hex() + " does not belong to this restore");
        }
    });
}

Coffer::Octets* RestoreSession::fetch(const Coffer::Octets& pack, CORBA::ULong number) {
    return serve("fetch", [&] {
        const auto use = gate_.enter();
        return read({locate(pack, number)});
    });
}

Coffer::Octets* RestoreSession::fetchSome(const Coffer::BlockNames& blocks) {
    return serve("fetchSome", [&] {
        const auto use = gate_.enter();
        if (blocks.length() > mostFetched) {
            throw Error(ErrorCode::invalidArgument, "too many blocks for one answer");
        }
        std::vector<Sealed> found;
        std::uint64_t octets = 0;
        for (CORBA::ULong i = 0; i < blocks.length(); ++i) {
            found.push_back(locate(blocks[i].pack, blocks[i].number));
            octets += found.back().length;
            if (i > 0 && octets > longestFetch) {
                throw Error(ErrorCode::invalidArgument, "the blocks are too long for one answer");
            }
        }
        return read(found);
    });
}

// A block that may be had.
RestoreSession::Sealed RestoreSession::locate(const Coffer::Octets& pack,
                                              std::uint32_t number) const {
    const auto id = toId<PackId>(pack);
    const auto open = repository_->openPack(id);
    checkReachable(*open, id, number);
    const BlockPlace& place = open->directory().blocks[number];
    return {id, number, place.offset, place.sealedLength};
}

// The octets go from the store into the message without another copy.
Coffer::Octets* RestoreSession::read(const std::vector<Sealed>& blocks) {
    CORBA::ULong length = 0;
    for (const Sealed& block : blocks) length += block.length;
    auto sealed =
        std::make_unique<Coffer::Octets>(length, length, Coffer::Octets::allocbuf(length), true);
    std::span<std::uint8_t> room(sealed->get_buffer(), length);
    for (const Sealed& block : blocks) {
        reads_.fetch(block.pack, block.number, block.offset, room.first(block.length));
        room = room.subspan(block.length);
    }
    return sealed.release();
}

// A block may be had when something in it may.
void RestoreSession::checkReachable(const OpenPack& pack, const PackId& id,
                                    std::uint32_t number) const {
    const auto& blocks = pack.directory().blocks;
    const bool allowed =
        number < blocks.size() && reachable_.with([&](const ReachableIds& reachable) {
            return std::ranges::any_of(blocks[number].chunks, [&](const ChunkPlace& chunk) {
                return reachable.contains(chunk.id);
            });
        });
    if (!allowed) {
        throw Error(ErrorCode::permissionDenied, "block " + std::to_string(number) + " of pack " +
                                                     id.hex() + " does not belong to this restore");
    }
}

void RestoreSession::keepAlive() {
    serve("keepAlive", [&] { const auto use = gate_.enter(); });
}

void RestoreSession::close() {
    serve("close", [&] { gate_.close(); });
}

}  // namespace coffer::rpc
