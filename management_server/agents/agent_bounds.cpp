#include "management_server/agents/agent_bounds.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr CORBA::ULong mostSettings = 64;
constexpr CORBA::ULong mostRuns = 1'000;
constexpr CORBA::ULong mostNumbers = 100'000;
constexpr CORBA::ULong mostProblems = 2'000;  // 1,000 and what hooks printed, which comes first
constexpr std::size_t problemOctets = 4 << 20;
constexpr std::size_t longestWord = 64;  // of names, codes and phases
constexpr std::size_t longestValue = 1'024;
constexpr std::size_t factOctets = 8 << 10;  // the list of all agents has to fit into a message
constexpr std::size_t longestMessage = 2'000;
constexpr std::size_t snapshotDigits = 32;

// Never in the middle of a character.
std::string cut(std::string_view text, std::size_t most) {
    const auto goesOn = [&](std::size_t at) {
        return (static_cast<std::uint8_t>(text[at]) & 0xC0) == 0x80;
    };
    std::size_t size = std::min(text.size(), most);
    if (size < text.size()) {
        while (size > 0 && goesOn(size)) --size;
    }
    return std::string(text.substr(0, size));
}

CORBA::String_var cutString(const char* text, std::size_t most) {
    return CORBA::string_dup(cut(text, most).c_str());
}

Coffer::Settings boundedSettings(const Coffer::Settings& settings) {
    return rpc::toSettings(boundedFacts(settings));
}

Coffer::RunProgress boundedProgress(const Coffer::RunProgress& news) {
    Coffer::RunProgress bounded;
    bounded.run = news.run;
    bounded.attempt = news.attempt;
    bounded.phase = cutString(news.phase, longestWord);
    bounded.counts = boundedSettings(news.counts);
    return bounded;
}

Coffer::RunProblems boundedProblems(const Coffer::RunProblems& problems) {
    Coffer::RunProblems bounded;
    const CORBA::ULong most = std::min(problems.length(), mostProblems);
    bounded.length(most);
    std::size_t octets = 0;
    CORBA::ULong count = 0;
    for (; count < most; ++count) {
        const Coffer::RunProblem& problem = problems[count];
        octets += problem.where.length();
        if (octets > problemOctets) break;
        bounded[count].where = problem.where;
        bounded[count].code = cutString(problem.code, longestWord);
        bounded[count].message = cutString(problem.message, longestMessage);
    }
    bounded.length(count);
    return bounded;
}

void checkOutcome(std::string_view outcome) {
    constexpr std::array<std::string_view, 5> known{"succeeded", "warnings", "failed", "cancelled",
                                                    "interrupted"};
    if (std::find(known.begin(), known.end(), outcome) == known.end()) {
        throw Error(ErrorCode::invalidArgument,
                    "an outcome of a run that this server does not know");
    }
}

void checkSnapshot(std::string_view id) {
    const bool digits = id.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!digits || (!id.empty() && id.size() != snapshotDigits)) {
        throw Error(ErrorCode::invalidArgument, "an id of a snapshot that is none");
    }
}

std::int64_t runNumber(std::string_view text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size() || number <= 0) {
        throw Error(ErrorCode::invalidArgument, "a number of a run that is none");
    }
    return number;
}

void checkCount(CORBA::ULong count, CORBA::ULong most) {
    if (count > most) {
        throw Error(ErrorCode::limitExceeded,
                    std::to_string(count) + " runs at once; " + std::to_string(most) + " at most");
    }
}

}  // namespace

rpc::SettingMap boundedFacts(const Coffer::Settings& facts) {
    rpc::SettingMap bounded;
    std::size_t octets = 0;
    for (CORBA::ULong at = 0; at < std::min(facts.length(), mostSettings); ++at) {
        std::string name = cut(facts[at].name.in(), longestWord);
        std::string value = cut(facts[at].value.in(), longestValue);
        octets += name.size() + value.size();
        if (octets > factOctets) break;
        bounded.insert_or_assign(std::move(name), std::move(value));
    }
    return bounded;
}

Coffer::RunProgressList boundedProgress(const Coffer::RunProgressList& news) {
    checkCount(news.length(), mostRuns);
    Coffer::RunProgressList bounded;
    bounded.length(news.length());
    for (CORBA::ULong at = 0; at < news.length(); ++at) bounded[at] = boundedProgress(news[at]);
    return bounded;
}

std::vector<std::int64_t> boundedRuns(const Coffer::Strings& numbers) {
    checkCount(numbers.length(), mostNumbers);
    std::vector<std::int64_t> runs(numbers.length());
    for (CORBA::ULong at = 0; at < numbers.length(); ++at) {
        runs[at] = runNumber(static_cast<const char*>(numbers[at]));
    }
    return runs;
}

Coffer::RunResult boundedResult(const Coffer::RunResult& result) {
    checkOutcome(result.outcome.in());
    checkSnapshot(result.snapshot.in());
    Coffer::RunResult bounded;
    bounded.run = result.run;
    bounded.attempt = result.attempt;
    bounded.outcome = result.outcome;
    bounded.message = cutString(result.message, longestMessage);
    bounded.snapshot = result.snapshot;
    bounded.counts = boundedSettings(result.counts);
    bounded.problems = boundedProblems(result.problems);
    return bounded;
}

}  // namespace coffer
