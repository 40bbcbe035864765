#include "management_server/repositories/pack_verifier.h"

#include <algorithm>
#include <atomic>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

// Between two records in the manifest, each of which waits for the disk.
constexpr std::size_t packsAtOnce = 16;

void enter(std::deque<std::string>& waiting, const std::string& name) {
    if (std::ranges::find(waiting, name) == waiting.end()) waiting.push_back(name);
}

}  // namespace

PackVerifier::PackVerifier(rpc::RepositoryProvider& repositories,
                           std::function<void(const PackDamage&)> damaged,
                           std::function<void()> judged)
    : repositories_(repositories), damaged_(std::move(damaged)), judged_(std::move(judged)) {
    thread_.start([this] { work(); });
}

PackVerifier::~PackVerifier() {
    stop();
}

void PackVerifier::look(const std::string& repository) {
    state_.change([&](State& state) { enter(state.waiting, repository); });
}

void PackVerifier::stop() {
    cancel_.request();
    state_.change([](State& state) { state.stopped = true; });
    thread_.join();
}

void PackVerifier::settle() {
    state_.when(
        [](const State& state) {
            return state.stopped || (state.waiting.empty() && !state.working);
        },
        [](State&) {});
}

void PackVerifier::work() {
    for (;;) {
        const std::string name =
            state_.when([](const State& state) { return state.stopped || !state.waiting.empty(); },
                        [](State& state) -> std::string {
                            if (state.stopped) return {};
                            std::string next = std::move(state.waiting.front());
                            state.waiting.pop_front();
                            state.working = true;
                            return next;
                        });
        if (name.empty()) return;
        turn(name);
        state_.change([](State& state) { state.working = false; });
    }
}

void PackVerifier::turn(const std::string& name) {
    try {
        const auto repository = repositories_.open(name);
        if (verifySome(*repository, name)) look(name);
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) return;
        log(LogLevel::error, "verify.failed", {{"repository", name}, {"message", error.what()}});
    } catch (const std::exception& error) {
        log(LogLevel::error, "verify.failed", {{"repository", name}, {"message", error.what()}});
    }
}

// False when nothing is left.
bool PackVerifier::verifySome(Repository& repository, const std::string& name) {
    std::vector<PackId> received = repository.ledger().packsIn(PackState::received);
    const bool more = received.size() > packsAtOnce;
    if (more) received.resize(packsAtOnce);
    std::vector<PackInfo> packs;
    for (const PackId& pack : received) {
        if (const auto info = repository.ledger().pack(pack)) packs.push_back(*info);
    }
    const auto verdicts = judge(repository, packs);
    std::vector<PackDamage> damages;
    repository.recordChosen([&] {
        std::vector<ManifestPayload> states;
        for (std::size_t i = 0; i < packs.size(); ++i) {
            const PackRegistration& registration = packs[i].registration;
            // A whole verification may have been faster, or a prune has given the pack up.
            if (!verdicts[i] || verdicts[i]->unread ||
                repository.ledger().stateOf(registration.pack) != PackState::received) {
                continue;
            }
            states.emplace_back(PackStateRecord{registration.pack, verdicts[i]->state});
            if (verdicts[i]->damage) {
                damages.push_back(
                    {name, registration.pack, registration.agent, verdicts[i]->damage->what()});
            }
        }
        return states;
    });
    noteTime(repository, packs, verdicts);
    for (const PackDamage& damage : damages) {
        log(LogLevel::error, "pack.damaged",
            {{"repository", name},
             {"pack", damage.pack.hex()},
             {"agent", damage.agent.hex()},
             {"message", damage.message}});
        damaged_(damage);
    }
    if (!packs.empty()) judged_();
    // Packs that need a newer version stay received: looking again would never end.
    const bool any = std::ranges::any_of(
        verdicts, [](const auto& verdict) { return verdict && !verdict->unread; });
    return more && any && !cancel_.requested();
}

// A record is no older than those before it, so of a clock that was ahead once. What was read is to
// be read again when it is due.
void PackVerifier::noteTime(Repository& repository, const std::vector<PackInfo>& packs,
                            const std::vector<std::optional<PackVerdict>>& verdicts) {
    const Timestamp now = repository.clock().now();
    if (repository.ledger().head().time <= now) return;
    std::vector<PackProof> proofs;
    for (std::size_t i = 0; i < packs.size(); ++i) {
        const PackId& pack = packs[i].registration.pack;
        if (!verdicts[i] || verdicts[i]->unread || verdicts[i]->damage) continue;
        if (repository.ledger().stateOf(pack) == PackState::verified) {
            proofs.push_back({pack, now, true});
        }
    }
    repository.ledger().note(proofs);
}

// Nothing for those that a request to stop came before. Who reads lets all others go first; who
// records does not, since commits wait for what it holds.
std::vector<std::optional<PackVerdict>> PackVerifier::judge(Repository& repository,
                                                            const std::vector<PackInfo>& packs) {
    std::vector<std::optional<PackVerdict>> verdicts(packs.size());
    std::atomic<std::size_t> next{0};
    const auto judgeNext = [&] {
        letOthersGoFirst();
        for (std::size_t at = next++; at < packs.size(); at = next++) {
            verdicts[at] =
                judgePack(repository, packs[at], [this](std::uint64_t) { cancel_.check(); });
        }
    };
    const auto work = [&] {
        try {
            judgeNext();
        } catch (const Error& error) {
            if (error.code() != ErrorCode::cancelled) throw;
        }
    };
    ThreadScope threads;
    const std::size_t count = std::min<std::size_t>(availableCores(), packs.size());
    for (std::size_t i = 0; i < count; ++i) threads.start(work);
    threads.join();
    return verdicts;
}

}  // namespace coffer
