#include "management_server/notify/notify_settings.h"

#include <Poco/Exception.h>
#include <Poco/URI.h>

#include <algorithm>

#include "core/base/error.h"
#include "core/base/mail_address.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::uint16_t submissionPort = 587;
constexpr std::uint16_t syslogPort = 514;
constexpr std::size_t mostUrls = 8;
constexpr std::size_t mostAddresses = 20;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

MailSecurity securityOf(const std::string& text) {
    if (text == "none") return MailSecurity::none;
    if (text == "starttls") return MailSecurity::startTls;
    if (text == "tls") return MailSecurity::tls;
    refuse("is starttls, tls or none");
}

void checkMailAddress(const std::string& text) {
    if (!isMailAddress(text))
        refuse("'" + printable(text) + "' is no address; write ann@example.org");
}

// Also before there is a mail server, which is set elsewhere and by others.
void readAddresses(const SettingsFile& file, MailSettings& mail) {
    mail.from = file.text("mail.from");
    mail.to = file.list("mail.to");
    file.named("mail.from", [&] {
        if (!mail.from.empty()) checkMailAddress(mail.from);
    });
    file.named("mail.to", [&] {
        if (mail.to.size() > mostAddresses) refuse("is 20 addresses at most, separated by ','");
        std::ranges::for_each(mail.to, checkMailAddress);
    });
}

std::optional<MailSettings> readMail(const SettingsFile& file) {
    MailSettings mail;
    readAddresses(file, mail);
    if (file.text("mail.server").empty()) return {};
    mail.server = file.named(
        "mail.server", [&] { return Endpoint::parse(file.text("mail.server"), submissionPort); });
    mail.security = file.named("mail.security", [&] {
        const MailSecurity security = securityOf(file.text("mail.security"));
        if (security == MailSecurity::none && !isLoopback(mail.server.host)) {
            refuse("none is for a mail server on this computer alone");
        }
        return security;
    });
    mail.user = file.text("mail.user");
    mail.passwordFile = file.named("mail.password-file", [&] {
        if (mail.user.empty() != file.text("mail.password-file").empty()) {
            refuse("goes with mail.user");
        }
        return file.text("mail.password-file");
    });
    for (const char* name : {"mail.from", "mail.to"}) {
        file.named(name, [&] {
            if (file.list(name).empty()) refuse("is needed with mail.server");
        });
    }
    mail.authorityFile = file.text("mail.ca-file");
    mail.digestMinute = file.named("mail.digest-at", [&]() -> std::optional<int> {
        const std::string text = file.text("mail.digest-at");
        if (text.empty()) return {};
        return minuteOfDay(text);
    });
    return mail;
}

void checkUrl(const std::string& text) {
    try {
        const Poco::URI url(text);
        if (url.getHost().empty() || !url.getUserInfo().empty()) refuse("is not a URL of a host");
        if (url.getScheme() == "https") return;
        if (url.getScheme() == "http" && isLoopback(url.getHost())) return;
    } catch (const Poco::Exception&) {
        refuse("is not a URL");
    }
    refuse("takes https://, and http:// to this computer itself");
}

std::optional<WebhookSettings> readWebhook(const SettingsFile& file) {
    WebhookSettings webhook;
    webhook.urls = file.list("webhook.urls");
    if (webhook.urls.empty()) return {};
    file.named("webhook.urls", [&] {
        if (webhook.urls.size() > mostUrls) refuse("has 8 URLs at most");
        std::ranges::for_each(webhook.urls, checkUrl);
    });
    webhook.secretFile = file.named("webhook.secret-file", [&] {
        if (file.text("webhook.secret-file").empty()) refuse("is needed: messages are signed");
        return file.text("webhook.secret-file");
    });
    webhook.authorityFile = file.text("webhook.ca-file");
    webhook.least =
        file.named("webhook.least", [&] { return severityOf(file.text("webhook.least")); });
    return webhook;
}

std::optional<SyslogSettings> readSyslog(const SettingsFile& file) {
    SyslogSettings syslog;
    syslog.to = file.text("syslog.to");
    if (syslog.to.empty()) return {};
    file.named("syslog.to", [&] {
        if (syslog.to.starts_with('/')) return;
        if (!syslog.to.starts_with("udp:") && !syslog.to.starts_with("tcp:")) {
            refuse("is a path, udp:HOST:PORT or tcp:HOST:PORT");
        }
        Endpoint::parse(syslog.to.substr(4), syslogPort);
    });
    syslog.least =
        file.named("syslog.least", [&] { return severityOf(file.text("syslog.least")); });
    return syslog;
}

SettingForm severityForm() {
    return choiceForm({"info", "notice", "warning", "error", "critical"});
}

SettingForm timeOrNothing() {
    SettingForm form{SettingType::time};
    form.mayBeEmpty = true;
    return form;
}

}  // namespace

const std::vector<SettingRule>& NotifySettings::rules() {
    static const std::vector<SettingRule> all = {
        {"panel.url", "",
         "Where people reach the panel, \"https://backup.example\": messages lead there.",
         SettingForm{SettingType::address}, SettingUse::atStart},

        {"notify.give-up-hours", "24",
         "What could not be sent for so long is dropped, with an event that says so.",
         numberForm(1, 720, "hours"), SettingUse::atStart},

        {"mail.server", "", "Mail goes to this server, \"host:port\". Empty: no mail.",
         SettingForm{SettingType::address}},
        {"mail.security", "starttls",
         "tls: from the first octet on. none: to a mail server on this computer alone.",
         choiceForm({"starttls", "tls", "none"})},
        {"mail.user", "", "Who logs in there. Empty: nobody.", SettingForm{}},
        {"mail.password-file", "", "The password stands alone in this file, mode 0600.",
         SettingForm{SettingType::path}},
        {"mail.from", "", "Address that mail comes from.", SettingForm{SettingType::text},
         SettingUse::atStart},
        {"mail.to", "", "Addresses that it goes to, separated by ','.",
         SettingForm{SettingType::list}, SettingUse::atStart},
        {"mail.ca-file", "",
         "Certificates (PEM) by which the mail server is checked. Empty: those of the system.",
         SettingForm{SettingType::path}},
        {"mail.digest-at", "07:00",
         "Each day at this local time one mail with the state of all sources. Empty: none.",
         timeOrNothing(), SettingUse::live},

        {"webhook.urls", "",
         "What happens is posted there as JSON: https://, or http:// to this computer; separated\n"
         "by ','.",
         SettingForm{SettingType::list}},
        {"webhook.secret-file", "",
         "The key that signs it stands alone in this file, mode 0600; 16 octets or more.",
         SettingForm{SettingType::path}},
        {"webhook.ca-file", "",
         "Certificates (PEM) by which receivers are checked. Empty: those of the system.",
         SettingForm{SettingType::path}},
        {"webhook.least", "notice", "The least that is posted.", severityForm(),
         SettingUse::atStart},

        {"syslog.to", "",
         "What happens goes to syslog, too: /dev/log, udp:HOST:PORT or tcp:HOST:PORT. Empty: no.",
         SettingForm{SettingType::address}},
        {"syslog.least", "info", "The least of it.", severityForm(), SettingUse::atStart},
    };
    return all;
}

NotifySettings NotifySettings::read(const SettingsFile& file) {
    NotifySettings settings;
    settings.panelUrl = file.named("panel.url", [&] {
        std::string url = file.text("panel.url");
        if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://")) {
            refuse("begins with https:// or http://");
        }
        while (url.ends_with('/')) url.pop_back();
        return url;
    });
    settings.giveUpSeconds = static_cast<std::int64_t>(file.number("notify.give-up-hours")) * 3'600;
    settings.mail = readMail(file);
    settings.webhook = readWebhook(file);
    settings.syslog = readSyslog(file);
    return settings;
}

bool isLoopback(const std::string& host) {
    return host == "localhost" || host == "::1" ||
           (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

int minuteOfDay(const std::string& text) {
    const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
    if (text.size() == 5 && text[2] == ':' && digit(0) && digit(1) && digit(3) && digit(4)) {
        const int hours = (text[0] - '0') * 10 + (text[1] - '0');
        const int minutes = (text[3] - '0') * 10 + (text[4] - '0');
        if (hours < 24 && minutes < 60) return hours * 60 + minutes;
    }
    refuse("is a time of day, \"07:00\"");
}

}  // namespace coffer
