#include "management_server/agents/agent_bounds.h"

#include <gtest/gtest.h>

#include "tests/support/expect_error.h"

namespace coffer {
namespace {

Coffer::Settings manySettings(CORBA::ULong count, std::size_t length) {
    Coffer::Settings settings;
    settings.length(count);
    for (CORBA::ULong at = 0; at < count; ++at) {
        settings[at].name = ("n" + std::to_string(at)).c_str();
        settings[at].value = std::string(length, 'v').c_str();
    }
    return settings;
}

Coffer::RunResult goodResult() {
    Coffer::RunResult result;
    result.run = 7;
    result.attempt = 2;
    result.outcome = "succeeded";
    result.message = "well";
    result.snapshot = std::string(32, 'a').c_str();
    result.counts = manySettings(2, 3);
    result.problems.length(1);
    result.problems[0].where = rpc::toPath("/a");
    result.problems[0].code = "io-error";
    result.problems[0].message = "no";
    return result;
}

TEST(AgentBounds, LeaveWhatIsInBoundsAsItIs) {
    EXPECT_EQ(boundedFacts(manySettings(3, 5)), rpc::toMap(manySettings(3, 5)));
    const Coffer::RunResult result = boundedResult(goodResult());
    EXPECT_EQ(result.run, 7);
    EXPECT_EQ(result.attempt, 2U);
    EXPECT_STREQ(result.outcome, "succeeded");
    EXPECT_STREQ(result.message, "well");
    EXPECT_EQ(std::string(result.snapshot), std::string(32, 'a'));
    EXPECT_EQ(result.counts.length(), 2U);
    ASSERT_EQ(result.problems.length(), 1U);
    EXPECT_EQ(rpc::textOf(result.problems[0].where), "/a");
    EXPECT_STREQ(result.problems[0].code, "io-error");
    EXPECT_STREQ(result.problems[0].message, "no");
}

TEST(AgentBounds, CutFacts) {
    EXPECT_EQ(boundedFacts(manySettings(10'000, 1)).size(), 64U);
    EXPECT_EQ(boundedFacts(manySettings(1, 1 << 20)).at("n0").size(), 1'024U);
    std::size_t octets = 0;
    for (const auto& [name, value] : boundedFacts(manySettings(64, 1'000))) {
        octets += name.size() + value.size();
    }
    EXPECT_LE(octets, 8U << 10);
    Coffer::Settings longName = manySettings(1, 1);
    longName[0].name = std::string(1'000, 'n').c_str();
    EXPECT_EQ(boundedFacts(longName).begin()->first.size(), 64U);
}

TEST(AgentBounds, CutBetweenCharacters) {
    std::string text = "x";
    while (text.size() < 2'000) text += "\xc3\xa4";
    Coffer::Settings settings = manySettings(1, 1);
    settings[0].value = text.c_str();
    EXPECT_EQ(boundedFacts(settings).at("n0"), text.substr(0, 1'023));
    settings[0].value = std::string(3'000, '\x80').c_str();  // no character at all
    EXPECT_EQ(boundedFacts(settings).at("n0"), "");
}

TEST(AgentBounds, CutProgress) {
    Coffer::RunProgressList news;
    news.length(2);
    news[1].run = 5;
    news[1].attempt = 3;
    news[1].phase = std::string(1'000, 'p').c_str();
    news[1].counts = manySettings(1'000, 10);
    const Coffer::RunProgressList bounded = boundedProgress(news);
    ASSERT_EQ(bounded.length(), 2U);
    EXPECT_EQ(bounded[1].run, 5);
    EXPECT_EQ(bounded[1].attempt, 3U);
    EXPECT_EQ(std::string(bounded[1].phase).size(), 64U);
    EXPECT_EQ(bounded[1].counts.length(), 64U);
    news.length(1'000);
    EXPECT_EQ(boundedProgress(news).length(), 1'000U);
    news.length(1'001);
    expectError(ErrorCode::limitExceeded, [&] { boundedProgress(news); });
}

TEST(AgentBounds, ReadNumbersOfRuns) {
    const auto runs = [](const std::vector<std::string>& texts) {
        return boundedRuns(rpc::toStrings(texts));
    };
    EXPECT_EQ(runs({"1", "9223372036854775807"}),
              (std::vector<std::int64_t>{1, 9'223'372'036'854'775'807}));
    for (const char* text : {"", "0", "-1", "1x", " 1", "9223372036854775808", "0x10"}) {
        expectError(ErrorCode::invalidArgument, [&] { runs({text}); });
    }
    Coffer::Strings many;
    many.length(100'001);
    expectError(ErrorCode::limitExceeded, [&] { boundedRuns(many); });
}

TEST(AgentBounds, CutResults) {
    Coffer::RunResult result = goodResult();
    result.message = std::string(100'000, 'm').c_str();
    result.counts = manySettings(1'000, 10);
    result.problems.length(5'000);
    result.problems[0].code = std::string(1'000, 'c').c_str();
    result.problems[0].message = std::string(100'000, 'm').c_str();
    const Coffer::RunResult bounded = boundedResult(result);
    EXPECT_EQ(std::string(bounded.message).size(), 2'000U);
    EXPECT_EQ(bounded.counts.length(), 64U);
    EXPECT_EQ(bounded.problems.length(), 2'000U);
    EXPECT_EQ(std::string(bounded.problems[0].code).size(), 64U);
    EXPECT_EQ(std::string(bounded.problems[0].message).size(), 2'000U);
}

TEST(AgentBounds, CutProblemsByTheirPaths) {
    Coffer::RunResult result = goodResult();
    result.problems.length(10);
    for (CORBA::ULong at = 0; at < 10; ++at) {
        result.problems[at].where = rpc::toPath("/" + std::string((1 << 20) - 1, 'd'));
    }
    EXPECT_EQ(boundedResult(result).problems.length(), 4U);
}

TEST(AgentBounds, RefuseResultsThatMakeNoSense) {
    Coffer::RunResult result = goodResult();
    for (const char* outcome : {"", "Succeeded", "running", "queued"}) {
        result.outcome = outcome;
        expectError(ErrorCode::invalidArgument, [&] { boundedResult(result); });
    }
    for (const char* outcome : {"succeeded", "warnings", "failed", "cancelled", "interrupted"}) {
        result.outcome = outcome;
        boundedResult(result);
    }
    for (const std::string& id : {std::string(31, 'a'), std::string(33, 'a'), std::string(32, 'A'),
                                  std::string(32, 'g'), std::string(1 << 20, 'a')}) {
        result.snapshot = id.c_str();
        expectError(ErrorCode::invalidArgument, [&] { boundedResult(result); });
    }
    result.snapshot = "";
    boundedResult(result);
}

}  // namespace
}  // namespace coffer
