#include "management_server/access/second_factors.h"

#include "management_server/access/totp.h"
#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

struct Factors : UsersFixture {
    Bytes secret;
    std::vector<std::string> recovery;

    std::string code() { return oneTimeCode(secret, codeStep(clock.now())); }
    void turnOn() {
        clock.advance(1'700'000'000);
        secret = factors.begin("ann");
        recovery = factors.confirm("ann", code());
    }
};

TEST_F(Factors, CountOnceTheyAreConfirmed) {
    clock.advance(1'700'000'000);
    EXPECT_FALSE(factors.isOn("ann"));
    secret = factors.begin("ann");
    EXPECT_FALSE(factors.isOn("ann"));
    EXPECT_FALSE(factors.use("ann", code()));
    expectError(ErrorCode::permissionDenied, [&] { factors.confirm("ann", "000000"); });
    EXPECT_EQ(factors.confirm("ann", code()).size(), 10U);
    EXPECT_TRUE(factors.isOn("ann"));
    expectError(ErrorCode::conflict, [&] { factors.begin("ann"); });
    expectError(ErrorCode::notFound, [&] { factors.confirm("ann", code()); });
    expectError(ErrorCode::notFound, [&] { factors.confirm("bob", code()); });
}

TEST_F(Factors, TakeACodeOnce) {
    turnOn();
    EXPECT_FALSE(factors.use("ann", code()));  // it has confirmed
    clock.advance(30);
    const std::string fresh = code();
    EXPECT_TRUE(factors.use("ann", fresh));
    EXPECT_FALSE(factors.use("ann", fresh));
    SecondFactors again(database, clock);  // also after a restart
    EXPECT_FALSE(again.use("ann", fresh));
    clock.advance(30);
    EXPECT_FALSE(again.use("ann", fresh));
    EXPECT_TRUE(again.use("ann", code()));
}

TEST_F(Factors, TakeARecoveryCodeOnce) {
    turnOn();
    EXPECT_TRUE(factors.use("ann", recovery[3]));
    EXPECT_FALSE(factors.use("ann", recovery[3]));
    EXPECT_TRUE(factors.use("ann", recovery[4]));
    EXPECT_FALSE(factors.use("bob", recovery[5]));
    EXPECT_FALSE(factors.use("ann", ""));
}

TEST_F(Factors, GoAndComeAnew) {
    turnOn();
    factors.remove("ann");
    EXPECT_FALSE(factors.isOn("ann"));
    EXPECT_FALSE(factors.use("ann", recovery[0]));
    const Bytes before = secret;
    turnOn();
    EXPECT_NE(secret, before);
}

}  // namespace
}  // namespace coffer
