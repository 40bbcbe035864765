// Bringing a Repository along: to what the manifest says when it is opened, and to what other
// programs have recorded since.
#include <algorithm>
#include <mutex>
#include <utility>

#include "core/base/error.h"
#include "core/repository/manifest_check.h"
#include "core/repository/repository.h"

namespace coffer {

// Others append meanwhile: the ledger is brought along in our turn. The index may take long, so
// most of it comes before the turn in which it is finished.
void Repository::openToWrite() {
    if (place_.sharing) turn_.emplace(Sharing::lockOf(place_.sharing->folder, "manifest"));
    manifest_.with([&](Log& log) {
        std::unique_lock<FileMutex> turn;
        if (turn_) turn = std::unique_lock(*turn_);
        catchUpLedger();
        requireKnown();
        log.emplace(place_.store, state_.keys.sign, place_.clock);
    });
    // They ended with the program they ran in.
    place_.sharing ? ledger_.dropWork(place_.sharing->program) : ledger_.dropAllWork();
    const std::vector<ManifestPayload> damaged = catchUpIndex();
    if (place_.sharing) {
        refresh();
    } else if (!damaged.empty()) {
        record(damaged);
    }
}

void Repository::takeTurn(const std::function<void(Log& log)>& work) {
    manifest_.with([&](Log& log) {
        if (!turn_) return work(log);
        requireLog(log);
        const std::lock_guard turn(*turn_);
        catchUp(log);
        work(log);
    });
}

bool Repository::refresh() {
    if (!turn_) return false;
    lookForKit();
    const std::uint64_t before = ledger_.head().sequence;
    if (!ledger_.refresh() && index_.generation() == ledger_.head().sequence) return false;
    manifest_.with([&](Log& log) {
        if (!log) return;
        const std::lock_guard turn(*turn_);
        catchUp(log);
    });
    return ledger_.head().sequence != before;
}

// In our turn. A program that was killed may have left records that are in the manifest alone.
// Whatever fails, nothing is half done: the next look tries again. Only who meets another history
// is told so by opening again.
void Repository::catchUp(Log& log) {
    try {
        ledger_.refresh();
        if (!log->isCurrent()) {
            ManifestLog ahead = *log;
            enter(ahead.follow());
            log.emplace(std::move(ahead));
        }
    } catch (const Error& error) {
        if (error.code() == ErrorCode::untrusted || error.code() == ErrorCode::corrupt) log.reset();
        throw;
    }
    requireKnown();
    if (const auto damaged = catchUpIndex(); !damaged.empty()) append(log, damaged, {});
}

void Repository::enter(std::vector<ManifestRecord> records) {
    const std::uint64_t known = ledger_.head().sequence;
    std::erase_if(records, [&](const ManifestRecord& it) { return it.sequence <= known; });
    ManifestCheck check(config_, [this](const AgentId& id) { return ledger_.agentKey(id); });
    for (const ManifestRecord& record : records) check(record, place_.store);
    ledger_.apply(records);
}

void Repository::requireKnown() const {
    if (const auto unknown = ledger_.firstUnknown()) throw newerRecord(*unknown);
}

// Another program has been told that the kit was kept.
void Repository::lookForKit() {
    rootSeed_.with([&](auto& seed) {
        if (seed && !ServerState::load(place_.state).rootSeed) seed.reset();
    });
}

void Repository::catchUpLedger() {
    during("read the manifest", [&] {
        ledger_.refresh();
        const ManifestHead known = ledger_.head();
        std::vector<ManifestRecord> fresh;
        const ManifestHead head = readManifest(
            place_.store, config_.server, std::max<std::uint64_t>(known.sequence, 1),
            [&](const ManifestRecord& record) {
                if (record.sequence == known.sequence && digestOf(record) != known.digest) {
                    throw Error(ErrorCode::untrusted,
                                "the repository has another history than this server remembers");
                }
                if (record.sequence > known.sequence) fresh.push_back(record);
            });
        ManifestCheck check(config_, [this](const AgentId& id) { return ledger_.agentKey(id); });
        for (const ManifestRecord& record : fresh) check(record, place_.store);
        if (head.sequence < known.sequence) {
            throw Error(ErrorCode::untrusted,
                        "the manifest ends at record " + std::to_string(head.sequence) +
                            " but this server has seen " + std::to_string(known.sequence) +
                            ": the repository was cut short or set back to an older copy");
        }
        if (head.sequence == 0) throw Error(ErrorCode::corrupt, "the manifest is missing");
        ledger_.apply(fresh);
    });
}

// Gives the records that mark packs which are damaged as suspect. A pack that needs a newer version
// is not: nothing is written beside it, and the index stays incomplete for who knows more.
std::vector<ManifestPayload> Repository::catchUpIndex() {
    std::vector<ManifestPayload> damaged;
    bool whole = true;
    const std::uint64_t head = ledger_.head().sequence;
    if (index_.generation() == head) return damaged;
    if (index_.generation() > head) index_.clear();  // from a history that is no more
    const std::uint64_t have = index_.generation();
    for (const PackId& pack : ledger_.goneSince(have + 1)) {
        index_.remove(pack, have);
        drop(pack);
    }
    for (const PackInfo& pack : ledger_.packs(have + 1)) {
        const PackId& id = pack.registration.pack;
        const Indexed done = indexPack(id, have);
        if (done == Indexed::newer) {
            whole = false;
            if (access_ == Access::write) {
                throw Error(ErrorCode::unsupported,
                            "pack " + id.hex() +
                                " needs a newer version of Coffer; this one can only read the "
                                "repository");
            }
        } else if (done == Indexed::damaged && pack.state != PackState::suspect) {
            damaged.push_back(PackStateRecord{id, PackState::suspect});
        }
    }
    // Damage stays to be found until a record of it moves the generation.
    if (whole && damaged.empty()) index_.setGeneration(head);
    return damaged;
}

}  // namespace coffer
