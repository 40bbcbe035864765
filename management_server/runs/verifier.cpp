#include "management_server/runs/verifier.h"

#include <algorithm>
#include <exception>
#include <vector>

#include "core/base/error.h"
#include "core/pipeline/verify_job.h"
#include "core/rpc/convert.h"
#include "core/service/log.h"
#include "management_server/runs/run_result.h"

namespace coffer {

namespace {

/// How a verification ended.
struct Verdict {
    RunOutcome outcome = RunOutcome::failed;
    std::string message;
    RunTexts counts;
};

RunTexts countsOf(const RunProgress& progress) {
    return {{"files", std::to_string(progress.files)},
            {"bytes", std::to_string(progress.bytes)},
            {"total-bytes", std::to_string(progress.totalBytes)}};
}

RunTexts countsOf(const VerifyResult& result, std::uint64_t problems) {
    return {
        {"packs", std::to_string(result.packs)},
        {"chunks", std::to_string(result.chunks)},
        {"snapshots", std::to_string(result.snapshots)},
        {"bytes", std::to_string(result.storedBytes)},
        {"stored-bytes", std::to_string(result.storedBytes)},
        {"raw-bytes", std::to_string(result.rawBytes)},
        {"damaged-packs", std::to_string(result.damaged.size())},
        {"replaced-packs", std::to_string(result.replaced.size())},
        {"leftovers", std::to_string(result.unregistered.size())},
        {"touched-entries", std::to_string(result.touched.entries.size() + result.touched.more)},
        {"touched-snapshots", std::to_string(result.touched.snapshots.size())},
        {"problems", std::to_string(problems)}};
}

Verdict verdictOf(const VerifyResult& result, const ProblemLog& problems) {
    Verdict verdict;
    verdict.counts = countsOf(result, problems.count());
    if (result.sound(problems)) {
        verdict.outcome = RunOutcome::succeeded;
    } else {
        verdict.message = "DAMAGED: " + std::to_string(result.damaged.size()) + " packs, " +
                          std::to_string(problems.count()) + " problems in all";
    }
    return verdict;
}

/// The first problems, as the book keeps them.
class ProblemList {
  public:
    void add(const Problem& problem) {
        if (problems_.size() >= RunBook::mostProblems) return;
        problems_.push_back({problem.path, std::string(nameOf(problem.code)),
                             boundedText(problem.message, longestRunMessage)});
    }
    const std::vector<RunProblemRecord>& get() const { return problems_; }

  private:
    std::vector<RunProblemRecord> problems_;
};

}  // namespace

// The first whose repository is not being verified.
std::deque<Verifier::JobPointer>::iterator Verifier::State::next() {
    return std::ranges::find_if(
        waiting, [&](const JobPointer& job) { return !atWork.contains(job->repository); });
}

Verifier::JobPointer Verifier::take(State& state) {
    const auto next = state.stopped ? state.waiting.end() : state.next();
    if (next == state.waiting.end()) return nullptr;
    const JobPointer job = *next;
    state.waiting.erase(next);
    state.atWork.emplace(job->repository, job);
    return job;
}

void Verifier::start(unsigned threads) {
    for (unsigned i = 0; i < threads; ++i) {
        threads_.start([this] {
            for (;;) {
                const JobPointer job = state_.when(
                    [](State& state) {
                        return state.stopped || state.next() != state.waiting.end();
                    },
                    take);
                if (!job) return;
                perform(job);
            }
        });
    }
}

void Verifier::stop() {
    state_.change([](State& state) {
        state.stopped = true;
        state.waiting.clear();
        for (const auto& [repository, job] : state.atWork) job->cancel.request();
    });
    threads_.join();
}

void Verifier::add(std::int64_t run, const std::string& repository) {
    const auto job = std::make_shared<Job>();
    job->run = run;
    job->repository = repository;
    state_.change([&](State& state) {
        if (!state.stopped) state.waiting.push_back(job);
    });
}

bool Verifier::cancel(std::int64_t run) {
    return state_.with([&](State& state) {
        const auto is = [&](const JobPointer& job) { return job->run == run; };
        if (std::erase_if(state.waiting, is) > 0) return true;
        for (const auto& [repository, job] : state.atWork) {
            if (!is(job)) continue;
            job->cancel.request();
            return true;
        }
        return false;
    });
}

void Verifier::tellProgress() {
    std::vector<JobPointer> jobs;
    state_.with([&](State& state) {
        for (const auto& [repository, job] : state.atWork) jobs.push_back(job);
    });
    for (const JobPointer& job : jobs) {
        book_.live().take("", job->run, job->attempt, "running", countsOf(job->progress),
                          book_.clock().now());
    }
}

void Verifier::work() {
    while (const JobPointer job = state_.with(take)) perform(job);
}

void Verifier::perform(const JobPointer& job) {
    try {
        RunTexts options;
        if (begin(*job, options)) verify(*job, options);
    } catch (const std::exception& error) {
        // The book cannot be written; it says 'running' until the server begins anew.
        log(LogLevel::error, "run.verification-lost",
            {{"run", std::to_string(job->run)}, {"message", error.what()}});
    }
    state_.change([&](State& state) { state.atWork.erase(job->repository); });
}

bool Verifier::begin(Job& job, RunTexts& options) {
    bool begun = false;
    book_.change([&](RunBook::Page& page) {
        std::optional<RunRecord> run = page.find(job.run);
        if (!run || run->stand.state != RunState::queued) return;
        const RunStand ordered = ordering(run->stand);
        job.attempt = ordered.attempt;
        options = run->options;
        page.move(*run, orderTaken(ordered, ordered.attempt));
        begun = true;
    });
    return begun;
}

void Verifier::verify(Job& job, const RunTexts& options) {
    Verdict verdict;
    ProblemList found;
    ProblemLog problems([&](const Problem& problem) { found.add(problem); });
    try {
        VerifySettings settings;
        settings.workers = static_cast<unsigned>(rpc::numberIn(options, "workers", 0));
        const auto depth = options.find("depth");
        if (depth != options.end()) settings.depth = VerifyDepth::parse(depth->second);
        const std::shared_ptr<Repository> repository = repositories_.open(job.repository);
        verdict = verdictOf(runVerify(*repository, settings, job.progress, problems, job.cancel),
                            problems);
    } catch (const Error& error) {
        // When the server stops, and nobody wanted this one to end, it is done again.
        const bool stopping = state_.with([](State& state) { return state.stopped; });
        if (error.code() == ErrorCode::cancelled) {
            verdict.outcome = stopping ? RunOutcome::interrupted : RunOutcome::cancelled;
            verdict.message = stopping ? "the server was stopped" : "";
        } else {
            verdict.message = boundedText(error.what(), longestRunMessage);
        }
        verdict.counts = countsOf(job.progress);
    } catch (const std::exception& error) {
        verdict.message = std::string("internal error: ") + error.what();
    }
    book_.change([&](RunBook::Page& page) {
        RunRecord run = page.get(job.run);
        run.counts = verdict.counts;
        run.problems = problems.count();
        page.setProblems(run, found.get());
        page.move(run, resultCame(run.stand, job.attempt, verdict.outcome, true), verdict.message);
    });
}

}  // namespace coffer
