#include "management_server/access/user_table.h"

#include <set>

#include "tests/management_server/access/access_fixture.h"

namespace coffer {
namespace {

struct Users : UsersFixture {};

/// "ann" is administrator, "bob" a user.
struct TwoUsers : UsersFixture {
    TwoUsers() {
        users.add("bob", goodPassword, false);
        permissions.add("user:ann", {UserRole::administrator});
    }
};

TEST_F(Users, AreKnownByTheirPassword) {
    const auto ann = users.verify("ann", goodPassword);
    ASSERT_TRUE(ann);
    EXPECT_EQ(ann->name, "ann");
    EXPECT_FALSE(ann->mustChange);
    EXPECT_FALSE(users.verify("ann", "another password"));
    EXPECT_FALSE(users.verify("ann", ""));
    EXPECT_FALSE(users.verify("Ann", goodPassword));
}

TEST_F(Users, ThatAreNotThereCostTheSameWork) {
    hasher.compared = 0;
    EXPECT_FALSE(users.verify("ann", "another password"));
    EXPECT_EQ(hasher.compared, 1);
    EXPECT_FALSE(users.verify("nobody", "another password"));
    EXPECT_EQ(hasher.compared, 2);
    EXPECT_FALSE(users.verify(std::string(100'000, 'x'), "another password"));
    EXPECT_EQ(hasher.compared, 3);
}

TEST_F(Users, AreNotKnownByAnAbsurdPassword) {
    hasher.compared = 0;
    EXPECT_FALSE(users.verify("ann", std::string(1'025, 'x')));
    EXPECT_EQ(hasher.compared, 0);
}

TEST_F(Users, StayWithTheDatabase) {
    users.add("bob", goodPassword, true);
    const UserTable again(database, clock, hasher);
    const auto bob = again.verify("bob", goodPassword);
    ASSERT_TRUE(bob);
    EXPECT_TRUE(bob->mustChange);
    EXPECT_EQ(bob->made, clock.now());
}

TEST_F(Users, GetANewPassword) {
    clock.advance(10);
    users.setPassword("ann", "quite another one", true);
    EXPECT_FALSE(users.verify("ann", goodPassword));
    const auto ann = users.verify("ann", "quite another one");
    ASSERT_TRUE(ann);
    EXPECT_TRUE(ann->mustChange);
    EXPECT_EQ(ann->made + 10'000'000'000, ann->changed);
    expectError(ErrorCode::notFound, [&] { users.setPassword("nobody", goodPassword, false); });
}

TEST_F(Users, AreUnique) {
    expectError(ErrorCode::alreadyExists, [&] { users.add("ann", "quite another one", false); });
    expectError(ErrorCode::alreadyExists, [&] { users.add("Ann", "quite another one", false); });
    EXPECT_TRUE(users.verify("ann", goodPassword));
    EXPECT_TRUE(users.find("ann"));
    EXPECT_FALSE(users.find("nobody"));
}

TEST_F(Users, HaveDecentNames) {
    for (const char* name : {"a", "0", "Ann.B-c_9"}) users.add(name, goodPassword, false);
    users.add(std::string(64, 'n'), goodPassword, false);
    for (const char* name : {"", ".", "..", "-x", "_", "a b", "a/b", "a\n", "ä", "a:b"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { users.add(name, goodPassword, false); },
            "a user's name");
    }
    expectError(ErrorCode::invalidArgument,
                [&] { users.add(std::string(65, 'n'), goodPassword, false); });
}

TEST_F(Users, HaveDecentPasswords) {
    const auto refused = [&](const std::string& password) {
        expectError(ErrorCode::invalidArgument, [&] { users.setPassword("ann", password, false); });
    };
    refused("");
    refused("elevenchars");
    refused("\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4");  // six characters
    refused(std::string(1'025, 'x'));
    users.setPassword("ann", "twelve chars", false);
    std::string longest(1'024, 'x');
    longest.back() = 'y';
    users.setPassword("ann", longest, false);
    const std::string name = "Nebuchadnezzar";
    expectError(
        ErrorCode::invalidArgument, [&] { users.add(name, "nebuchadnezzaR", false); }, "name");
}

TEST_F(Users, DoNotHaveThePasswordsThatEverybodyTries) {
    for (const char* password :
         {"passwordpassword", "123456789012", "QwertyUiop123", "aaaaaaaaaaaa"}) {
        expectError(
            ErrorCode::invalidArgument, [&] { users.setPassword("ann", password, false); },
            "everybody");
    }
}

TEST_F(Users, HavePasswordsAsLongAsThePolicySays) {
    UserTable strict(database, clock, hasher, {.shortest = 20});
    expectError(
        ErrorCode::invalidArgument, [&] { strict.add("bob", "nineteen characters", false); },
        "20 characters");
    strict.add("bob", "twenty characters :-)", false);
}

TEST_F(TwoUsers, ThatAreDisabledAreNotKnown) {
    permissions.setEnabled("bob", false);
    EXPECT_FALSE(users.verify("bob", goodPassword));
    EXPECT_TRUE(users.find("bob")->disabled);
    permissions.setEnabled("bob", true);
    EXPECT_TRUE(users.verify("bob", goodPassword));
}

TEST_F(TwoUsers, AreListedByName) {
    std::vector<std::string> names;
    for (const User& user : users.list()) names.push_back(user.name);
    EXPECT_EQ(names, (std::vector<std::string>{"ann", "bob"}));
}

TEST(OneTimePassword, IsReadableAndLong) {
    std::set<std::string> seen;
    std::set<char> letters;
    for (int i = 0; i < 200; ++i) {
        const std::string password = makeOneTimePassword();
        ASSERT_EQ(password.size(), 24U);
        for (std::size_t at = 0; at < password.size(); ++at) {
            if (at % 5 == 4) {
                EXPECT_EQ(password[at], '-');
            } else {
                letters.insert(password[at]);
            }
        }
        seen.insert(password);
    }
    EXPECT_EQ(seen.size(), 200U);
    // 20 of 32 letters are 100 bits.
    EXPECT_EQ(letters.size(), 32U);
    for (const char mistaken : {'0', 'o', '1', 'l'}) EXPECT_FALSE(letters.contains(mistaken));
    checkNewPassword("admin", *seen.begin());
}

struct Argon : testing::Test {
    Argon2Hasher hasher{{.passes = 1, .memory = 8'192}};
};

TEST_F(Argon, KeepsNoPassword) {
    const std::string kept = hasher.hash(goodPassword);
    EXPECT_TRUE(kept.starts_with("$argon2id$")) << kept;
    EXPECT_EQ(kept.find(goodPassword), std::string::npos);
    EXPECT_NE(kept, hasher.hash(goodPassword));
    EXPECT_TRUE(hasher.matches(kept, goodPassword));
    EXPECT_FALSE(hasher.matches(kept, goodPassword + "x"));
    EXPECT_FALSE(hasher.matches(kept, ""));
}

TEST_F(Argon, RefusesDamagedHashes) {
    EXPECT_FALSE(hasher.matches("", goodPassword));
    EXPECT_FALSE(hasher.matches("$argon2id$nonsense", goodPassword));
    expectError(ErrorCode::corrupt, [&] { hasher.matches(std::string(500, 'x'), goodPassword); });
}

TEST(PasswordCost, IsWhatPeopleRecommend) {
    EXPECT_GE(PasswordCost{}.passes, 3U);
    EXPECT_GE(PasswordCost{}.memory, std::size_t{64} << 20);
}

TEST_F(Users, GetPasswordsByThePolicyOfTheMoment) {
    users.setPolicy({.shortest = 40});
    expectError(
        ErrorCode::invalidArgument, [&] { users.setPassword("ann", "sixteen letters!", false); },
        "40");
    users.setPolicy({.shortest = 12});
    users.setPassword("ann", "sixteen letters!", false);
}

}  // namespace
}  // namespace coffer
