#include "core/rpc/store/backup_session.h"

#include <algorithm>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/store/forms.h"
#include "core/snapshot/snapshot.h"

namespace coffer::rpc {

namespace {

constexpr std::uint64_t lookEvery = 8U << 20;  // received octets between two looks at the backlog
constexpr CORBA::ULong shortestPause = 50;     // milliseconds
constexpr CORBA::ULong longestPause = 5'000;

// More could not be told in one message; then nothing is taken over without a question.
constexpr std::size_t mostSuspects = 250'000;

CommitTerms commitTermsOf(const RunGrant& grant) {
    CommitTerms terms{.id = {}, .tags = grant.tags};
    if (!grant.snapshot.empty()) terms.id = snapshotIdOf(grant.snapshot);
    return terms;
}

// From nothing at the limit to the longest at twice the limit.
CORBA::ULong pauseFor(std::uint64_t unverified, std::uint64_t limit) {
    if (unverified <= limit) return 0;
    const std::uint64_t over = std::min(unverified - limit, limit);
    const double part =
        static_cast<double>(over) / static_cast<double>(std::max<std::uint64_t>(limit, 1));
    return std::max(shortestPause, static_cast<CORBA::ULong>(part * longestPause));
}

}  // namespace

BackupSession::BackupSession(const StoreParts& parts, const RunGrant& grant,
                             const std::optional<SnapshotId>& base, const Lease& lease)
    : provider_(parts.repositories),
      name_(grant.repository),
      limits_(parts.limits),
      gate_(lease, grant.agent, parts.caller),
      repository_(parts.repositories.open(grant.repository)),
      session_(*repository_, grant.agentId, base, commitTermsOf(grant)),
      packs_(session_, parts.limits.openPacks) {}

void BackupSession::fillTerms(Coffer::BackupTerms& terms) const {
    fill(terms, repository_->config(), repository_->keys());
}

bool BackupSession::basePinned() const {
    const SessionTerms& terms = session_.terms();
    return terms.basePinned && terms.suspects.size() <= mostSuspects;
}

Coffer::Octets* BackupSession::suspects() {
    return serve("suspects", [&] {
        const auto use = gate_.enter();
        if (session_.terms().suspects.size() > mostSuspects) return new Coffer::Octets;
        const Coffer::Octets lent = lendIds(session_.terms().suspects);
        return new Coffer::Octets(lent);
    });
}

Coffer::Flags* BackupSession::missing(const Coffer::Octets& ids) {
    return serve("missing", [&] {
        const auto use = gate_.enter();
        const std::vector<ChunkId> asked = toIds(ids, mostAsked);
        if (asked_.fetch_add(asked.size()) + asked.size() > limits_.asked) {
            throw Error(ErrorCode::limitExceeded, "too many chunks were asked about in one backup");
        }
        const std::vector<bool> answer = session_.missing(asked);
        auto flags = std::make_unique<Coffer::Flags>();
        flags->length(static_cast<CORBA::ULong>(answer.size()));
        for (CORBA::ULong i = 0; i < flags->length(); ++i) (*flags)[i] = answer[i];
        return flags.release();
    });
}

Coffer::Octets* BackupSession::openPack() {
    return serve("openPack", [&] {
        const auto use = gate_.enter();
        return new Coffer::Octets(toOctets(packs_.open()));
    });
}

CORBA::ULong BackupSession::append(const Coffer::Octets& pack, CORBA::ULongLong offset,
                                   const Coffer::Octets& slice) {
    return serve("append", [&] {
        const auto use = gate_.enter();
        if (slice.length() > longestSlice) {
            throw Error(ErrorCode::invalidArgument,
                        "a slice of " + std::to_string(slice.length()) + " octets is too long");
        }
        const auto id = toId<PackId>(pack);
        checkRoom();
        packs_.append(id, offset, viewOf(slice));
        return pauseAfter(slice.length());
    });
}

// Who does not wait as asked is stopped here.
void BackupSession::checkRoom() const {
    if (pause_ < longestPause) return;
    if (pauseFor(unverified(), limits_.unverified) < longestPause) return;
    throw Error(ErrorCode::limitExceeded, "the server has to verify what it was sent before")
        .withRetryAfter(longestPause);
}

CORBA::ULong BackupSession::pauseAfter(std::size_t octets) {
    const std::uint64_t before = received_.fetch_add(octets);
    if (before / lookEvery != (before + octets) / lookEvery || pause_ > 0 || before == 0) {
        pause_ = pauseFor(unverified(), limits_.unverified);
    }
    return pause_;
}

void BackupSession::finishPack(const Coffer::PackEntry& entry) {
    serve("finishPack", [&] {
        const auto use = gate_.enter();
        const PackRegistration registration = toRegistration(entry);
        if (packs_.finish(registration)) {
            // Else at the end of the session: until then it would only slow the senders down.
            if (unverified() >= limits_.unverified / 2) provider_.changed(name_);
        } else if (!session_.wasRegistered(registration)) {
            throw Error(ErrorCode::notFound, "pack " + registration.pack.hex() + " is not open");
        }
    });
}

// Another program may be the one that verifies.
std::uint64_t BackupSession::unverified() const {
    repository_->refresh();
    return repository_->ledger().totals(PackState::received).bytes;
}

Coffer::Moment BackupSession::commit(const Coffer::SnapshotEntry& entry,
                                     const Coffer::Octets& sealedObject) {
    return serve("commit", [&] {
        const auto use = gate_.enter();
        if (sealedObject.length() > snapshotLimit) {
            throw Error(ErrorCode::limitExceeded, "the snapshot is too large");
        }
        const SealedSnapshot snapshot{toRegistration(entry), toBytes(sealedObject)};
        if (committing_.exchange(true)) {
            throw Error(ErrorCode::busy, "a commit is under way").withRetryAfter(shortestPause);
        }
        struct Release {
            std::atomic<bool>& taken;
            ~Release() { taken = false; }
        } const release{committing_};
        return toMoment(session_.commit(snapshot));
    });
}

void BackupSession::keepAlive() {
    serve("keepAlive", [&] { const auto use = gate_.enter(); });
}

void BackupSession::close() {
    serve("close", [&] {
        gate_.close();
        provider_.changed(name_);
    });
}

}  // namespace coffer::rpc
