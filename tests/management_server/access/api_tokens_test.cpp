#include "management_server/access/api_tokens.h"

#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

constexpr std::int64_t day = 86'400;

struct Tokens : UsersFixture {
    std::vector<Grant> grants = {{UserRole::operating, "", {"laptop"}}};

    Timestamp in(std::int64_t seconds) {
        Timestamp time = clock.now();
        time.seconds += seconds;
        return time;
    }
    std::string make(std::int64_t days = 30) {
        return tokens.make("ann", "nightly", in(days * day), grants);
    }
};

TEST_F(Tokens, AreKnownToTheirUserAlone) {
    const std::string token = make();
    EXPECT_TRUE(token.starts_with(ApiTokens::prefix));
    clock.advance(5);
    const auto used = tokens.use("ann", token);
    ASSERT_TRUE(used);
    EXPECT_EQ(used->title, "nightly");
    EXPECT_EQ(used->grants, grants);
    EXPECT_FALSE(tokens.use("bob", token));
    EXPECT_FALSE(tokens.use("ann", token + "0"));
    std::string other = token;
    other.back() = other.back() == '0' ? '1' : '0';
    EXPECT_FALSE(tokens.use("ann", other));
    EXPECT_EQ(tokens.list().at(0).used, clock.now());
}

TEST_F(Tokens, AreNotKept) {
    const std::string token = make();
    database.read([&](SqlDatabase& db) {
        SqlStatement row = db.prepare("SELECT hash, id || user || title FROM api_tokens");
        ASSERT_TRUE(row.step());
        EXPECT_EQ(toHex(row.blob(0)).find(token.substr(30)), std::string::npos);
    });
}

TEST_F(Tokens, End) {
    const std::string token = make(1);
    clock.advance(day - 1);
    EXPECT_TRUE(tokens.use("ann", token));
    clock.advance(1);
    EXPECT_FALSE(tokens.use("ann", token));
}

TEST_F(Tokens, AreTakenBack) {
    const std::string token = make();
    const std::string id = tokens.list().at(0).id;
    EXPECT_EQ(tokens.get(id).user, "ann");
    tokens.remove(id);
    EXPECT_FALSE(tokens.use("ann", token));
    expectError(ErrorCode::notFound, [&] { tokens.remove(id); });
}

TEST_F(Tokens, AreBounded) {
    const auto refused = [&](ErrorCode code, const std::string& user, const std::string& title,
                             std::int64_t seconds, const std::vector<Grant>& what) {
        expectError(code, [&] { tokens.make(user, title, in(seconds), what); });
    };
    refused(ErrorCode::notFound, "nobody", "x", day, grants);
    refused(ErrorCode::invalidArgument, "ann", std::string(101, 'x'), day, grants);
    refused(ErrorCode::invalidArgument, "ann", "a\nb", day, grants);
    refused(ErrorCode::invalidArgument, "ann", "x", 0, grants);
    refused(ErrorCode::invalidArgument, "ann", "x", 401 * day, grants);
    refused(ErrorCode::invalidArgument, "ann", "x", day, {});
    refused(ErrorCode::invalidArgument, "ann", "x", day, std::vector<Grant>(21));
    for (int i = 0; i < 100; ++i) make();
    refused(ErrorCode::limitExceeded, "ann", "x", day, grants);
}

}  // namespace
}  // namespace coffer
