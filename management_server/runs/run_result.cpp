#include "management_server/runs/run_result.h"

#include <algorithm>

#include "core/agent/run_order.h"
#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "management_server/runs/live_runs.h"
#include "management_server/runs/run_book.h"

namespace coffer {

namespace {

constexpr std::size_t mostProblemOctets = std::size_t{4} << 20;
constexpr std::size_t longestCode = 40;
constexpr CORBA::ULong mostSettings = 1'000;  // that are looked at

bool isSnapshotId(const std::string& text) {
    return text.size() == 32 && std::ranges::all_of(text, [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

std::string readSnapshot(const char* text) {
    const std::string snapshot(text);
    if (snapshot.empty() || isSnapshotId(snapshot)) return snapshot;
    throw Error(ErrorCode::invalidArgument, "the result names no snapshot");
}

void readProblems(const Coffer::RunProblems& problems, RunResultRecord& record) {
    std::size_t octets = 0;
    for (CORBA::ULong i = 0; i < problems.length(); ++i) {
        const bool isRemark = problems[i].code.in() == std::string_view(hookCode);
        if (!isRemark) ++record.problemCount;
        auto& list = isRemark ? record.remarks : record.problems;
        if (list.size() == RunBook::mostProblems || octets > mostProblemOctets) continue;
        RunProblemRecord problem;
        problem.path = rpc::textOf(problems[i].where);
        problem.code = boundedText(problems[i].code.in(), longestCode);
        problem.message = boundedText(problems[i].message.in(), longestRunMessage);
        octets += problem.path.size() + problem.code.size() + problem.message.size();
        if (octets <= mostProblemOctets) list.push_back(std::move(problem));
    }
}

// The agent lists some and may have had more.
std::uint64_t problemsIn(const RunTexts& counts) {
    try {
        return rpc::numberIn(counts, "problems", 0);
    } catch (const Error&) {
        return 0;
    }
}

}  // namespace

RunResultRecord readResult(const Coffer::RunResult& result) {
    RunResultRecord record;
    record.run = result.run;
    record.attempt = result.attempt;
    record.outcome = runOutcomeOf(result.outcome.in());
    record.message = boundedText(result.message.in(), longestRunMessage);
    record.snapshot = readSnapshot(result.snapshot.in());
    record.counts = readCounts(result.counts);
    readProblems(result.problems, record);
    constexpr std::uint64_t most = 1'000'000'000'000;  // fits a signed column
    record.problemCount = std::max(record.problemCount, std::min(problemsIn(record.counts), most));
    return record;
}

RunTexts readCounts(const Coffer::Settings& counts) {
    RunTexts texts;
    const CORBA::ULong length = std::min(counts.length(), mostSettings);
    for (CORBA::ULong i = 0; i < length; ++i) {
        texts.emplace(counts[i].name.in(), counts[i].value.in());
    }
    // What the server counts itself.
    texts.erase(committedCount);
    texts.erase(unverifiedCount);
    return boundedCounts(texts);
}

}  // namespace coffer
