#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "management_server/check/certificate_check.h"
#include "management_server/check/clock_check.h"
#include "management_server/check/permission_check.h"
#include "management_server/check/space_check.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t gib = 1 << 30;
constexpr std::int64_t day = 86'400;
constexpr Timestamp now{1'700'000'000, 0};

TEST(SpaceCheck, NamesADiskThatIsFillingUp) {
    const auto level = [](std::uint64_t free, std::uint64_t total) {
        return checkSpace("space", "/srv", {free, total}).level;
    };
    EXPECT_EQ(level(100 * gib, 1'000 * gib), FindingLevel::ok);
    EXPECT_EQ(level(40 * gib, 1'000 * gib), FindingLevel::warning);
    EXPECT_EQ(level(2 * gib, 10 * gib), FindingLevel::ok);
    EXPECT_EQ(level(900 * mib, 10 * gib), FindingLevel::warning);
    EXPECT_EQ(level(200 * mib, 10 * gib), FindingLevel::error);
    const Finding full = checkSpace("space", "/srv", {0, gib});
    EXPECT_NE(full.advice.find("prune"), std::string::npos);
    EXPECT_NE(full.text.find("/srv"), std::string::npos);
}

TEST(ClockCheck, NamesAClockThatJumped) {
    const auto check = [](std::int64_t event, std::int64_t file) {
        return checkClock(now, Timestamp{now.seconds + event, 0}, Timestamp{now.seconds + file, 0});
    };
    EXPECT_EQ(check(-10, 0).level, FindingLevel::ok);
    EXPECT_EQ(check(30, 30).level, FindingLevel::ok);
    EXPECT_EQ(check(120, 0).level, FindingLevel::error);
    EXPECT_NE(check(120, 0).text.find("2 minutes before the last event"), std::string::npos);
    EXPECT_EQ(check(0, 3 * day).level, FindingLevel::error);
    EXPECT_EQ(check(-400 * day, -500 * day).level, FindingLevel::warning);
    EXPECT_EQ(checkClock(now, {}, {}).level, FindingLevel::ok);
}

TEST(CertificateCheck, NamesOneThatEnds) {
    const Validity validity{{now.seconds - 90 * day, 0}, {now.seconds, 0}};
    const auto level = [&](std::int64_t seconds) {
        return checkCertificate("c", validity, {now.seconds + seconds, 0}, 25 * day, "renew").level;
    };
    EXPECT_EQ(level(-30 * day), FindingLevel::ok);
    EXPECT_EQ(level(-20 * day), FindingLevel::warning);
    EXPECT_EQ(level(0), FindingLevel::error);
    EXPECT_EQ(level(-91 * day), FindingLevel::error);
}

TEST(CertificateCheck, NamesAgentsThatCannotAttach) {
    const Timestamp later{now.seconds + 60 * day, 0};
    EXPECT_EQ(checkAgentCertificates({}, now).level, FindingLevel::ok);
    EXPECT_EQ(checkAgentCertificates({{"good", later}}, now).level, FindingLevel::ok);
    const Finding soon = checkAgentCertificates({{"soon", Timestamp{now.seconds + day, 0}}}, now);
    EXPECT_EQ(soon.level, FindingLevel::warning);
    EXPECT_NE(soon.text.find("soon"), std::string::npos);
    const Finding gone = checkAgentCertificates({{"good", later}, {"gone", {}}}, now);
    EXPECT_EQ(gone.level, FindingLevel::warning);
    EXPECT_NE(gone.text.find("gone"), std::string::npos);
    EXPECT_EQ(gone.text.find("good"), std::string::npos);
    EXPECT_NE(gone.advice.find("--same-keys"), std::string::npos);
}

TEST(CertificateCheck, NamesAgentsWhoseCertificatesDoNotHoldYet) {
    const auto check = [](std::int64_t issued, std::optional<Timestamp> seen) {
        const std::int64_t ends = now.seconds + issued + 365 * day;
        return checkAgentCertificates({{"early", Timestamp{ends, 0}, seen}}, now);
    };
    EXPECT_EQ(check(3'600, {}).level, FindingLevel::ok);
    const Finding found = check(3'601, {});
    EXPECT_EQ(found.level, FindingLevel::warning);
    EXPECT_NE(found.text.find("do not hold yet: early"), std::string::npos);
    EXPECT_NE(found.advice.find("--same-keys"), std::string::npos);
    // It attaches, so it has another one.
    EXPECT_EQ(check(3'601, Timestamp{now.seconds - 60, 0}).level, FindingLevel::ok);
    EXPECT_EQ(check(3'601, Timestamp{now.seconds + 60, 0}).level, FindingLevel::warning);
    EXPECT_EQ(check(3'601, Timestamp{now.seconds - 2 * day, 0}).level, FindingLevel::warning);
}

class PermissionCheck : public testing::Test {
  protected:
    PermissionCheck() {
        fs::create_directories(folder / "state/scratch");
        for (const char* path : {"state", "state/scratch"}) {
            fs::permissions(folder / path, fs::perms::owner_all);
        }
        file("state/server.db", fs::perms::owner_read | fs::perms::owner_write);
    }

    void file(const std::string& path, fs::perms mode) {
        std::ofstream(folder / path) << "x";
        fs::permissions(folder / path, mode);
    }

    Finding check() { return checkPermissions(folder / "state", {folder / "state/scratch"}); }

    ScratchFolder folder;
    const fs::perms open = fs::perms::owner_read | fs::perms::others_read;
};

TEST_F(PermissionCheck, NamesFilesThatOthersMayUse) {
    EXPECT_EQ(check().level, FindingLevel::ok);
    file("state/scratch/restored", open);  // whatever a rehearsal makes
    EXPECT_EQ(check().level, FindingLevel::ok);
    file("state/authority.key", open);
    const Finding found = check();
    EXPECT_EQ(found.level, FindingLevel::error);
    EXPECT_NE(found.text.find("authority.key (0404)"), std::string::npos) << found.text;
    fs::remove(folder / "state/authority.key");
    fs::permissions(folder / "state", fs::perms::all);
    EXPECT_EQ(check().level, FindingLevel::error);
}

TEST_F(PermissionCheck, NamesSecretsThatOthersMayRead) {
    file("secret", fs::perms::owner_read);
    EXPECT_EQ(checkSecretFile("mail.password-file", folder / "secret").level, FindingLevel::ok);
    std::filesystem::create_symlink(folder / "secret", folder / "link");
    EXPECT_EQ(checkSecretFile("mail.password-file", folder / "link").level, FindingLevel::ok);
    fs::permissions(folder / "secret", open);
    EXPECT_EQ(checkSecretFile("mail.password-file", folder / "secret").level, FindingLevel::error);
    EXPECT_THROW(checkSecretFile("mail.password-file", folder / "none"), Error);
}

}  // namespace
}  // namespace coffer
