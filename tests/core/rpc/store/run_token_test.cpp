#include "core/rpc/store/run_token.h"

#include <gtest/gtest.h>

#include "core/base/random.h"
#include "tests/support/expect_error.h"

namespace coffer::rpc {
namespace {

struct RunTokenTest : testing::Test {
    RunGrant grant() const {
        RunGrant made;
        made.kind = RunGrant::Kind::restore;
        made.run = -3;
        made.attempt = 12;
        made.repository = "main";
        made.agent = "agent-1";
        made.agentId = randomId<AgentId>();
        made.snapshot = "0123";
        made.paths = {"/a", "/\xff"};
        made.tags = {"one", "two"};
        made.expires = {clock.now().seconds + 60, 5};
        return made;
    }

    ManualClock clock;
    RunTokens tokens{SecretKey::random(), clock};
};

TEST_F(RunTokenTest, SaysWhatItWasMadeFor) {
    const RunGrant made = grant();
    const RunGrant read = tokens.check(tokens.issue(made));
    EXPECT_EQ(read.kind, made.kind);
    EXPECT_EQ(read.run, made.run);
    EXPECT_EQ(read.attempt, made.attempt);
    EXPECT_EQ(read.repository, made.repository);
    EXPECT_EQ(read.agent, made.agent);
    EXPECT_EQ(read.agentId, made.agentId);
    EXPECT_EQ(read.snapshot, made.snapshot);
    EXPECT_EQ(read.paths, made.paths);
    EXPECT_EQ(read.tags, made.tags);
    EXPECT_EQ(read.expires, made.expires);
}

TEST_F(RunTokenTest, EndsAtItsTime) {
    const Bytes token = tokens.issue(grant());
    clock.advance(60);
    tokens.check(token);
    clock.advance(1);
    expectError(
        ErrorCode::permissionDenied, [&] { tokens.check(token); }, "expired");
}

TEST_F(RunTokenTest, NoOctetCanBeChanged) {
    const Bytes token = tokens.issue(grant());
    for (std::size_t i = 0; i < token.size(); ++i) {
        Bytes changed = token;
        changed[i] ^= 1;
        expectError(ErrorCode::permissionDenied, [&] { tokens.check(changed); });
    }
}

TEST_F(RunTokenTest, NeitherCutNorLengthened) {
    const Bytes token = tokens.issue(grant());
    for (std::size_t length = 0; length < token.size(); ++length) {
        expectError(ErrorCode::permissionDenied,
                    [&] { tokens.check(ByteView(token).first(length)); });
    }
    Bytes longer = token;
    longer.push_back(0);
    expectError(ErrorCode::permissionDenied, [&] { tokens.check(longer); });
    expectError(
        ErrorCode::permissionDenied, [&] { tokens.check(Bytes(5U << 20)); }, "length");
}

TEST_F(RunTokenTest, OfAnotherServerIsRefused) {
    const RunTokens others(SecretKey::random(), clock);
    expectError(ErrorCode::permissionDenied, [&] { tokens.check(others.issue(grant())); });
}

TEST_F(RunTokenTest, TooManyPathsAreRefusedWhenItIsMade) {
    RunGrant made = grant();
    made.paths.assign(5, "/" + std::string(1'000'000, 'x'));
    expectError(ErrorCode::limitExceeded, [&] { tokens.issue(made); });
    made.paths.resize(4);
    EXPECT_EQ(tokens.check(tokens.issue(made)).paths, made.paths);
}

}  // namespace
}  // namespace coffer::rpc
