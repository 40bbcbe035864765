// Bringing a Repository along: to what the manifest says when it is opened or a write has failed,
// and to what other programs have recorded since.
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
    withLog([&](Log& log) {
        std::unique_lock<FileMutex> turn;
        if (turn_) turn = std::unique_lock(*turn_);
        catchUpLedger();
        requireKnown();
        log.emplace(place_.store, state_.keys.sign, place_.clock);
    });
    // They ended with the program they ran in.
    place_.sharing ? ledger_.dropWork(place_.sharing->program) : ledger_.dropAllWork();
    catchUpIndex();
    if (place_.sharing) {
        takeTurn([](Log&) {});
    } else if (const auto damaged = takeDamaged(); !damaged.empty()) {
        record(damaged);
    }
}

// What canWrite() says is noted whenever the lock is left: it is asked by who must not wait.
void Repository::withLog(const std::function<void(Log& log)>& work) {
    manifest_.with([&](Log& log) {
        struct Noted {
            const Log& log;
            std::atomic<bool>& canWrite;
            ~Noted() { canWrite = log.has_value(); }
        } const noted{log, canWrite_};
        work(log);
    });
}

void Repository::takeTurn(const std::function<void(Log& log)>& work) {
    withLog([&](Log& log) {
        const std::unique_lock<FileMutex> turn = bringAlong(log);
        work(log);
    });
}

// Begins our turn. As in openToWrite(), most of what the index needs comes before it, so that other
// programs do not wait for that.
std::unique_lock<FileMutex> Repository::bringAlong(Log& log) {
    const bool isLost = !log && access_ == Access::write;
    if (isLost) {
        index_.reload();
        gaps_.with([](Gaps& gaps) { gaps = {}; });
        catchUpIndex();
    }
    std::unique_lock<FileMutex> turn;
    if (turn_) turn = std::unique_lock(*turn_);
    if (isLost) {
        recover(log);
    } else if (turn_) {
        catchUp(log);
    }
    return turn;
}

void Repository::recover() {
    if (!canWrite()) takeTurn([](Log&) {});
}

// In our turn, and as opening it would, with an index that was read anew. But the notes of what
// runs stay, for it goes on, and so does what the ledger has in memory: that follows each commit,
// so a repo.db that was set back under it is refused until it is opened again.
void Repository::recover(Log& log) {
    checkOwner();
    catchUpLedger();
    requireKnown();
    catchUpIndex();
    log.emplace(place_.store, state_.keys.sign, place_.clock);
    if (const auto damaged = takeDamaged(); !damaged.empty()) append(log, damaged, {});
}

std::optional<Error> Repository::tryToRecover() {
    try {
        recover();
        return {};
    } catch (const Error& error) {
        const ErrorCode code = error.code();
        if (code == ErrorCode::conflict || code == ErrorCode::untrusted ||
            code == ErrorCode::unsupported) {
            throw;
        }
        return error;
    }
}

void Repository::refreshLedger() {
    if (!turn_) return;
    lookForKit();
    ledger_.refresh();
}

void Repository::refresh() {
    if (!turn_) return;
    refreshLedger();
    const std::uint64_t head = ledger_.head().sequence;
    if (gaps_.with([&](const Gaps& gaps) { return gaps.seen == head; })) return;
    withLog([&](Log& log) {
        const bool wasLost = !log;
        try {
            bringAlong(log);
        } catch (const Error&) {
            // Who looks goes on with what there is; who writes meets it and is told.
            if (!wasLost) throw;
        }
    });
}

// In our turn. A program that was killed may have left records that are in the manifest alone.
// Whatever fails, nothing is half done: the next look tries again. Who meets another history, or
// what it does not know, only reads from then on, for recover() meets it as well.
void Repository::catchUp(Log& log) {
    try {
        ledger_.refresh();
        if (!log->isCurrent()) {
            ManifestLog ahead = *log;
            enter(ahead.follow());
            log.emplace(std::move(ahead));
        }
        requireKnown();
    } catch (const Error& error) {
        const ErrorCode code = error.code();
        if (code == ErrorCode::untrusted || code == ErrorCode::corrupt ||
            code == ErrorCode::unsupported || code == ErrorCode::conflict) {
            log.reset();
        }
        throw;
    }
    try {
        catchUpIndex();
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unsupported) log.reset();
        throw;
    }
    if (const auto damaged = takeDamaged(); !damaged.empty()) append(log, damaged, {});
}

// Who writes makes them durable first: repo.db must not know more than the manifest does after a
// power loss, and whoever appended them may have been cut before that.
void Repository::enter(std::vector<ManifestRecord> records) {
    const std::uint64_t known = ledger_.head().sequence;
    std::erase_if(records, [&](const ManifestRecord& it) { return it.sequence <= known; });
    if (records.empty()) return;
    ManifestCheck check(config_, [this](const AgentId& id) { return ledger_.agentKey(id); });
    for (const ManifestRecord& record : records) check(record, place_.store);
    if (access_ == Access::write) {
        checkOwner();
        ManifestLog(place_.store, state_.keys.sign, place_.clock).settle();
    }
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
        if (head.sequence < known.sequence) {
            throw Error(ErrorCode::untrusted,
                        "the manifest ends at record " + std::to_string(head.sequence) +
                            " but this server has seen " + std::to_string(known.sequence) +
                            ": the repository was cut short or set back to an older copy");
        }
        if (head.sequence == 0) throw Error(ErrorCode::corrupt, "the manifest is missing");
        enter(std::move(fresh));
    });
}

// Packs that cannot be read are left out, and looked at again whenever the program has its turn.
// Until then the generation stays back, so that they are not forgotten when it ends.
void Repository::catchUpIndex() {
    const Gaps before = gaps_.with([](const Gaps& gaps) { return gaps; });
    const std::uint64_t head = ledger_.head().sequence;
    if (before.seen == head && before.packs.empty()) return;
    if (index_.generation() > head) index_.clear();  // from a history that is no more
    const std::uint64_t have = std::max(before.seen, index_.generation());
    for (const PackId& pack : ledger_.goneSince(have + 1)) {
        index_.remove(pack, index_.generation());
        drop(pack);
    }
    std::vector<Gap> left;
    const auto take = [&](const PackId& pack) {
        if (const auto gap = enterPack(pack)) left.push_back(*gap);
    };
    for (const Gap& gap : before.packs) take(gap.pack);
    for (const PackInfo& pack : ledger_.packs(have + 1)) take(pack.registration.pack);
    if (left.empty()) index_.setGeneration(head);
    gaps_.with([&](Gaps& gaps) { gaps = {std::move(left), head}; });
}

// Nothing when it is in the index now, or need not be. Who has the repository alone stops at what
// cannot be read.
std::optional<Repository::Gap> Repository::enterPack(const PackId& pack) {
    if (ledger_.stateOf(pack) == PackState::gone) return {};
    std::shared_ptr<const OpenPack> open;
    try {
        open = openPack(pack);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::unsupported) return newerPack(pack);
        const bool damaged = isPackDamage(error.code());
        if (!damaged && !turn_) throw;
        ledger_.refresh();  // another program may just have deleted it
        const PackState state = ledger_.stateOf(pack);
        if (state == PackState::gone || (damaged && state == PackState::suspect)) return {};
        return Gap{pack, damaged};
    }
    index_.add(pack, open->directory(), index_.generation());
    return {};
}

// Nothing is written beside what a newer version has made, and the index stays incomplete for who
// knows more.
Repository::Gap Repository::newerPack(const PackId& pack) const {
    if (access_ == Access::write) {
        throw Error(ErrorCode::unsupported,
                    "pack " + pack.hex() +
                        " needs a newer version of Coffer; this one can only read the repository");
    }
    return {pack, false};
}

std::vector<ManifestPayload> Repository::takeDamaged() {
    return gaps_.with([](Gaps& gaps) {
        std::vector<ManifestPayload> records;
        for (const Gap& gap : gaps.packs) {
            if (gap.damaged) records.push_back(PackStateRecord{gap.pack, PackState::suspect});
        }
        std::erase_if(gaps.packs, [](const Gap& gap) { return gap.damaged; });
        return records;
    });
}

}  // namespace coffer
