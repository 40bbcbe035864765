#include "core/pipeline/prune_job.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/pipeline/leftovers.h"
#include "core/pipeline/pack_usage.h"
#include "core/pipeline/reachable_chunks.h"
#include "core/pipeline/repack.h"
#include "core/pipeline/superseded_checkpoints.h"
#include "core/repository/server_agent.h"

namespace coffer {

namespace {

// Each deletion waits for the manifest and keeps others from it while the index is changed.
constexpr std::size_t deletedAtOnce = 16;

// What the store needs beside a copy: directories, and the manifest segment that is replaced.
constexpr std::uint64_t spareRoom = 4ULL << 20;

void count(PruneCount& counter, std::uint64_t size) {
    ++counter.packs;
    counter.bytes += size;
}

class PruneRun {
  public:
    PruneRun(Repository& repository, const PruneSettings& settings, RunProgress& progress,
             ProblemLog& problems, const CancelToken& cancel)
        : repository_(repository),
          ledger_(repository.ledger()),
          settings_(settings),
          progress_(progress),
          problems_(problems),
          cancel_(cancel),
          running_(repository.running()),
          reachable_(repository, cancel) {}

    PruneResult run() {
        for (const PackInfo& pack : ledger_.packs()) {
            count(result_.before, pack.registration.size);
        }
        clearLeftovers();
        dropCheckpoints();
        lookAnew();
        plan();
        if (settings_.preview) return preview();
        // First what makes room, then what needs some. A list that is not needed holds what it
        // refers to until it is gone itself, hence those packs first, and another look.
        condemnUnneeded();
        deleteCondemned();
        const auto others = std::ranges::stable_partition(
            plan_, [](const PackUsage& usage) { return usage.unneededLists; });
        const std::span<const PackUsage> all = plan_;
        const auto withLists = all.first(all.size() - others.size());
        if (repack(withLists)) {
            lookAnew();
            condemnUnneeded();
            deleteCondemned();
        }
        repack(all.subspan(withLists.size()));
        deleteCondemned();
        countWaiting();
        return result_;
    }

  private:
    void clearLeftovers() {
        for (const Leftover& leftover : findLeftovers(repository_)) {
            cancel_.check();
            if (!settings_.preview && !removeLeftover(repository_, leftover.name)) continue;
            ++result_.leftovers;
            result_.leftoverBytes += leftover.size;
        }
    }

    void dropCheckpoints() {
        for (const SnapshotId& checkpoint : supersededCheckpoints(repository_)) {
            ++result_.checkpoints;
            if (!settings_.preview) repository_.forget(checkpoint);
        }
    }

    // `reachable_` is what snapshots need, `kept_` that and what unneeded lists hold.
    void lookAnew() {
        reachable_.catchUp();
        kept_.emplace(reachable_);
        holdLists();
    }

    void catchUp() {
        kept_->catchUp();
        holdLists();
    }

    void holdLists() {
        sessions_.clear();
        for (const SessionInfo& session : ledger_.sessions()) sessions_.insert(session.id);
        kept_->holdLists(
            [this](const ChunkBits::Pack& pack) { return pack.needed == 0 && mayGo(pack.id); });
    }

    // Not what a running backup has sent, nor what one that was cut would go on with: all that an
    // agent has sent since its last snapshot.
    bool mayGo(const PackId& pack) {
        const auto info = ledger_.pack(pack);
        if (!info || info->state == PackState::condemned || info->state == PackState::gone) {
            return true;
        }
        return !sessions_.contains(info->session) && !isInterrupted(*info);
    }

    bool isInterrupted(const PackInfo& info) const {
        const AgentId& agent = info.registration.agent;
        return !settings_.interrupted && agent != serverAgent(repository_.config().repositoryId) &&
               info.registered > ledger_.lastCommitOf(agent);
    }

    // Which packs are worth copying, the most dead first.
    void plan() {
        const ChunkBits& bits = kept_->bits();
        for (ChunkBits::PackNumber number = 0; number < bits.packs().size(); ++number) {
            cancel_.check();
            const ChunkBits::Pack& pack = bits.packs()[number];
            if (pack.needed == pack.places()) continue;
            const auto info = ledger_.pack(pack.id);
            if (!info || info->state == PackState::gone) continue;
            const PackUsage usage = usageOf(repository_, *info, bits, number);
            if (!mayGo(pack.id)) {
                if (pack.needed == 0 && !sessions_.contains(info->session)) {
                    count(result_.interrupted, usage.size);
                }
                continue;
            }
            result_.dead += usage.dead;
            if (pack.needed == 0 || !isSound(info->state)) continue;
            if (usage.unneededLists || usage.deadPercent() >= settings_.repackAt) {
                plan_.push_back(usage);
            }
        }
        std::ranges::stable_sort(plan_, std::ranges::greater(), &PackUsage::deadPercent);
        for (const PackUsage& usage : plan_) progress_.totalBytes += usage.neededRaw;
    }

    PruneResult preview() {
        for (const ChunkBits::Pack& pack : kept_->bits().packs()) {
            if (pack.needed > 0 || !mayGo(pack.id)) continue;
            const auto info = ledger_.pack(pack.id);
            if (info && info->state != PackState::gone) {
                count(result_.unneeded, info->registration.size);
            }
        }
        for (const PackUsage& usage : plan_) count(result_.repacked, usage.size);
        return result_;
    }

    // One transaction: since the mark began others may have come to need something.
    void condemnUnneeded() {
        PruneCount condemned;
        std::uint64_t revived = 0;
        repository_.recordChosen([&] {
            catchUp();
            condemned = {};
            std::vector<ManifestPayload> records = revivals();
            revived = records.size();
            // What refers goes before what it refers to, should the append take several batches.
            for (const bool refers : {true, false}) {
                for (const ChunkBits::Pack& pack : kept_->bits().packs()) {
                    if (pack.refers != refers || pack.needed > 0 || !isCondemnable(pack.id)) {
                        continue;
                    }
                    records.emplace_back(PackStateRecord{pack.id, PackState::condemned});
                    count(condemned, ledger_.pack(pack.id)->registration.size);
                }
            }
            return records;
        });
        result_.unneeded.packs += condemned.packs;
        result_.unneeded.bytes += condemned.bytes;
        result_.revived += revived;
    }

    bool isCondemnable(const PackId& pack) {
        const PackState state = ledger_.stateOf(pack);
        return state != PackState::condemned && state != PackState::gone && mayGo(pack);
    }

    // Condemned packs that are needed after all.
    std::vector<ManifestPayload> revivals() {
        std::vector<ManifestPayload> records;
        for (const PackId& id : ledger_.packsIn(PackState::condemned)) {
            const auto number = kept_->bits().find(id);
            if (!number || kept_->bits().packs()[*number].needed == 0) continue;
            records.emplace_back(PackStateRecord{id, ledger_.pack(id)->former});
        }
        return records;
    }

    // Those that were condemned before any session began that still runs. Looked at once more, for
    // a condemned pack can have been needed by a snapshot all the while, whatever condemned it.
    void deleteCondemned() {
        for (;;) {
            cancel_.check();
            const std::vector<PackInfo> gone = repository_.removePacks([&] {
                catchUp();
                return deletable();
            });
            if (gone.empty()) return;
            for (const PackInfo& pack : gone) count(result_.deleted, pack.registration.size);
        }
    }

    std::vector<PackId> deletable() {
        std::uint64_t oldest = ~std::uint64_t{0};
        for (const SessionInfo& session : ledger_.sessions()) {
            oldest = std::min(oldest, session.generation);
        }
        std::vector<PackId> found;
        for (const PackId& id : ledger_.packsIn(PackState::condemned)) {
            const auto info = ledger_.pack(id);
            const auto number = kept_->bits().find(id);
            const bool needed = number && kept_->bits().packs()[*number].needed > 0;
            if (!info || info->changed > oldest || needed) continue;
            found.push_back(id);
            if (found.size() == deletedAtOnce) break;
        }
        return found;
    }

    struct Copied {
        PackUsage usage;
        std::uint32_t needed = 0;  // places, when they were copied
        PackState state = PackState::verified;
    };

    // False when nothing was condemned.
    bool repack(std::span<const PackUsage> sources) {
        if (sources.empty()) return false;
        bool any = false;
        Repacker repacker(repository_, session_, cancel_,
                          [this](std::uint64_t octets) { progress_.bytes += octets; });
        try {
            for (const PackUsage& usage : sources) {
                cancel_.check();
                if (!hasRoomFor(usage)) {
                    any = settle(repacker) || any;
                    if (!hasRoomFor(usage)) {
                        count(result_.postponed, usage.size);
                        continue;
                    }
                }
                copy(repacker, usage);
                if (repacker.full()) any = settle(repacker) || any;
            }
            return settle(repacker) || any;
        } catch (const Error& error) {
            if (error.code() != ErrorCode::noSpace || !repository_.canWrite()) throw;
            problems_.add("repack", error);
            copied_.clear();
            return any;
        }
    }

    bool hasRoomFor(const PackUsage& usage) const {
        const auto room = repository_.store().freeSpace();
        std::uint64_t wanted = spareRoom + usage.size - usage.dead;
        for (const Copied& copied : copied_) wanted += copied.usage.size - copied.usage.dead;
        return !room || *room >= wanted;
    }

    void copy(Repacker& repacker, const PackUsage& usage) {
        const auto number = kept_->bits().find(usage.pack);
        const std::uint32_t needed = kept_->bits().packs()[*number].needed;
        if (needed == 0) return;  // has become useless by now
        try {
            repacker.copy(usage.pack, [&](std::uint32_t block, std::uint32_t slot) {
                return kept_->bits().isNeeded(*number, block, slot);
            });
            copied_.push_back({usage, needed, ledger_.stateOf(usage.pack)});
        } catch (const Error& error) {
            if (!isPackDamage(error.code())) throw;
            problems_.add(packName(usage.pack), error);
            const ManifestPayload payload[] = {PackStateRecord{usage.pack, PackState::suspect}};
            repository_.record(payload);
        }
    }

    // Registers the copies, then condemns those packs of which still nothing else is needed.
    bool settle(Repacker& repacker) {
        for (const PackId& pack : repacker.finish()) {
            count(result_.written, ledger_.pack(pack)->registration.size);
            for (ReachableChunks* view : {&reachable_, &*kept_}) {
                view->catchUp();
                view->needAll(pack);
            }
        }
        std::vector<PackUsage> condemned;
        repository_.recordChosen([&] {
            catchUp();
            condemned.clear();
            std::vector<ManifestPayload> records;
            for (const Copied& copied : copied_) {
                const PackId& pack = copied.usage.pack;
                const auto number = kept_->bits().find(pack);
                if (kept_->bits().packs()[*number].needed != copied.needed) continue;
                if (ledger_.stateOf(pack) != copied.state || !mayGo(pack)) continue;
                condemned.push_back(copied.usage);
                records.emplace_back(PackStateRecord{pack, PackState::condemned});
            }
            return records;
        });
        copied_.clear();
        for (const PackUsage& usage : condemned) {
            count(result_.repacked, usage.size);
            reachable_.needNothing(usage.pack);
            kept_->needNothing(usage.pack);
        }
        if (!condemned.empty()) deleteCondemned();
        return !condemned.empty();
    }

    void countWaiting() {
        const PackTotals condemned = ledger_.totals(PackState::condemned);
        result_.waiting = {condemned.packs, condemned.bytes};
    }

    Repository& repository_;
    Ledger& ledger_;
    const PruneSettings& settings_;
    RunProgress& progress_;
    ProblemLog& problems_;
    const CancelToken& cancel_;
    const RunningWork::Prune running_;
    const SessionId session_ = randomId<SessionId>();  // of the packs it writes
    ReachableChunks reachable_;
    std::optional<ReachableChunks> kept_;
    std::unordered_set<SessionId, IdHash> sessions_;  // that run
    std::vector<PackUsage> plan_;
    std::vector<Copied> copied_;  // their copies are not registered yet
    PruneResult result_;
};

}  // namespace

PruneResult runPrune(Repository& repository, const PruneSettings& settings, RunProgress& progress,
                     ProblemLog& problems, const CancelToken& cancel) {
    if (settings.repackAt < 1 || settings.repackAt > 100) {
        throw Error(ErrorCode::invalidArgument, "repack at 1 to 100 percent");
    }
    return PruneRun(repository, settings, progress, problems, cancel).run();
}

}  // namespace coffer
