#include "core/agent/run_supervisor.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

using namespace std::chrono_literals;

constexpr std::chrono::milliseconds betweenPushes = 10s;
constexpr std::chrono::milliseconds restful = 60s;  // without anything to wait for
constexpr std::size_t mostProblems = 1000;
constexpr std::size_t mostProblemOctets = std::size_t{1} << 20;
constexpr std::size_t longestMessage = 4000;
constexpr std::size_t mostCounts = 100;
constexpr unsigned mostNotes = 1000;
constexpr unsigned mostGarbage = 1000;

constexpr std::array<std::string_view, 5> outcomes = {"succeeded", "warnings", "failed",
                                                      "cancelled", "interrupted"};

void bound(std::string& text) {
    if (text.size() > longestMessage) text.resize(longestMessage);
}

void bound(RunCounts& counts) {
    while (counts.size() > mostCounts) counts.erase(std::prev(counts.end()));
}

}  // namespace

RunReport RunSupervisor::follow(std::string order) {
    worker_.send(std::move(order));
    bool gone = false;
    while (!gone) {
        obey();
        escalate();
        if (push_ == Push::givenUp) break;
        const WorkerEvent event = worker_.next(patience());
        gone = event.kind == WorkerEvent::Kind::ended;
        take(event);
    }
    RunReport report;
    report.result = resultOf(gone);
    report.problems = std::move(problems_);
    return report;
}

void RunSupervisor::obey() {
    const RunWish wish = around_.wish();
    if (wish == wish_) return;
    wish_ = wish;
    if (wish == RunWish::cancel) {
        cancelled_ = true;
        worker_.send(cancelLine);
    } else {
        worker_.closeInput();
    }
    push();
}

void RunSupervisor::push() {
    if (push_ != Push::none) return;
    push_ = Push::asked;
    pushed_ = around_.now();
}

// A step further each time that the worker has not reacted to the one before.
void RunSupervisor::escalate() {
    if (push_ == Push::none || around_.now() < pushed_ + betweenPushes) return;
    pushed_ = around_.now();
    switch (push_) {
        case Push::asked:
            worker_.terminate();
            push_ = Push::terminated;
            break;
        case Push::terminated:
            worker_.kill();
            push_ = Push::killed;
            break;
        default:
            push_ = Push::givenUp;
            break;
    }
}

std::chrono::milliseconds RunSupervisor::patience() const {
    if (push_ == Push::none) return restful;
    const auto left = pushed_ + betweenPushes - around_.now();
    return std::max(std::chrono::ceil<std::chrono::milliseconds>(left), 0ms);
}

void RunSupervisor::take(const WorkerEvent& event) {
    if (event.kind == WorkerEvent::Kind::remark) note(event.text);
    if (event.kind != WorkerEvent::Kind::report || !fault_.empty()) return;
    if (event.cut) {
        breakOff("a line of its output is too long");
    } else {
        takeReport(event.text);
    }
}

// A library of the worker may write to its standard output: that is passed over, up to a point.
void RunSupervisor::takeReport(const std::string& line) {
    try {
        WorkerReport report = decodeReport(line);
        if (auto* progress = std::get_if<WorkerProgress>(&report)) {
            bound(progress->phase);
            bound(progress->counts);
            around_.progress(*progress);
        } else if (auto* problem = std::get_if<WorkerProblem>(&report)) {
            takeProblem(std::move(*problem));
        } else {
            takeResult(std::move(std::get<WorkerResult>(report)));
        }
    } catch (const Error&) {
        note("this is no report: " + line);
        if (++garbage_ > mostGarbage) breakOff("its output is no report");
    }
}

void RunSupervisor::takeProblem(WorkerProblem problem) {
    bound(problem.code);
    bound(problem.message);
    const std::size_t octets = problem.path.size() + problem.code.size() + problem.message.size();
    if (problems_.size() >= mostProblems || problemOctets_ + octets > mostProblemOctets) return;
    problemOctets_ += octets;
    problems_.push_back(std::move(problem));
}

// After its result a worker has nothing more to do but to end.
void RunSupervisor::takeResult(WorkerResult result) {
    if (result_) return;
    if (std::ranges::find(outcomes, result.outcome) == outcomes.end()) {
        return breakOff("its result is none: " + printable(result.outcome.substr(0, 40)));
    }
    bound(result.message);
    bound(result.snapshot);
    bound(result.counts);
    result_ = std::move(result);
    worker_.closeInput();
    push();
}

void RunSupervisor::breakOff(const std::string& why) {
    fault_ = why;
    worker_.kill();
    push_ = Push::killed;
    pushed_ = around_.now();
}

void RunSupervisor::note(const std::string& line) {
    if (notes_ > mostNotes) return;
    around_.remark(++notes_ > mostNotes ? "it says more, which is left out" : line);
}

WorkerResult RunSupervisor::resultOf(bool gone) const {
    if (result_) return *result_;
    WorkerResult result;
    const std::string how = gone ? "it ended with " + worker_.ending() : "it cannot be ended";
    if (!fault_.empty()) {
        result.outcome = "failed";
        result.message = "the worker was ended: " + fault_;
    } else if (cancelled_) {
        result.outcome = "cancelled";
        result.message = "the worker gave no result when it was cancelled; " + how;
    } else if (wish_ == RunWish::stop) {
        result.outcome = "interrupted";
        result.message = "it was asked to stop";
    } else {
        result.outcome = "interrupted";
        result.message = "the worker gave no result; " + how;
    }
    return result;
}

}  // namespace coffer
