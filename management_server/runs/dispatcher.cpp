#include "management_server/runs/dispatcher.h"

#include <exception>

#include "core/service/log.h"
#include "management_server/agents/agent_error.h"
#include "management_server/runs/live_runs.h"
#include "management_server/runs/run_result.h"
#include "management_server/runs/run_snapshot.h"

namespace coffer {

namespace {

void tell(const char* event, const AgentCall& call, const std::string& message) {
    log(LogLevel::warning, event,
        {{"run", std::to_string(call.run)}, {"agent", call.agent}, {"message", message}});
}

}  // namespace

void Dispatcher::start(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
        threads_.start([this] {
            while (const std::optional<AgentCall> call = desk_.wait()) perform(*call);
        });
    }
}

void Dispatcher::stop() {
    desk_.stop();
    threads_.join();
}

void Dispatcher::work() {
    while (const std::optional<AgentCall> call = desk_.next()) perform(*call);
}

void Dispatcher::perform(const AgentCall& call) {
    try {
        call.what == AgentCall::What::cancel ? cancel(call) : order(call);
    } catch (const std::exception& error) {
        // The book cannot be written: what was to be said is not forgotten.
        tell("run.call-failed", call, error.what());
        desk_.failed(call);
    }
}

void Dispatcher::cancel(const AgentCall& call) {
    try {
        calls_.cancelRun(call.agent, call.run);
    } catch (const Error& error) {
        tell("run.cancel-failed", call, error.what());
        return mayTakeLater(error) ? desk_.failed(call) : desk_.done(call);
    }
    book_.live().cancelTold(call.run, book_.clock().now());
    desk_.done(call);
}

void Dispatcher::order(const AgentCall& call) {
    std::optional<RunRecord> run = prepare(call);
    if (!run) return desk_.done(call);
    const std::uint32_t attempt = run->stand.attempt;
    try {
        if (hasCommitted(*run)) return desk_.done(call);
        noteGeneration(*run);
        calls_.startRun(call.agent, maker_.make(*run));
    } catch (const Error& error) {
        tell("run.order-failed", call, error.what());
        refused(call, attempt, error);
        return mayTakeLater(error) ? desk_.failed(call) : desk_.done(call);
    }
    taken(call, attempt);
    desk_.done(call);
}

// The run as it is to be ordered; nothing when it is not to be ordered any more.
std::optional<RunRecord> Dispatcher::prepare(const AgentCall& call) {
    std::optional<RunRecord> ordered;
    book_.change([&](RunBook::Page& page) {
        std::optional<RunRecord> run = page.find(call.run);
        if (!run || run->stand.state != RunState::queued) return;
        if (!desk_.isVisiting(call.agent, call.visit)) return;
        if (call.repeat == 0 || call.repeat != run->stand.attempt) {
            page.move(*run, ordering(run->stand));
        }
        ordered = std::move(run);
    });
    if (ordered) desk_.sending(call, ordered->stand.attempt);
    return ordered;
}

// By records, not by times: what turns out damaged from here on may be its own damage. Anew when
// the repository was lost and is one of fewer records now.
void Dispatcher::noteGeneration(RunRecord& run) {
    if (run.kind != run_kind::backup) return;
    const std::uint64_t head = repositories_.open(run.repository)->ledger().head().sequence;
    if (run.generation > 0 && run.generation <= head) return;
    run.generation = head;
    book_.change([&](RunBook::Page& page) {
        auto noted = page.find(run.number);
        if (!noted) return;
        noted->generation = run.generation;
        page.save(*noted);
    });
}

// A backup that was cut behind its commit needs no other attempt: it ends with its snapshot.
bool Dispatcher::hasCommitted(const RunRecord& run) {
    if (run.kind != run_kind::backup || run.stand.attempt < 2) return false;
    const auto result =
        resultOfCommit(run, calls_.identity(run.agent).id, *repositories_.open(run.repository));
    if (!result) return false;
    book_.change([&](RunBook::Page& page) {
        auto ended = page.find(run.number);
        if (!ended) return;
        ended->snapshot = result->snapshot;
        ended->counts = result->counts;
        ended->problems = result->problemCount;
        RunStand next = resultCame(ended->stand, result->attempt, result->outcome, false);
        if (result->isUnverified && !hasEnded(ended->stand.state)) next = proofAwaited(next);
        page.move(*ended, next, result->message);
    });
    return true;
}

void Dispatcher::taken(const AgentCall& call, std::uint32_t attempt) {
    book_.change([&](RunBook::Page& page) {
        // Who has attached anew meanwhile has said itself what it knows.
        if (!desk_.isVisiting(call.agent, call.visit)) return;
        if (auto run = page.find(call.run)) page.move(*run, orderTaken(run->stand, attempt));
    });
}

void Dispatcher::refused(const AgentCall& call, std::uint32_t attempt, const Error& error) {
    const std::string message = boundedText(error.what(), longestRunMessage);
    book_.change([&](RunBook::Page& page) {
        auto run = page.find(call.run);
        if (!run || run->stand.state != RunState::queued) return;
        if (!mayTakeLater(error)) {
            return page.move(*run, orderRefused(run->stand, attempt), message);
        }
        if (run->message == message) return;
        run->message = message;
        page.save(*run);
    });
}

}  // namespace coffer
