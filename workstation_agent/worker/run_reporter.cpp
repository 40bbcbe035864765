#include "workstation_agent/worker/run_reporter.h"

#include <utility>

#include "core/rpc/convert.h"

namespace coffer {

namespace {

constexpr std::uint64_t mostProblems = 1'000;
constexpr std::size_t longestText = 4'000;

}  // namespace

RunReporter::RunReporter(Report report, std::chrono::milliseconds every)
    : report_(std::move(report)),
      problems_([this](const Problem& problem) { tellProblem(problem); }) {
    tell();
    thread_.start([this, every] { tick(every); });
}

RunReporter::~RunReporter() {
    state_.change([](State& state) { state.stopped = true; });
    thread_.join();
}

void RunReporter::phase(const std::string& phase) {
    state_.with([&](State& state) {
        state.phase = phase;
        state.waiting = false;
    });
    tell();
}

void RunReporter::waits() {
    RunCounts now = counts();
    state_.with([&](State& state) {
        state.waiting = true;
        state.before = std::move(now);
    });
}

RunCounts RunReporter::counts() const {
    RunCounts counts{{"files", progress_.files},
                     {"folders", progress_.folders},
                     {"others", progress_.others},
                     {"bytes", progress_.bytes},
                     {"read-bytes", progress_.readBytes},
                     {"new-bytes", progress_.newBytes},
                     {"stored-bytes", progress_.storedBytes},
                     {"changed-files", progress_.changedFiles},
                     {"kept-items", progress_.keptItems},
                     {"problems", problems_.count()}};
    if (progress_.totalBytes > 0) counts["total-bytes"] = progress_.totalBytes;
    if (progress_.totalItems > 0) counts["total-items"] = progress_.totalItems;
    return counts;
}

void RunReporter::tick(std::chrono::milliseconds every) {
    const auto stopped = [](const State& state) { return state.stopped; };
    while (!state_.whenOrAt(std::chrono::steady_clock::now() + every, stopped, stopped)) tell();
}

// Nothing when all is as it was told last.
void RunReporter::tell() {
    WorkerProgress progress{"", counts()};
    state_.with([&](State& state) {
        if (state.waiting && state.before != progress.counts) state.waiting = false;
        progress.phase = state.waiting ? "waiting" : state.phase;
    });
    told_.with([&](WorkerProgress& told) {
        if (told.phase == progress.phase && told.counts == progress.counts) return;
        told = progress;
        send(progress);
    });
}

void RunReporter::tellProblem(const Problem& problem) {
    if (toldProblems_ >= mostProblems) return;
    ++toldProblems_;
    send(WorkerProblem{problem.path.substr(0, rpc::longestPath), std::string(nameOf(problem.code)),
                       problem.message.substr(0, longestText)});
}

void RunReporter::send(const WorkerReport& report) {
    report_.with([&](const Report& its) { its(report); });
}

}  // namespace coffer
