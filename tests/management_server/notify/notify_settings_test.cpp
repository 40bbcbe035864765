#include "management_server/notify/notify_settings.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {
namespace {

class NotifySettingsTest : public testing::Test {
  protected:
    NotifySettings read(const std::string& text) {
        std::ofstream(folder / "ini") << text;
        return NotifySettings::read(SettingsFile(folder / "ini", NotifySettings::rules()));
    }

    ScratchFolder folder;
    const std::string mail = "[mail]\nserver = mail.example\nfrom = a@b\nto = c@d, e@f\n";
};

TEST_F(NotifySettingsTest, NothingIsSentUnlessSomebodySaysSo) {
    const NotifySettings settings = read("");
    EXPECT_FALSE(settings.mail);
    EXPECT_FALSE(settings.webhook);
    EXPECT_FALSE(settings.syslog);
}

TEST_F(NotifySettingsTest, AreRead) {
    const NotifySettings settings =
        read("[panel]\nurl = https://panel.example/x/\n[notify]\ngive-up-hours = 2\n" + mail +
             "user = u\npassword-file = /p\ndigest-at = 18:05\n"
             "[webhook]\nurls = https://a.example/x?y=1, http://127.0.0.1:80/\nsecret-file = /s\n"
             "least = error\n[syslog]\nto = tcp:log.example:601\nleast = warning\n");
    EXPECT_EQ(settings.panelUrl, "https://panel.example/x");
    EXPECT_EQ(settings.giveUpSeconds, 7'200);
    ASSERT_TRUE(settings.mail);
    EXPECT_EQ(settings.mail->server.text(), "mail.example:587");
    EXPECT_EQ(settings.mail->security, MailSecurity::startTls);
    EXPECT_EQ(settings.mail->to, (std::vector<std::string>{"c@d", "e@f"}));
    EXPECT_EQ(settings.mail->digestMinute, 18 * 60 + 5);
    ASSERT_TRUE(settings.webhook);
    EXPECT_EQ(settings.webhook->urls.size(), 2U);
    EXPECT_EQ(settings.webhook->least, Severity::error);
    ASSERT_TRUE(settings.syslog);
    EXPECT_EQ(settings.syslog->least, Severity::warning);
}

TEST_F(NotifySettingsTest, ThatMakeNoSenseAreRefusedByName) {
    for (const auto& [text, name] : std::vector<std::pair<std::string, std::string>>{
             {"[panel]\nurl = javascript:x\n", "panel.url"},
             {"[notify]\ngive-up-hours = 0\n", "notify.give-up-hours"},
             {mail + "security = none\n", "mail.security"},
             {mail + "security = maybe\n", "mail.security"},
             {mail + "user = u\n", "mail.password-file"},
             {mail + "digest-at = 7\n", "mail.digest-at"},
             {mail + "digest-at = 24:00\n", "mail.digest-at"},
             {"[mail]\nserver = m\nto = c@d\n", "mail.from"},
             {"[mail]\nserver = m\nfrom = a@b\n", "mail.to"},
             {"[mail]\nserver = m\nfrom = a@b\nto = \"Ann\" <c@d>\n", "mail.to"},
             {"[mail]\nserver = m\nfrom = a@b@c\nto = c@d\n", "mail.from"},
             {"[mail]\nfrom = nobody\n", "mail.from"},
             {"[mail]\nto = c@d, nobody\n", "mail.to"},
             {"[webhook]\nurls = http://elsewhere.example/\nsecret-file = /s\n", "webhook.urls"},
             {"[webhook]\nurls = ftp://127.0.0.1/\nsecret-file = /s\n", "webhook.urls"},
             {"[webhook]\nurls = https://u:p@a.example/\nsecret-file = /s\n", "webhook.urls"},
             {"[webhook]\nurls = https://a.example/\n", "webhook.secret-file"},
             {"[webhook]\nurls = https://a.example/\nsecret-file = /s\nleast = x\n",
              "webhook.least"},
             {"[syslog]\nto = log.example\n", "syslog.to"},
             {"[syslog]\nto = udp:log.example:x\n", "syslog.to"},
         }) {
        const auto error = errorOf([&] { read(text); });
        ASSERT_TRUE(error) << text;
        EXPECT_EQ(error->code(), ErrorCode::invalidArgument);
        EXPECT_NE(std::string(error->what()).find(name), std::string::npos) << error->what();
    }
}

TEST_F(NotifySettingsTest, OnThisComputerTlsIsNotNeeded) {
    EXPECT_EQ(read("[mail]\nserver = 127.0.0.1:25\nsecurity = none\nfrom = a@b\nto = c@d\n")
                  .mail->security,
              MailSecurity::none);
    for (const char* host : {"localhost", "127.0.0.1", "127.1.2.3", "::1"}) {
        EXPECT_TRUE(isLoopback(host));
    }
    for (const char* host : {"127.0.0.1.example", "example", "", "0.0.0.0", "::2"}) {
        EXPECT_FALSE(isLoopback(host));
    }
}

}  // namespace
}  // namespace coffer
