#include "core/pipeline/verify_job.h"

#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <unordered_set>

#include "core/base/error.h"
#include "core/base/threads.h"
#include "core/pipeline/pack_check.h"
#include "core/pipeline/reference_check.h"
#include "core/repository/manifest_format.h"
#include "core/repository/pack_format.h"
#include "core/snapshot/snapshot_catalog.h"

namespace coffer {

namespace {

class VerifyRun {
  public:
    VerifyRun(Repository& repository, const VerifySettings& settings, RunProgress& progress,
              ProblemLog& problems, const CancelToken& cancel)
        : repository_(repository),
          settings_(settings),
          progress_(progress),
          problems_(problems),
          cancel_(cancel),
          snapshots_(repository.ledger().snapshots()),
          packs_(repository.ledger().packs()) {
        std::erase_if(packs_,
                      [](const PackInfo& pack) { return pack.state == PackState::condemned; });
    }

    VerifyResult run() {
        for (const PackInfo& pack : packs_) progress_.totalBytes += pack.registration.size;
        checkManifest();
        checkPacks();
        checkSnapshots();
        findUnregistered();
        if (settings_.record) record();
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
            if (states_[i] == PackState::verified) sound_.insert(packs_[i].registration.pack);
        }
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            if (states_[i] == PackState::suspect) judgeDamaged(i);
        }
    }

    // A damaged pack whose chunks have all been stored again is of no more use, and no problem.
    void judgeDamaged(std::size_t at) {
        const PackId& pack = packs_[at].registration.pack;
        if (allElsewhere(pack)) {
            states_[at] = PackState::condemned;
            result_.replaced.push_back(pack);
        } else {
            result_.damaged.push_back(pack);
            problems_.add(packName(pack), *errors_[at]);
        }
    }

    bool allElsewhere(const PackId& pack) {
        try {
            std::vector<ChunkId> ids;
            for (const BlockPlace& block : repository_.openPack(pack)->directory().blocks) {
                for (const ChunkPlace& chunk : block.chunks) ids.push_back(chunk.id);
            }
            return std::ranges::all_of(repository_.index().find(ids),
                                       [this](const auto& places) { return anySound(places); });
        } catch (const Error&) {
            return false;  // nobody can tell what it held
        }
    }

    bool anySound(const std::vector<ChunkLocation>& places) const {
        return std::ranges::any_of(
            places, [this](const ChunkLocation& place) { return sound_.contains(place.pack); });
    }

    void checkOne(std::size_t at) {
        const PackInfo& pack = packs_[at];
        const PackVerdict verdict = judgePack(repository_, pack, [&](std::uint64_t octets) {
            cancel_.check();
            progress_.bytes += octets;
        });
        states_[at] = verdict.state;
        errors_[at] = verdict.damage;
        if (verdict.damage) return;
        found_.with([&](VerifyResult& found) {
            found.chunks += verdict.check.chunks;
            found.rawBytes += verdict.check.rawBytes;
            found.storedBytes += pack.registration.size;
        });
        ++progress_.files;
    }

    void checkSnapshots() {
        std::vector<PackId> sound;
        for (const PackInfo& pack : packs_) {
            if (sound_.contains(pack.registration.pack)) sound.push_back(pack.registration.pack);
        }
        const ChunkSet incomplete = findIncomplete(repository_, sound, cancel_);
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
                if (!forgotten) problems_.add(snapshotName(it.id), error);
            }
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
        if (!anySound(repository_.index().find({&it.root, 1})[0])) {
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
        std::vector<ManifestPayload> changes;
        for (std::size_t i = 0; i < packs_.size(); ++i) {
            if (states_[i] == packs_[i].state) continue;
            changes.push_back(PackStateRecord{packs_[i].registration.pack, states_[i]});
        }
        if (!changes.empty()) repository_.record(changes);
    }

    Repository& repository_;
    const VerifySettings& settings_;
    RunProgress& progress_;
    ProblemLog& problems_;
    const CancelToken& cancel_;
    const std::vector<SnapshotInfo> snapshots_;  // all they need is in the packs
    std::vector<PackInfo> packs_;
    std::vector<PackState> states_;  // found, in the order of packs_; each written by one thread
    std::vector<std::optional<Error>> errors_;  // likewise
    std::unordered_set<PackId, IdHash> sound_;
    Guarded<VerifyResult> found_;
    VerifyResult result_;
};

}  // namespace

VerifyResult runVerify(Repository& repository, const VerifySettings& settings,
                       RunProgress& progress, ProblemLog& problems, const CancelToken& cancel) {
    return VerifyRun(repository, settings, progress, problems, cancel).run();
}

}  // namespace coffer
