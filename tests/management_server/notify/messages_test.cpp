#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "core/console/json.h"
#include "management_server/notify/mail_text.h"
#include "management_server/notify/secret_file.h"
#include "management_server/notify/syslog_line.h"
#include "management_server/notify/webhook_body.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

Notification late() {
    return {{.number = 7,
             .time = {1'700'000'000, 5},
             .kind = "source-late",
             .subject = "laptop",
             .text = "laptop:/home to main is late: because",
             .more = {{"action", "start a backup"}, {"odd", "\xff"}}},
            Severity::warning};
}

TEST(WebhookBody, IsJson) {
    const Json body = Json::parse(webhookBody(late(), "https://panel.example"));
    EXPECT_EQ(body["number"], 7);
    EXPECT_EQ(body["time"], "2023-11-14T22:13:20Z");
    EXPECT_EQ(body["kind"], "source-late");
    EXPECT_EQ(body["severity"], "warning");
    EXPECT_EQ(body["subject"], "laptop");
    EXPECT_EQ(body["more"]["action"], "start a backup");
    EXPECT_EQ(body["more"]["odd"], "\\xff");
    EXPECT_EQ(body["panel"], "https://panel.example");
    EXPECT_FALSE(Json::parse(webhookBody(late(), "")).contains("panel"));
}

// printf '1700000000.{}' | openssl dgst -sha256 -hmac 'a secret of a test'
TEST(WebhookBody, IsSignedWithItsTime) {
    EXPECT_EQ(webhookSignature("a secret of a test", 1'700'000'000, "{}"),
              "sha256=22bc493f8e8f8fd1c9cb385a0d6e8e157afe0d6208ed8cc563ab7984d8363c81");
    EXPECT_NE(webhookSignature("s", 1, "{}"), webhookSignature("s", 2, "{}"));
    EXPECT_NE(webhookSignature("s", 1, "{}"), webhookSignature("t", 1, "{}"));
}

TEST(SyslogLine, IsOfRfc5424) {
    EXPECT_EQ(syslogLine(late(), "host 1\n"),
              "<28>1 2023-11-14T22:13:20Z host?1? coffer-server - source-late - "
              "\xEF\xBB\xBFlaptop:/home to main is late: because");
    Notification odd = late();
    odd.severity = Severity::critical;
    odd.event.kind = std::string(50, 'k') + " ";
    EXPECT_EQ(syslogLine(odd, "").substr(0, 71),
              "<26>1 2023-11-14T22:13:20Z - coffer-server - " + std::string(26, 'k'));
    EXPECT_EQ(localSyslogLine(late()),
              "<28>coffer-server: source-late laptop:/home to main is late: because");
}

TEST(MailText, NamesTheWorstAndAll) {
    Notification other = late();
    other.event.text = "pack 1 is damaged";
    other.severity = Severity::critical;
    const MailText mail =
        mailAbout(std::vector<Notification>{late(), other}, "https://panel.example");
    EXPECT_EQ(mail.subject, "Coffer: pack 1 is damaged and 1 more");
    EXPECT_NE(mail.body.find("is late: because\nWhat to do: start a backup"), std::string::npos);
    EXPECT_NE(mail.body.find("pack 1 is damaged"), std::string::npos);
    EXPECT_NE(mail.body.find("https://panel.example/"), std::string::npos);
}

TEST(MailText, SubjectsAreShort) {
    Notification other = late();
    other.event.text = std::string(119, 'a') + "\xC3\xA4\xC3\xA4";
    EXPECT_EQ(mailAbout(std::vector<Notification>{other}, "").subject,
              "Coffer: " + std::string(119, 'a') + "...");
}

StatusReport report() {
    StatusReport report;
    report.time = {1'700'000'000, 0};
    const auto add = [&](const char* agent, SourceState state) -> SourceStatus& {
        SourceStatus source;
        source.facts.name = {agent, "main", {"/home"}};
        source.verdict = {state, "why", ""};
        report.components.add(agent, state);
        return report.sources.emplace_back(source);
    };
    add("ann", SourceState::late);
    add("bob", SourceState::safe).facts.lastSuccess = Timestamp{1'699'999'000, 0};
    return report;
}

TEST(MailText, TheDigestIsATable) {
    StatusReport two = report();
    two.uncovered.push_back({"ann", {"ext4", 1'048'576, "/srv"}});
    const MailText mail = digestOf(two, "");
    EXPECT_EQ(mail.subject, "Coffer: 1 of 2 sources not protected");
    EXPECT_NE(mail.body.find("late       ann:/home"), std::string::npos) << mail.body;
    EXPECT_NE(mail.body.find("protected  bob:/home"), std::string::npos) << mail.body;
    EXPECT_NE(mail.body.find("ann:/srv (ext4, 1.00 MiB)"), std::string::npos) << mail.body;
    EXPECT_EQ(digestOf({}, "").subject, "Coffer: all is protected, 0 sources");
}

TEST(MailText, TheDigestIsBounded) {
    StatusReport many = report();
    many.sources.resize(10'000, many.sources.front());
    EXPECT_LT(digestOf(many, "").body.size(), 200'000U);
    EXPECT_NE(digestOf(many, "").body.find("and 9500 more"), std::string::npos);
}

TEST(MailText, ADigestIsDueFromItsMinuteOn) {
    const std::int64_t day = 86'400;
    const std::int64_t seven = 7 * 3'600;
    EXPECT_EQ(digestDay({10 * day + seven, 0}, 0, 420), 10);
    EXPECT_EQ(digestDay({10 * day + seven - 1, 0}, 0, 420), 9);
    EXPECT_EQ(digestDay({10 * day + seven - 3'600, 0}, 3'600, 420), 10);
    EXPECT_EQ(digestDay({10 * day, 0}, -3'600, 0), 9);
    EXPECT_EQ(digestDay({10 * day - 1, 0}, 0, 0), 9);
}

TEST(SecretFile, IsForItsOwnerAlone) {
    const ScratchFolder folder;
    const auto write = [&](const std::string& text, std::filesystem::perms mode) {
        std::ofstream(folder / "secret") << text;
        std::filesystem::permissions(folder / "secret", mode);
        return folder / "secret";
    };
    using std::filesystem::perms;
    constexpr perms own = perms::owner_read | perms::owner_write;
    EXPECT_EQ(readSecretFile(write("word \n", own)), "word ");
    expectError(ErrorCode::permissionDenied,
                [&] { readSecretFile(write("word\n", own | perms::group_read)); });
    expectError(ErrorCode::permissionDenied,
                [&] { readSecretFile(write("word\n", own | perms::others_read)); });
    expectError(ErrorCode::invalidArgument, [&] { readSecretFile(write("\n", own)); });
    expectError(ErrorCode::invalidArgument, [&] { readSecretFile(write("a\nb\n", own)); });
    expectError(ErrorCode::invalidArgument,
                [&] { readSecretFile(write(std::string(1'025, 'a'), own)); });
    expectError(ErrorCode::notFound, [&] { readSecretFile(folder / "absent"); });
}

}  // namespace
}  // namespace coffer
