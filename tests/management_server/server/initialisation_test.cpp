#include "management_server/server/initialisation.h"

#include <filesystem>

#include "management_server/access/audit_log.h"
#include "management_server/access/totp.h"
#include "tests/management_server/server/server_fixture.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

class Initialisation : public ServerFixture {
  protected:
    std::optional<User> admin() {
        ServerDatabase database(state.databaseFile());
        return UserTable(database, clock, hasher).verify("admin", password);
    }

    void breakOff() {
        EXPECT_THROW(coffer::initialise(
                         state, {"127.0.0.1:0", {"localhost"}}, hasher, clock,
                         [](const std::string&) { throw Error(ErrorCode::ioError, "no paper"); }),
                     Error);
    }
};

TEST_F(Initialisation, makesAllThatAServerNeeds) {
    expectError(
        ErrorCode::notFound, [&] { state.require(); }, "init");
    const std::string fingerprint = initialise();
    state.require();
    EXPECT_EQ(CertificateAuthority::load(state.path(), clock).fingerprint(), fingerprint);
    EXPECT_EQ(factsOf(readTextFile(state.certificateFile())).role, Role::server);
    EXPECT_NE(state.storeKey(), SecretKey());
    const auto user = admin();
    ASSERT_TRUE(user);
    EXPECT_TRUE(user->mustChange);
    const ServerSettings settings = ServerSettings::read({state.settingsFile()});
    EXPECT_EQ(settings.listen.text(), "127.0.0.1:0");
    EXPECT_EQ(settings.hosts, std::vector<std::string>{"localhost"});
}

TEST_F(Initialisation, keepsSecretsFromOthers) {
    initialise();
    for (const auto& entry : fs::recursive_directory_iterator(state.path())) {
        const auto open =
            entry.status().permissions() & (fs::perms::group_all | fs::perms::others_all);
        EXPECT_EQ(open, fs::perms::none) << entry.path();
    }
    EXPECT_EQ(fs::status(state.path()).permissions(), fs::perms::owner_all);
}

TEST_F(Initialisation, isDoneOnce) {
    initialise();
    const std::string authority = readTextFile(state.authorityFile());
    const std::string first = password;
    expectError(
        ErrorCode::alreadyExists, [&] { initialise(); }, "reset-password");
    EXPECT_EQ(readTextFile(state.authorityFile()), authority);
    EXPECT_EQ(password, first);
}

TEST_F(Initialisation, thatWasCutShortIsDoneAgain) {
    breakOff();
    const std::string authority = readTextFile(state.authorityFile());
    const SecretKey key = state.storeKey();
    initialise();
    EXPECT_TRUE(admin());
    EXPECT_EQ(readTextFile(state.authorityFile()), authority);
    EXPECT_EQ(state.storeKey(), key);
}

TEST_F(Initialisation, leavesSettingsThatAreThere) {
    state.make();
    writePrivateFile(state.settingsFile(), "[log]\nlevel = debug\n");
    initialise();
    const ServerSettings settings = ServerSettings::read({state.settingsFile()});
    EXPECT_EQ(settings.log.level, LogLevel::debug);
    EXPECT_EQ(settings.listen.text(), "127.0.0.1:0");
}

TEST_F(Initialisation, refusesWhatIsNoAddress) {
    for (const char* listen : {"localhost:port", "a b:1", "[::1"}) {
        expectError(ErrorCode::invalidArgument, [&] { initialise({listen, {}}); });
    }
    for (const char* host : {"", "a b", "x,y", "host:1", "a\nb"}) {
        expectError(ErrorCode::invalidArgument, [&] { initialise({"", {host}}); });
    }
    EXPECT_FALSE(fs::exists(state.authorityFile()));
    initialise({"", {"backup.example", "192.0.2.7", "2001:db8::7"}});
}

TEST_F(Initialisation, waitsForNobody) {
    state.make();
    const FileLock lock = state.lock();
    expectError(ErrorCode::busy, [&] { initialise(); });
    EXPECT_FALSE(fs::exists(state.authorityFile()));
}

TEST_F(Initialisation, aPasswordCanBeReset) {
    const auto reset = [&](const std::string& user) {
        resetPassword(state, user, hasher, clock,
                      [this](const std::string& text) { password = text; });
    };
    expectError(ErrorCode::notFound, [&] { reset("admin"); });
    initialise();
    const std::string before = password;
    reset("admin");
    EXPECT_NE(password, before);
    const auto user = admin();
    ASSERT_TRUE(user);
    EXPECT_TRUE(user->mustChange);
    expectError(
        ErrorCode::notFound, [&] { reset("nobody"); }, "nobody");
    const FileLock lock = state.lock();
    expectError(ErrorCode::busy, [&] { reset("admin"); });
}

TEST_F(Initialisation, aNewPasswordOpensForWhoWasShutOut) {
    initialise();
    {
        ServerDatabase database(state.databaseFile());
        UserTable users(database, clock, hasher);
        Permissions permissions(database);
        users.add("other", goodPassword, false);
        permissions.add("user:other", {UserRole::administrator});
        permissions.setEnabled("admin", false);
        SecondFactors factors(database, clock);
        factors.confirm("admin", oneTimeCode(factors.begin("admin"), codeStep(clock.now())));
    }
    resetPassword(state, "admin", hasher, clock,
                  [this](const std::string& text) { password = text; });
    ServerDatabase database(state.databaseFile());
    const UserTable users(database, clock, hasher);
    EXPECT_TRUE(users.verify("admin", password));
    EXPECT_FALSE(SecondFactors(database, clock).isOn("admin"));
    EXPECT_TRUE(allowed(Permissions(database).of("admin"), Right::manageAccess, {}));
    EXPECT_EQ(AuditLog(database, clock, {}).after(0, 10).at(0).user, "coffer-server");
}

TEST_F(Initialisation, aDamagedStoreKeyIsToldWithoutItsContent) {
    initialise();
    writePrivateFile(state.storeKeyFile(), "0123456789abcdef secret");
    const auto error = errorOf([&] { state.storeKey(); });
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code(), ErrorCode::corrupt);
    EXPECT_EQ(std::string(error->what()).find("0123"), std::string::npos);
}

}  // namespace
}  // namespace coffer
