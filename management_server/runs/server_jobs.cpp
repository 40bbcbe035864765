#include "management_server/runs/server_jobs.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <vector>

#include "core/base/error.h"
#include "core/service/log.h"
#include "management_server/runs/run_result.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds afterFailure{2};
constexpr std::size_t mostNotes = 10'000;

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

// What no other job has at the same time: a repository, or itself.
std::string ServerJobs::Job::place() const {
    return repository.empty() ? "/" + std::to_string(run) : repository;
}

// The first whose repository nobody works on.
std::deque<ServerJobs::JobPointer>::iterator ServerJobs::State::next() {
    return std::ranges::find_if(
        waiting, [&](const JobPointer& job) { return !atWork.contains(job->place()); });
}

ServerJobs::JobPointer ServerJobs::take(State& state) {
    const auto next = state.stopped ? state.waiting.end() : state.next();
    if (next == state.waiting.end()) return nullptr;
    const JobPointer job = *next;
    state.waiting.erase(next);
    state.atWork.emplace(job->place(), job);
    return job;
}

void ServerJobs::start(unsigned threads) {
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

void ServerJobs::stop() {
    state_.change([](State& state) {
        state.stopped = true;
        state.waiting.clear();
        for (const auto& [repository, job] : state.atWork) job->cancel.request();
    });
    threads_.join();
}

void ServerJobs::add(std::int64_t run, const std::string& repository) {
    const auto job = std::make_shared<Job>();
    job->run = run;
    job->repository = repository;
    state_.change([&](State& state) {
        if (!state.stopped) state.waiting.push_back(job);
    });
}

bool ServerJobs::cancel(std::int64_t run) {
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

void ServerJobs::tellProgress() {
    std::vector<JobPointer> jobs;
    state_.with([&](State& state) {
        for (const auto& [repository, job] : state.atWork) jobs.push_back(job);
    });
    for (const JobPointer& job : jobs) {
        book_.live().take("", job->run, job->attempt, "running", countsOf(job->progress),
                          book_.clock().now());
    }
}

void ServerJobs::work() {
    while (const JobPointer job = state_.with(take)) perform(job);
}

void ServerJobs::perform(const JobPointer& job) {
    try {
        if (const auto run = begin(*job)) carryOut(*job, *run);
    } catch (const std::exception& error) {
        // The server stops, and the book cannot be written: it says 'running' until the next start.
        log(LogLevel::error, "run.job-lost",
            {{"run", std::to_string(job->run)}, {"message", error.what()}});
    }
    state_.change([&](State& state) { state.atWork.erase(job->place()); });
}

// Tried until it is written or the server stops: a run that nobody works on would keep its slot.
void ServerJobs::enter(const std::function<void(RunBook::Page&)>& step) {
    const auto stopped = [](const State& state) { return state.stopped; };
    for (;;) {
        try {
            return book_.change(step);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::notFound) throw;
            log(LogLevel::error, "run.step-not-written", {{"message", error.what()}});
        }
        const auto next = std::chrono::steady_clock::now() + afterFailure;
        if (state_.whenOrAt(next, stopped, stopped)) {
            throw Error(ErrorCode::cancelled, "the server stops");
        }
    }
}

std::optional<RunRecord> ServerJobs::begin(Job& job) {
    std::optional<RunRecord> begun;
    enter([&](RunBook::Page& page) {
        begun.reset();
        std::optional<RunRecord> run = page.find(job.run);
        if (!run || run->stand.state != RunState::queued) return;
        if (job.cancel.requested()) return;  // another job has it by now, or nobody
        const RunStand ordered = ordering(run->stand);
        job.attempt = ordered.attempt;
        page.move(*run, orderTaken(ordered, ordered.attempt));
        begun = std::move(run);
    });
    return begun;
}

ServerVerdict ServerJobs::verdictOf(Job& job, const RunRecord& run, ProblemLog& problems,
                                    const std::function<void(RunProblemRecord)>& note) {
    if (const auto free = freeWorks_.find(run.kind); free != freeWorks_.end()) {
        return free->second({run, job.progress, problems, note, job.cancel});
    }
    const auto work = works_.find(run.kind);
    if (work == works_.end()) {
        throw Error(ErrorCode::unsupported, "this server knows no run of kind " + run.kind);
    }
    const std::shared_ptr<Repository> repository = repositories_.open(job.repository);
    return work->second({run, *repository, job.progress, problems, job.cancel});
}

void ServerJobs::carryOut(Job& job, const RunRecord& run) {
    ServerVerdict verdict;
    ProblemList found;
    ProblemLog problems([&](const Problem& problem) { found.add(problem); });
    std::vector<RunProblemRecord> notes;
    const auto note = [&](RunProblemRecord record) {
        if (notes.size() == mostNotes) return;
        record.message = boundedText(record.message, longestRunMessage);
        notes.push_back(std::move(record));
    };
    try {
        verdict = verdictOf(job, run, problems, note);
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
    enter([&](RunBook::Page& page) {
        RunRecord ended = page.get(job.run);
        ended.counts = verdict.counts;
        ended.problems = problems.count();
        page.addLines(ended, LogLevel::info, notes);
        page.setProblems(ended, found.get());
        page.move(ended, resultCame(ended.stand, job.attempt, verdict.outcome, true),
                  verdict.message);
    });
}

}  // namespace coffer
