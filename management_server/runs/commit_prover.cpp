#include "management_server/runs/commit_prover.h"

#include <algorithm>
#include <cstdlib>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/pipeline/damage_search.h"
#include "core/service/log.h"
#include "management_server/runs/run_result.h"

namespace coffer {

namespace {

constexpr std::size_t mostNamed = 3;  // packs in a message

std::string countOf(std::size_t count, const std::string& word) {
    return std::to_string(count) + " " + word + (count == 1 ? "" : "s");
}

std::string with(const RunRecord& run, const std::string& more) {
    return boundedText(run.message.empty() ? more : run.message + "; " + more, longestRunMessage);
}

std::string namesOf(const std::vector<PackInfo>& packs) {
    std::string names;
    for (std::size_t i = 0; i < packs.size() && i < mostNamed; ++i) {
        names += (i == 0 ? "" : ", ") + packs[i].registration.pack.hex();
    }
    if (packs.size() > mostNamed) names += " and " + countOf(packs.size() - mostNamed, "other");
    return names;
}

std::string damageText(const std::vector<PackInfo>& damaged, std::size_t lost, bool isMore) {
    return "DAMAGED after its commit: pack " + namesOf(damaged) + "; " + std::to_string(lost) +
           (isMore ? " or more" : "") + (lost == 1 && !isMore ? " entry" : " entries") +
           " of its snapshot cannot be restored whole. Back up again: that stores anew what is "
           "lost";
}

std::vector<RunProblemRecord> lostIn(const SnapshotId& snapshot, const DamageReport& report) {
    std::vector<RunProblemRecord> lost;
    for (const TouchedEntry& entry : report.entries) {
        const bool isListed = std::ranges::find(entry.snapshots, snapshot) != entry.snapshots.end();
        if (!isListed && entry.snapshotCount == entry.snapshots.size()) continue;
        lost.push_back({entry.path, std::string(nameOf(ErrorCode::corrupt)),
                        boundedText(entry.message(), longestRunMessage)});
    }
    return lost;
}

}  // namespace

CommitProver::CommitProver(RunBook& book, rpc::RepositoryProvider& repositories)
    : book_(book),
      repositories_(repositories),
      background_([this] { round(); },
                  [](const std::exception& error) {
                      log(LogLevel::error, "run.proof-failed", {{"message", error.what()}});
                  },
                  BackgroundWork::Haste::asOthers) {}

void CommitProver::stop() {
    cancel_.request();
    background_.stop();
}

void CommitProver::round() {
    steadySeconds_ = steady_.look(book_.clock().now());
    std::map<std::string, std::vector<RunRecord>> runs;
    for (RunRecord& run : book_.verifying()) runs[run.repository].push_back(std::move(run));
    std::erase_if(failures_, [&](const auto& each) { return !runs.contains(each.first); });
    for (const auto& [repository, its] : runs) {
        if (cancel_.requested()) return;
        if (!triedLately(repository)) prove(repository, its);
        const auto failure = failures_.find(repository);
        if (failure == failures_.end()) continue;
        for (const RunRecord& run : its)
            waitFor(run, "waiting for repository " + repository, failure->second.why);
    }
}

bool CommitProver::triedLately(const std::string& repository) const {
    const auto failure = failures_.find(repository);
    if (failure == failures_.end()) return false;
    const std::int64_t passed = book_.clock().now().seconds - failure->second.at.seconds;
    return passed >= 0 && passed < pauseSeconds;
}

void CommitProver::prove(const std::string& repository, const std::vector<RunRecord>& runs) {
    failures_.erase(repository);
    const auto fails = [&](const Error& error) {
        if (error.code() == ErrorCode::cancelled) return;
        failures_.emplace(repository, Failure{book_.clock().now(), error.what()});
    };
    std::shared_ptr<Repository> opened;
    try {
        opened = repositories_.open(repository);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) return fails(error);
        for (const RunRecord& run : runs) giveUp(run, error.what());
        return;
    }
    try {
        look(*opened, runs);
    } catch (const Error& error) {
        fails(error);
    }
}

void CommitProver::look(Repository& repository, const std::vector<RunRecord>& runs) {
    std::vector<Suspected> suspected;
    for (const RunRecord& run : runs) {
        const SnapshotId snapshot = SnapshotId::from(fromHex(run.snapshot));
        const auto info = repository.ledger().snapshot(snapshot);
        if (!info) {
            giveUp(run, "it was forgotten meanwhile");
            continue;
        }
        UnprovenPacks packs = unprovenPacksOf(repository, snapshot, run.generation);
        if (!packs.received.empty()) {
            waitFor(run, {}, countOf(packs.received.size(), "pack") + " to go");
        } else if (packs.damaged.empty()) {
            end(run, RunProof::sound, run.message);
        } else {
            suspected.push_back({&run, *info, std::move(packs.damaged)});
        }
    }
    if (!suspected.empty()) judge(repository, std::move(suspected));
}

// Whether their snapshots lost something by it: others may have needed it, or another backup may
// have stored it again. One search for all, for it reads every suspect pack.
void CommitProver::judge(Repository& repository, std::vector<Suspected> suspected) {
    std::ranges::sort(suspected, {}, [](const Suspected& each) { return each.info.sequence; });
    std::vector<SnapshotInfo> snapshots;
    for (const Suspected& each : suspected) snapshots.push_back(each.info);
    const DamageReport report = searchKnownDamage(repository, snapshots, cancel_);
    for (const Suspected& each : suspected) {
        const SnapshotId& snapshot = each.info.registration.id;
        if (std::ranges::find(report.snapshots, snapshot) == report.snapshots.end()) {
            end(*each.run, RunProof::sound, each.run->message);
            continue;
        }
        const std::vector<RunProblemRecord> lost = lostIn(snapshot, report);
        end(*each.run, RunProof::damaged,
            with(*each.run, damageText(each.packs, lost.size(), report.more > 0)), lost);
    }
}

void CommitProver::waitFor(const RunRecord& run, const std::string& phase, const std::string& why) {
    const std::int64_t since = run.committed.value_or(run.ordered).seconds;
    // A time far ahead of the clock is one of a clock that was wrong. Who jumps there, or was away,
    // has not verified anything meanwhile.
    const bool isOver = std::abs(book_.clock().now().seconds - since) >= mostSeconds;
    if (isOver && steadySeconds_ >= leastSeconds) return giveUp(run, why);
    if (run.phase == phase) return;
    step(run, [&](RunBook::Page& page, RunRecord& now) {
        now.phase = phase;
        page.save(now);
    });
}

void CommitProver::end(const RunRecord& run, RunProof proof, const std::string& message,
                       const std::vector<RunProblemRecord>& lost) {
    step(run, [&](RunBook::Page& page, RunRecord& now) {
        if (!lost.empty()) page.addProblems(now, lost);
        page.move(now, proofCame(now.stand, proof), message);
    });
}

void CommitProver::giveUp(const RunRecord& run, const std::string& why) {
    step(run, [&](RunBook::Page& page, RunRecord& now) { endUnproven(page, now, why); });
}

// Somebody may have cancelled it meanwhile.
void CommitProver::step(const RunRecord& run,
                        const std::function<void(RunBook::Page&, RunRecord&)>& work) {
    book_.change([&](RunBook::Page& page) {
        auto now = page.find(run.number);
        if (now && now->stand.state == RunState::verifying) work(page, *now);
    });
}

void CommitProver::endUnproven(RunBook::Page& page, RunRecord& run, const std::string& why) {
    run.counts[unverifiedCount] = "1";
    page.move(run, proofCame(run.stand, RunProof::unknown),
              with(run, "its snapshot is there, but not verified yet: " + why));
}

}  // namespace coffer
