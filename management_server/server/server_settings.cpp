#include "management_server/server/server_settings.h"

#include "core/base/error.h"

namespace coffer {

namespace {

const std::vector<SettingRule>& ownRules() {
    static const std::vector<SettingRule> own = {
        {"server.listen", "0.0.0.0:2424",
         "Where agents and administrators connect to, \"host:port\". 0.0.0.0 stands for all\n"
         "addresses of this computer, of IPv6 too. With port 0 a free one is taken; which one "
         "stands\n"
         "in the file 'endpoint' of the state folder."},
        {"server.hosts", "",
         "Names and addresses of this server for its certificate, separated by ','. Used when the\n"
         "certificate is next renewed."},

        {"sessions.idle-minutes", "120",
         "A user's session ends when nothing was asked for so long. 1 to 10080."},
        {"sessions.age-hours", "48", "And after so long in any case. 1 to 8760."},

        {"login.first-delay-seconds", "1",
         "After a wrong password the user waits so long, after the next one twice as long, and so\n"
         "on. 1 to 3600."},
        {"login.longest-delay-seconds", "60", "But never longer than this. 1 to 86400."},
        {"login.failures-of-address", "10",
         "So many failures has an address before its callers have to wait, too. 1 to 10000."},
        {"password.shortest", "12",
         "A password has so many characters at least, and is none that everybody tries first.\n"
         "8 to 128."},

        {"second-person.deletions", "auto",
         "Whether a second user who may delete has to confirm it when a snapshot is forgotten by\n"
         "hand or an agent is revoked: 'on', 'off', or 'auto': as soon as there are two such "
         "users."},
        {"second-person.request-hours", "72",
         "For so long a request waits for the second person. 1 to 8760."},

        {"runs.at-once", "100",
         "So many backups and restores are at work at a time; further ones wait. 1 to 10000."},
        {"runs.of-repository", "50", "So many of them in one repository. 1 to 10000."},
        {"runs.of-agent", "20",
         "So many of them at one agent. What is more than its own runs.at-once waits there, where\n"
         "priorities do not count. 1 to 100."},
        {"runs.verifications", "2",
         "So many runs of the server itself (verify, rehearsal, prune, repair, replicate) are at\n"
         "work at a time, one of a repository. 1 to 64."},
        {"runs.callers", "8",
         "Threads that talk to agents: so many agents may keep silent before others have to wait.\n"
         "1 to 256."},
        {"runs.kept", "10000", "So many runs that have ended are kept. 100 to 10000000."},

        {"runs.log-entries", "1000000",
         "So many entries of the logs of runs are kept. 1000 to 1000000000."},
        {"runs.log-days", "365", "And so long. 1 to 36500."},

        {"store.unverified-gib", "4",
         "What has been received is verified behind the backup. With more than so much "
         "unverified,\n"
         "agents have to wait. 1 to 100000."},
        {"store.read-days", "30",
         "All that is stored is read again within so many days, a part each day, while nobody "
         "else\n"
         "needs the processor. 0: only by 'coffer verify'. 0 to 3650."},

        {"self-backup.after-minutes", "5",
         "So long after a change the server's database and keys are saved into the folders of the\n"
         "repositories, sealed to their recovery kits; 'coffer-server restore' brings them back.\n"
         "1 to 1440."},
        {"self-backup.kept", "3", "So many of these are kept in each. 1 to 100."},
        {"self-backup.repositories", "",
         "Names of the repositories that get one, separated by ','. Empty: all. Who holds the kit "
         "of\n"
         "such a repository can become the server, and read all others."},

        {"rehearsals.scratch", "",
         "Absolute path of the folder into which rehearsals restore; needs room for what is "
         "restored.\nEmpty: the folder 'scratch' of the state folder."},

        {"retention.grace-days", "7",
         "A snapshot that was forgotten can be brought back for so many days. 0 to 3650; with 0 it "
         "is\n"
         "gone at once."},

        {"status.warn-after-hours", "48",
         "A source whose last good backup is older than this is late. 1 to 87600."},
        {"status.prove-within-days", "90",
         "A source that was not rehearsed for so long is unproven. 0: that does not matter. 0 to "
         "3650."},

        {"log.level", "info", "The least that is logged: debug, info, warning, error."},
        {"log.file", "", "Absolute path of the log file. Empty: standard error, for the journal."},
        {"log.rotate-mib", "16", "A log file of this size is set aside. 1 to 10000."},
        {"log.keep", "5", "So many log files that were set aside are kept. 1 to 1000."},
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
        static_cast<std::uint32_t>(file.number("login.first-delay-seconds", 1, 3'600));
    settings.logins.longestDelaySeconds =
        static_cast<std::uint32_t>(file.number("login.longest-delay-seconds", 1, 86'400));
    settings.logins.freeOfAddress =
        static_cast<unsigned>(file.number("login.failures-of-address", 1, 10'000));
    settings.directory = LdapSettings::read(file);
    settings.passwords.shortest = file.number("password.shortest", 8, 128);
    settings.confirmations.secondPerson = file.named("second-person.deletions", [&] {
        return secondPersonOf(file.text("second-person.deletions"));
    });
    settings.confirmations.validSeconds =
        static_cast<std::int64_t>(file.number("second-person.request-hours", 1, 8'760)) * 3600;
}

}  // namespace

ServerSettings ServerSettings::read(const std::vector<std::string>& files) {
    const SettingsFile file(files, rules());
    ServerSettings settings;
    settings.listen =
        file.named("server.listen", [&] { return Endpoint::parse(file.text("server.listen")); });
    settings.hosts = file.list("server.hosts");
    settings.sessions.idleSeconds =
        static_cast<std::int64_t>(file.number("sessions.idle-minutes", 1, 10'080)) * 60;
    settings.sessions.ageSeconds =
        static_cast<std::int64_t>(file.number("sessions.age-hours", 1, 8'760)) * 3600;
    readAccess(file, settings);
    settings.runs.slots.atOnce = file.number("runs.at-once", 1, 10'000);
    settings.runs.slots.ofRepository = file.number("runs.of-repository", 1, 10'000);
    settings.runs.slots.ofAgent = file.number("runs.of-agent", 1, 100);
    settings.runs.slots.ofServer = file.number("runs.verifications", 1, 64);
    settings.runs.callers = static_cast<unsigned>(file.number("runs.callers", 1, 256));
    settings.runs.limits.runs = file.number("runs.kept", 100, 10'000'000);
    settings.runs.limits.logEntries = file.number("runs.log-entries", 1'000, 1'000'000'000);
    settings.runs.limits.logSeconds =
        static_cast<std::int64_t>(file.number("runs.log-days", 1, 36'500)) * 86'400;
    settings.store.unverified = file.number("store.unverified-gib", 1, 100'000) << 30;
    settings.selfBackup.afterSeconds =
        static_cast<std::int64_t>(file.number("self-backup.after-minutes", 1, 1'440)) * 60;
    settings.selfBackup.kept = file.number("self-backup.kept", 1, 100);
    settings.selfBackup.repositories = file.list("self-backup.repositories");
    settings.graceSeconds =
        static_cast<std::int64_t>(file.number("retention.grace-days", 0, 3'650)) * 86'400;
    settings.readDays = static_cast<unsigned>(file.number("store.read-days", 0, 3'650));
    settings.scratch = file.named("rehearsals.scratch", [&] {
        const std::string path = file.text("rehearsals.scratch");
        if (!path.empty() && !path.starts_with('/')) {
            throw Error(ErrorCode::invalidArgument, "needs an absolute path");
        }
        return path;
    });
    settings.status.warnAfterSeconds =
        static_cast<std::int64_t>(file.number("status.warn-after-hours", 1, 87'600)) * 3'600;
    settings.status.proveWithinSeconds =
        static_cast<std::int64_t>(file.number("status.prove-within-days", 0, 3'650)) * 86'400;
    settings.notify = NotifySettings::read(file);
    settings.metrics = MetricsSettings::read(file);
    settings.trigger = TriggerSettings::read(file);
    settings.log.level =
        file.named("log.level", [&] { return logLevelOf(file.text("log.level")); });
    settings.log.file = file.text("log.file");
    settings.log.rotateBytes = file.number("log.rotate-mib", 1, 10'000) << 20;
    settings.log.keep = static_cast<unsigned>(file.number("log.keep", 1, 1'000));
    return settings;
}

}  // namespace coffer
