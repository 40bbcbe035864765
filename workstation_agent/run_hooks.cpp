#include "workstation_agent/run_hooks.h"

#include <algorithm>
#include <exception>

#include "core/agent/object_path.h"
#include "core/agent/trusted_program.h"
#include "core/base/command_words.h"
#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/schedule/words.h"

namespace coffer {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr std::string_view prefix = "hook-";
constexpr milliseconds longest = 24h;
constexpr milliseconds usual = 10min;

// Before the server takes the run for lost, and before the system takes the agent for hanging.
constexpr milliseconds afterCancel = 60s;
constexpr milliseconds afterStop = 10s;

bool isDone(const WorkerResult& result) {
    return result.outcome == "succeeded" || result.outcome == "warnings";
}

// What may stand in a variable that scripts use: names and ids.
bool isPlain(const std::string& text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '-' || c == '_';
    });
}

milliseconds timeLimitOf(const RunOrder& order) {
    const std::string text = rpc::textIn(order.options, "hook-time-limit");
    if (text.empty()) return usual;
    const milliseconds limit = std::chrono::seconds(words::duration(text));
    return std::clamp(limit, milliseconds(1s), longest);
}

RunReport reportOf(std::string outcome, std::string message) {
    RunReport report;
    report.result.outcome = std::move(outcome);
    report.result.message = std::move(message);
    return report;
}

RunReport reportOf(const std::function<RunReport()>& work) {
    try {
        return work();
    } catch (const std::exception& error) {
        return reportOf("failed", error.what());
    }
}

}  // namespace

/// One hook of a run.
struct RunHooks::Call {
    const RunOrder& order;
    const char* name;            // of the option
    const WorkerResult* result;  // of the work, once it is done
    std::function<milliseconds()> patience;
};

std::vector<std::string> RunHooks::environmentOf(const Call& call) {
    std::vector<std::string> all{
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"};
    const auto add = [&](const char* variable, const std::string& value) {
        if (!value.empty() && isPlain(value)) all.push_back(variable + ("=" + value));
    };
    add("COFFER_RUN", std::to_string(call.order.run));
    add("COFFER_ATTEMPT", std::to_string(call.order.attempt));
    add("COFFER_KIND", call.order.kind);
    add("COFFER_TASK", rpc::textIn(call.order.options, "task"));
    add("COFFER_HOOK", std::string(call.name).substr(prefix.size()));
    if (call.result) add("COFFER_RESULT", call.result->outcome);
    if (call.result) add("COFFER_SNAPSHOT", call.result->snapshot);
    return all;
}

RunHooks::RunHooks(const AllowList& allowed)
    : ways_{runHook, [&allowed](const std::string& program) {
                allowed.checkHook(program);
                checkTrustedProgram(program);
            }} {}

RunReport RunHooks::around(const RunOrder& order, const Wish& wish, const Work& work) const {
    Entries entries;
    RunReport report = begin(order, wish, work, entries);
    end(order, wish, report, entries);
    const auto failed = std::ranges::count(entries, hookFailedCode, &WorkerProblem::code);
    if (failed > 0) report.result.counts["problems"] += static_cast<std::uint64_t>(failed);
    report.problems.insert(report.problems.begin(), entries.begin(), entries.end());
    return report;
}

RunReport RunHooks::begin(const RunOrder& order, const Wish& wish, const Work& work,
                          Entries& entries) const {
    const Call call{order, "hook-before", nullptr,
                    [&] { return wish() == RunWish::goOn ? longest : milliseconds(0); }};
    const std::string failure = run(call, entries);
    if (failure.empty()) return reportOf(work);
    if (wish() == RunWish::cancel) return reportOf("cancelled", failure);
    return reportOf(wish() == RunWish::stop ? "interrupted" : "failed", failure);
}

void RunHooks::end(const RunOrder& order, const Wish& wish, RunReport& report,
                   Entries& entries) const {
    const bool wasCancelled = wish() == RunWish::cancel;
    const auto patience = [&] {
        const RunWish now = wish();
        if (now == RunWish::stop) return afterStop;
        if (now == RunWish::goOn) return longest;
        return wasCancelled ? afterCancel : milliseconds(0);
    };
    const char* name = isDone(report.result) ? "hook-after-success" : "hook-after-failure";
    const std::string failure = run({order, name, &report.result, patience}, entries);
    if (!failure.empty() && isDone(report.result)) report.result.outcome = "warnings";
}

std::string RunHooks::run(const Call& call, Entries& entries) const {
    const std::string command = rpc::textIn(call.order.options, call.name);
    if (command.empty()) return {};
    std::string program = command;
    std::string failure;
    HookEnd end;
    try {
        HookCall hook;
        hook.words = commandWords(command);
        program = hook.words.front();
        ways_.check(program);
        hook.environment = environmentOf(call);
        hook.timeLimit = timeLimitOf(call.order);
        hook.patience = call.patience;
        end = ways_.run(hook);
        if (!end.succeeded) failure = end.how;
    } catch (const Error& error) {
        failure = error.what();
    }
    const std::string how = failure.empty() ? end.how : failure;
    entries.push_back({program, failure.empty() ? hookCode : hookFailedCode,
                       std::string(call.name) + ": " + how + "; " + std::to_string(end.octets) +
                           " octets of output"});
    for (const std::string& line : end.lines) entries.push_back({program, hookCode, line});
    if (failure.empty()) return {};
    return std::string(call.name) + " " + shownPath(program) + ": " + failure;
}

}  // namespace coffer
