#include "management_server/server/server_settings.h"

#include "core/base/error.h"
#include "core/service/log_settings.h"

namespace coffer {

namespace {

const std::vector<SettingRule>& ownRules() {
    static const std::vector<SettingRule> own = {
        {"server.listen", "0.0.0.0:2424",
         "Where agents and administrators connect to, \"host:port\". 0.0.0.0 stands for all\n"
         "addresses of this computer, of IPv6 too. With port 0 a free one is taken; which one\n"
         "stands in the file 'endpoint' of the state folder.",
         SettingForm{SettingType::address}},
        {"server.hosts", "",
         "Names and addresses of this server for its certificate, separated by ','. Used when\n"
         "the certificate is next renewed.",
         SettingForm{SettingType::list}},

        {"sessions.idle-minutes", "120",
         "A user's session ends when nothing was asked for so long.",
         numberForm(1, 10'080, "minutes"), SettingUse::live},
        {"sessions.age-hours", "48", "And after so long in any case.",
         numberForm(1, 8'760, "hours"), SettingUse::live},

        {"login.first-delay-seconds", "1",
         "After a wrong password the user waits so long, after the next one twice as long, and\n"
         "so on.",
         numberForm(1, 3'600, "seconds"), SettingUse::live},
        {"login.longest-delay-seconds", "60", "But never longer than this.",
         numberForm(1, 86'400, "seconds"), SettingUse::live},
        {"login.failures-of-address", "10",
         "So many failures has an address before its callers have to wait, too.",
         numberForm(1, 10'000), SettingUse::live},
        {"password.shortest", "12",
         "A password has so many characters at least, and is none that everybody tries first.",
         numberForm(8, 128, "characters"), SettingUse::live},

        {"second-person.deletions", "auto",
         "Whether a second user who may delete has to confirm it when a snapshot is forgotten by\n"
         "hand, an agent is revoked or a repository removed: 'auto': as soon as there are two such "
         "users.",
         choiceForm({"auto", "on", "off"})},
        {"second-person.request-hours", "72", "For so long a request waits for the second person.",
         numberForm(1, 8'760, "hours")},

        {"runs.at-once", "100",
         "So many backups and restores are at work at a time; further ones wait.",
         numberForm(1, 10'000), SettingUse::live},
        {"runs.of-repository", "50", "So many of them in one repository.", numberForm(1, 10'000),
         SettingUse::live},
        {"runs.of-agent", "20",
         "So many of them at one agent. What is more than its own runs.at-once waits there,\n"
         "where priorities do not count.",
         numberForm(1, 100), SettingUse::live},
        {"runs.verifications", "2",
         "So many runs of the server itself (verify, rehearsal, prune, repair, replicate) are at\n"
         "work at a time, one of a repository.",
         numberForm(1, 64), SettingUse::atStart},
        {"runs.callers", "8",
         "Threads that talk to agents: so many agents may keep silent before others have to\n"
         "wait.",
         numberForm(1, 256), SettingUse::atStart},
        {"runs.kept", "10000", "So many runs that have ended are kept.",
         numberForm(100, 10'000'000), SettingUse::live},

        {"runs.log-entries", "1000000", "So many entries of the logs of runs are kept.",
         numberForm(1'000, 1'000'000'000), SettingUse::live},
        {"runs.log-days", "365", "And so long.", numberForm(1, 36'500, "days"), SettingUse::live},

        {"store.address", "",
         "\"host:port\" where agents find coffer-store, which serves the repositories in a "
         "process\n"
         "of its own (docs/store-server.md). Empty: this server does it itself.",
         SettingForm{SettingType::address}},
        {"store.unverified-gib", "4",
         "What has been received is verified behind the backup. With more than so much\n"
         "unverified, agents have to wait.",
         numberForm(1, 100'000, "GiB"), SettingUse::atStart},
        {"store.read-days", "30",
         "All that is stored is read again within so many days, a part each day, while nobody\n"
         "else needs the processor. 0: only by 'coffer verify'.",
         numberForm(0, 3'650, "days"), SettingUse::atStart},

        {"self-backup.after-minutes", "5",
         "So long after a change the server's database and keys are saved into the folders of\n"
         "the repositories, sealed to their recovery kits; 'coffer-server restore' brings them\n"
         "back.",
         numberForm(1, 1'440, "minutes"), SettingUse::live},
        {"self-backup.kept", "3", "So many of these are kept in each.", numberForm(1, 100),
         SettingUse::live},
        {"self-backup.repositories", "",
         "Names of the repositories that get one, separated by ','. Empty: all. Who holds the\n"
         "kit of such a repository can become the server, and read all others.",
         SettingForm{SettingType::list}},

        {"rehearsals.scratch", "",
         "Absolute path of the folder into which rehearsals restore; needs room for what is\n"
         "restored. Empty: the folder 'scratch' of the state folder.",
         SettingForm{SettingType::path}},

        {"retention.grace-days", "7",
         "A snapshot that was forgotten can be brought back for so many days; with 0 it is gone\n"
         "at once.",
         numberForm(0, 3'650, "days")},

        {"repositories.grace-days", "7",
         "A repository that was removed can be kept after all for so many days; then the server\n"
         "deletes its keys and forgets it. 0: at once.",
         numberForm(0, 3'650, "days")},

        {"status.warn-after-hours", "48",
         "A source whose last good backup is older than this is late.",
         numberForm(1, 87'600, "hours"), SettingUse::live},
        {"status.prove-within-days", "90",
         "A source that was not rehearsed for so long is unproven. 0: that does not matter.",
         numberForm(0, 3'650, "days"), SettingUse::live},

        {"log.level", "info", "The least that is logged.",
         choiceForm({"debug", "info", "warning", "error"}), SettingUse::live},
        {"log.file", "", "Absolute path of the log file. Empty: standard error, for the journal.",
         SettingForm{SettingType::path}},
        {"log.rotate-mib", "16", "A log file of this size is set aside.",
         numberForm(1, 10'000, "MiB"), SettingUse::atStart},
        {"log.keep", "5", "So many log files that were set aside are kept.", numberForm(1, 1'000),
         SettingUse::atStart},
    };
    return own;
}

}  // namespace

const std::vector<SettingRule>& ServerSettings::rules() {
    static const std::vector<SettingRule> all = [] {
        std::vector<SettingRule> rules = ownRules();
        for (const auto* more : {&LdapSettings::rules(), &NotifySettings::rules(),
                                 &MetricsSettings::rules(), &TriggerSettings::rules()}) {
            rules.insert(rules.end(), more->begin(), more->end());
        }
        return rules;
    }();
    return all;
}

namespace {

SecondPerson secondPersonOf(const std::string& word) {
    if (word == "auto") return SecondPerson::automatic;
    if (word == "on") return SecondPerson::always;
    if (word == "off") return SecondPerson::never;
    throw Error(ErrorCode::invalidArgument, "is 'auto', 'on' or 'off'");
}

void readAccess(const SettingsFile& file, ServerSettings& settings) {
    settings.logins.firstDelaySeconds =
        static_cast<std::uint32_t>(file.number("login.first-delay-seconds"));
    settings.logins.longestDelaySeconds =
        static_cast<std::uint32_t>(file.number("login.longest-delay-seconds"));
    settings.logins.freeOfAddress = static_cast<unsigned>(file.number("login.failures-of-address"));
    settings.directory = LdapSettings::read(file);
    settings.passwords.shortest = file.number("password.shortest");
    settings.confirmations.secondPerson = file.named("second-person.deletions", [&] {
        return secondPersonOf(file.text("second-person.deletions"));
    });
    settings.confirmations.validSeconds =
        static_cast<std::int64_t>(file.number("second-person.request-hours")) * 3600;
}

}  // namespace

ServerSettings ServerSettings::read(const std::vector<std::string>& files) {
    return from(SettingsFile(files, rules()));
}

ServerSettings ServerSettings::from(const SettingsFile& file) {
    file.checkForms();
    ServerSettings settings;
    settings.listen =
        file.named("server.listen", [&] { return Endpoint::parse(file.text("server.listen")); });
    settings.hosts = file.list("server.hosts");
    settings.sessions.idleSeconds =
        static_cast<std::int64_t>(file.number("sessions.idle-minutes")) * 60;
    settings.sessions.ageSeconds =
        static_cast<std::int64_t>(file.number("sessions.age-hours")) * 3600;
    readAccess(file, settings);
    settings.runs.slots.atOnce = file.number("runs.at-once");
    settings.runs.slots.ofRepository = file.number("runs.of-repository");
    settings.runs.slots.ofAgent = file.number("runs.of-agent");
    settings.runs.slots.ofServer = file.number("runs.verifications");
    settings.runs.callers = static_cast<unsigned>(file.number("runs.callers"));
    settings.runs.limits.runs = file.number("runs.kept");
    settings.runs.limits.logEntries = file.number("runs.log-entries");
    settings.runs.limits.logSeconds =
        static_cast<std::int64_t>(file.number("runs.log-days")) * 86'400;
    settings.storeAddress = file.named("store.address", [&]() -> std::optional<Endpoint> {
        const std::string address = file.text("store.address");
        if (address.empty()) return {};
        return Endpoint::parse(address);
    });
    if (settings.storeAddress) settings.runs.store = settings.storeAddress->text();
    settings.store.unverified = file.number("store.unverified-gib") << 30;
    settings.selfBackup.afterSeconds =
        static_cast<std::int64_t>(file.number("self-backup.after-minutes")) * 60;
    settings.selfBackup.kept = file.number("self-backup.kept");
    settings.selfBackup.repositories = file.list("self-backup.repositories");
    const auto days = [&](const char* name) {
        return static_cast<std::int64_t>(file.number(name)) * 86'400;
    };
    settings.graceSeconds = days("retention.grace-days");
    settings.repositoryGraceSeconds = days("repositories.grace-days");
    settings.readDays = static_cast<unsigned>(file.number("store.read-days"));
    settings.scratch = file.text("rehearsals.scratch");
    settings.status.warnAfterSeconds =
        static_cast<std::int64_t>(file.number("status.warn-after-hours")) * 3'600;
    settings.status.proveWithinSeconds =
        static_cast<std::int64_t>(file.number("status.prove-within-days")) * 86'400;
    settings.notify = NotifySettings::read(file);
    settings.metrics = MetricsSettings::read(file);
    settings.trigger = TriggerSettings::read(file);
    settings.log = readLogSettings(file);
    return settings;
}

SettledSettings settleServerSettings(const SettingsFile& files,
                                     const SettingsFile::Values& values) {
    return settle(files, ServerSettings::rules(), values,
                  [](const SettingsFile& file) { ServerSettings::from(file); });
}

}  // namespace coffer
