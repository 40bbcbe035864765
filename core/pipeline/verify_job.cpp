#include "core/pipeline/verify_job.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/threads.h"
#include "core/base/wire.h"
#include "core/pipeline/identity_check.h"
#include "core/pipeline/pack_check.h"
#include "core/pipeline/reference_check.h"
#include "core/pipeline/sound_places.h"
#include "core/repository/generation_hold.h"
#include "core/repository/manifest_format.h"
#include "core/repository/pack_format.h"
#include "core/snapshot/snapshot_catalog.h"

namespace coffer {

namespace {

/// A share of all blocks, another one for each seed.
class BlockSample {
  public:
    explicit BlockSample(unsigned percent) : percent_(percent) {}

    bool operator()(const PackId& pack, std::uint32_t block) const {
        WireWriter writer;
        writer.raw(seed_.view());
        writer.raw(pack.view());
        writer.u32(block);
        return WireReader(sha256(writer.bytes()).view()).u32() % 100 < percent_;
    }

  private:
    const Digest seed_ = randomId<Digest>();
    const unsigned percent_;
};

class VerifyRun {
  public:
    VerifyRun(Repository& repository, const VerifySettings& settings, RunProgress& progress,
              ProblemLog& problems, const CancelToken& cancel)
        : repository_(repository),
          settings_(settings),
          progress_(progress),
          problems_(problems),
          cancel_(cancel),
          hold_(holdIf(settings.record, repository)),
          begun_(repository.ledger().head().sequence),
          snapshots_(repository.ledger().snapshots()),
          packs_(repository.ledger().packs()) {
        std::erase_if(packs_,
                      [](const PackInfo& pack) { return pack.state == PackState::condemned; });
    }

    VerifyResult run() {
        for (const PackInfo& pack : packs_) {
            progress_.totalBytes += pack.registration.size * settings_.depth.percent / 100;
        }
        checkManifest();
        checkIdentity(repository_, problems_);
        checkPacks();
        if (settings_.record) record();
        checkSnapshots();
        judgeUnknown();
        findUnregistered();
        return std::move(result_);
    }

  private:
    void checkManifest() {
        try {
            readManifest(repository_.store(), repository_.config().server, 1,
                         [&](const ManifestRecord&) { cancel_.check(); });
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled) throw;
            problems_.add("manifest", error);
        }
    }

    void checkPacks() {
        states_.assign(packs_.size(), PackState::verified);
        errors_.resize(packs_.size());
        unread_.resize(packs_.size());
        std::atomic<std::size_t> next{0};
        std::atomic<bool> stop{false};
        ThreadScope threads;
        const unsigned workers = settings_.workers ? settings_.workers : availableCores();
        for (unsigned i = 0; i < workers; ++i) {
            threads.start(
                [&] {
                    for (std::size_t at = next++; at < packs_.size() && !stop; at = next++) {
                        checkOne(at);
                    }
                },
                [&] { stop = true; });
        }
        threads.join();
        result_ = found_.with([](const VerifyResult& found) { return found; });
        result_.packs = packs_.size();
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            const PackId& pack = packs_[i].registration.pack;
            if (unread_[i]) {
                problems_.add(packName(pack), *unread_[i]);
            } else if (!errors_[i]) {
                sound_.addPack(pack);
            }
        }
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            if (errors_[i]) judgeDamaged(i);
        }
    }

    // A damaged pack whose chunks have all been stored again is of no more use, and no problem.
    void judgeDamaged(std::size_t at) {
        const PackId& pack = packs_[at].registration.pack;
        const auto chunks = chunksOf(pack);
        if (!chunks && packs_[at].state == PackState::suspect) {
            unknown_.push_back(at);
        } else if (chunks && allElsewhere(*chunks)) {
            if (settings_.depth.isFull()) states_[at] = PackState::condemned;
            result_.replaced.push_back(pack);
        } else {
            tellDamaged(at);
            sound_.addBlocks(pack, soundBlocks(repository_, pack, cancel_));
        }
    }

    void tellDamaged(std::size_t at) {
        const PackId& pack = packs_[at].registration.pack;
        result_.damaged.push_back(pack);
        problems_.add(packName(pack), *errors_[at]);
    }

    // Nothing when nobody can tell any more.
    std::optional<std::vector<ChunkId>> chunksOf(const PackId& pack) {
        try {
            std::vector<ChunkId> ids;
            for (const BlockPlace& block : repository_.openPack(pack)->directory().blocks) {
                for (const ChunkPlace& chunk : block.chunks) ids.push_back(chunk.id);
            }
            return ids;
        } catch (const Error&) {
            return {};
        }
    }

    bool allElsewhere(const std::vector<ChunkId>& chunks) {
        return std::ranges::all_of(repository_.index().find(chunks), [this](const auto& places) {
            return sound_.anyInSoundPack(places);
        });
    }

    // Packs that were found damaged before, and are missing or nothing of them can be read: where
    // no snapshot misses anything, nobody needs what they held.
    void judgeUnknown() {
        if (unknown_.empty()) return;
        if (!whole_) {
            for (const std::size_t at : unknown_) tellDamaged(at);
            return;
        }
        for (const std::size_t at : unknown_) {
            result_.replaced.push_back(packs_[at].registration.pack);
        }
        if (settings_.record && settings_.depth.isFull()) condemnUnknown();
    }

    // What a snapshot that was committed meanwhile needs stays suspect, for the next time.
    void condemnUnknown() {
        repository_.recordChosen([&] {
            std::vector<ManifestPayload> changes;
            const Ledger& ledger = repository_.ledger();
            if (ledger.anySnapshotSince(begun_)) return changes;
            for (const std::size_t at : unknown_) {
                const PackId& pack = packs_[at].registration.pack;
                if (ledger.stateOf(pack) != PackState::suspect) continue;
                changes.emplace_back(PackStateRecord{pack, PackState::condemned});
            }
            return changes;
        });
    }

    void checkOne(std::size_t at) {
        const PackInfo& pack = packs_[at];
        const ReadOctets read = [&](std::uint64_t octets) {
            cancel_.check();
            progress_.bytes += octets;
        };
        const PackVerdict verdict = settings_.depth.isFull()
                                        ? judgePack(repository_, pack, read)
                                        : judgeBlocks(repository_, pack, sample_, read);
        states_[at] = verdict.state;
        errors_[at] = verdict.damage;
        unread_[at] = verdict.unread;
        if (verdict.damage || verdict.unread) return;
        found_.with([&](VerifyResult& found) {
            found.chunks += verdict.check.chunks;
            found.rawBytes += verdict.check.rawBytes;
            found.storedBytes += verdict.check.storedBytes;
        });
        ++progress_.files;
    }

    // What lies in packs that need a newer version is not lost, only unknown.
    bool anyUnread() const {
        return std::ranges::any_of(unread_, [](const auto& error) { return error.has_value(); });
    }

    void checkSnapshots() {
        if (anyUnread()) {
            problems_.add("snapshots", ErrorCode::unsupported,
                          "not checked: they may need packs that need a newer version of Coffer");
            return;
        }
        std::vector<PackId> readable;
        for (const PackInfo& pack : packs_) {
            const PackId& id = pack.registration.pack;
            if (sound_.isReadable(id)) readable.push_back(id);
        }
        const ChunkSet incomplete = findIncomplete(repository_, readable, sound_, cancel_);
        std::vector<SnapshotInfo> damaged;
        for (const SnapshotInfo& info : snapshots_) {
            cancel_.check();
            ++result_.snapshots;
            const SnapshotRegistration& it = info.registration;
            try {
                checkSnapshot(it);
                if (incomplete.contains(it.root)) {
                    throw Error(ErrorCode::corrupt, "parts of it are missing or damaged");
                }
            } catch (const Error& error) {
                const bool forgotten = !repository_.ledger().snapshot(it.id);
                if (forgotten) continue;
                problems_.add(snapshotName(it.id), error);
                damaged.push_back(info);
            }
        }
        if (settings_.record) noteSnapshots(damaged);
        whole_ = damaged.empty();
        if (whole_) return;
        result_.touched = searchDamage(repository_, damaged, sound_, incomplete, cancel_);
        for (const TouchedEntry& entry : result_.touched.entries) {
            problems_.add(entry.path, ErrorCode::corrupt, entry.message());
        }
    }

    void checkSnapshot(const SnapshotRegistration& it) {
        const auto key = repository_.ledger().agentKey(it.agent);
        if (!key) throw Error(ErrorCode::untrusted, "signed by an unknown agent");
        verifySignature(*key, manifest_format::snapshotPurpose,
                        it.statement(repository_.config().repositoryId), it.signature);
        const Snapshot snapshot = Snapshot::decodeBody(it.id, repository_.snapshotBody(it));
        if (snapshot.root.tree != it.root) {
            throw Error(ErrorCode::untrusted, "its root is not the one registered");
        }
        if (!sound_.anyOf(repository_.index().find({&it.root, 1})[0])) {
            throw Error(ErrorCode::corrupt, "its root tree is missing or damaged");
        }
    }

    void findUnregistered() {
        std::unordered_set<std::string> known;
        for (const PackInfo& pack : repository_.ledger().packs()) {
            known.insert(packName(pack.registration.pack));
        }
        repository_.store().list(pack_format::folder, [&](std::string_view name, std::uint64_t) {
            if (!known.contains(std::string(name))) result_.unregistered.emplace_back(name);
        });
    }

    void record() {
        repository_.recordChosen([&] {
            std::vector<ManifestPayload> changes;
            for (std::size_t i = 0; i < packs_.size(); ++i) {
                const PackId& pack = packs_[i].registration.pack;
                if (states_[i] == packs_[i].state) continue;
                // What a prune has given up meanwhile stays so.
                if (repository_.ledger().stateOf(pack) == PackState::condemned) continue;
                changes.emplace_back(PackStateRecord{pack, states_[i]});
            }
            return changes;
        });
        if (settings_.depth.isFull()) noteReadings();
    }

    void noteReadings() {
        const Timestamp now = repository_.clock().now();
        std::vector<PackProof> proofs;
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            if (states_[i] == PackState::condemned || unread_[i]) continue;
            proofs.push_back({packs_[i].registration.pack, now, !errors_[i]});
        }
        repository_.ledger().note(proofs);
    }

    // Who read less than all can say that a snapshot is damaged, not that it is sound.
    void noteSnapshots(const std::vector<SnapshotInfo>& damaged) {
        const Timestamp now = repository_.clock().now();
        std::unordered_set<SnapshotId, IdHash> lost;
        for (const SnapshotInfo& info : damaged) lost.insert(info.registration.id);
        std::vector<SnapshotProof> proofs;
        for (const SnapshotInfo& info : snapshots_) {
            const SnapshotId& id = info.registration.id;
            const bool sound = !lost.contains(id);
            if (sound && !settings_.depth.isFull()) continue;
            if (repository_.ledger().snapshot(id)) proofs.push_back({id, now, sound});
        }
        repository_.ledger().note({}, proofs);
    }

    // No pack of the list below is deleted as long as this run lasts.
    static std::unique_ptr<GenerationHold> holdIf(bool records, Repository& repository) {
        return records ? std::make_unique<GenerationHold>(repository) : nullptr;
    }

    Repository& repository_;
    const VerifySettings& settings_;
    RunProgress& progress_;
    ProblemLog& problems_;
    const CancelToken& cancel_;
    const std::unique_ptr<GenerationHold> hold_;
    const std::uint64_t begun_;                  // the head of the manifest then
    const std::vector<SnapshotInfo> snapshots_;  // all they need is in the packs
    std::vector<PackInfo> packs_;
    std::vector<PackState> states_;  // found, in the order of packs_; each written by one thread
    std::vector<std::optional<Error>> errors_;  // likewise
    std::vector<std::size_t> unknown_;  // known as damaged, and nobody can tell what they held
    std::vector<std::optional<Error>> unread_;  // likewise, of packs for a newer version
    const BlockSample sample_{settings_.depth.percent};
    SoundPlaces sound_;
    bool whole_ = false;  // no snapshot misses anything
    Guarded<VerifyResult> found_;
    VerifyResult result_;
};

}  // namespace

VerifyResult runVerify(Repository& repository, const VerifySettings& settings,
                       RunProgress& progress, ProblemLog& problems, const CancelToken& cancel) {
    return VerifyRun(repository, settings, progress, problems, cancel).run();
}

}  // namespace coffer
