#include "management_server/runs/commit_prover.h"

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

std::string damageText(const std::vector<PackInfo>& damaged, const DamageReport& report) {
    const std::uint64_t lost = report.entries.size() + report.more;
    return "DAMAGED after its commit: pack " + namesOf(damaged) + "; " + std::to_string(lost) +
           (lost == 1 ? " entry" : " entries") +
           " of its snapshot cannot be restored whole. Back up again: that stores anew what is "
           "lost";
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
    Opened opened;
    for (const RunRecord& run : book_.verifying()) {
        if (cancel_.requested()) return;
        const auto repository = open(run, opened);
        if (!repository) continue;
        try {
            look(run, *repository);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled) return;
            waitFor(run, "waiting", error.what());
        }
    }
}

// Each is tried once a round. Nothing when it is away.
std::shared_ptr<Repository> CommitProver::open(const RunRecord& run, Opened& opened) {
    const auto [place, isFirst] = opened.try_emplace(run.repository);
    Opening& opening = place->second;
    if (isFirst) {
        try {
            opening.repository = repositories_.open(run.repository);
        } catch (const Error& error) {
            opening.failure = error;
        }
    }
    if (!opening.failure) return opening.repository;
    if (opening.failure->code() == ErrorCode::notFound) {
        giveUp(run, opening.failure->what());
    } else {
        waitFor(run, "waiting for repository " + run.repository, opening.failure->what());
    }
    return nullptr;
}

void CommitProver::look(const RunRecord& run, Repository& repository) {
    const SnapshotId snapshot = SnapshotId::from(fromHex(run.snapshot));
    if (!repository.ledger().snapshot(snapshot)) {
        return end(run, RunProof::sound,
                   with(run, "its snapshot was forgotten before it was verified"));
    }
    const UnprovenPacks packs = unprovenPacksOf(repository, snapshot, run.ordered);
    if (!packs.received.empty()) {
        return waitFor(run, {}, countOf(packs.received.size(), "pack") + " to go");
    }
    if (packs.damaged.empty()) return end(run, RunProof::sound, run.message);
    judge(run, repository, packs.damaged);
}

// Whether this snapshot lost something by it: others may have needed it, or another backup may have
// stored it again.
void CommitProver::judge(const RunRecord& run, Repository& repository,
                         const std::vector<PackInfo>& damaged) {
    const auto info = repository.ledger().snapshot(SnapshotId::from(fromHex(run.snapshot)));
    if (!info) return;
    const DamageReport report = searchKnownDamage(repository, {*info}, cancel_);
    if (report.empty()) return end(run, RunProof::sound, run.message);
    std::vector<RunProblemRecord> lost;
    for (const TouchedEntry& entry : report.entries) {
        lost.push_back({entry.path, std::string(nameOf(ErrorCode::corrupt)),
                        boundedText(entry.message(), longestRunMessage)});
    }
    end(run, RunProof::damaged, with(run, damageText(damaged, report)), lost);
}

void CommitProver::waitFor(const RunRecord& run, const std::string& phase, const std::string& why) {
    const std::int64_t since = run.committed.value_or(run.ordered).seconds;
    if (book_.clock().now().seconds - since >= mostSeconds) return giveUp(run, why);
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
