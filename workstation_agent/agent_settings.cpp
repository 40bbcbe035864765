#include "workstation_agent/agent_settings.h"

#include <algorithm>

#include "core/update/update_package.h"

namespace coffer {

const std::vector<SettingRule>& AgentSettings::rules() {
    static const std::vector<SettingRule> all = {
        {"server.address", "",
         "Where the management server listens, \"host:port\". Set by 'enrol'."},

        {"allow.read", "/",
         "What a server may look at, read and back up: absolute paths, separated by ',', each "
         "with\n"
         "all below it. Empty: nothing. The agent's own keys are never shown, whatever stands "
         "here."},
        {"allow.write", "",
         "Where a server may write, delete and restore to, in the same form. Empty, the default:\n"
         "nowhere. So whoever takes over the server cannot change this computer, and a restore "
         "needs\n"
         "somebody here who allows it: \"/restore\" for a place of its own, \"/\" for everything."},
        {"allow.run", "backup, restore",
         "Kinds of runs that a server may start here: backup, restore. A backup also needs\n"
         "allow.read, a restore allow.write."},
        {"allow.hooks", "",
         "Programs that a server may have run here before and after a run: absolute paths,\n"
         "separated by ','; a part may be a pattern, as in /etc/coffer/hooks/*. Empty, the "
         "default:\n"
         "none. Such a program, and the folders that it is in, must belong to root or to the "
         "agent's\n"
         "user and be writable for nobody else. The server chooses its arguments."},
        {"allow.update", "no",
         "Whether a server may replace the agent's programs by newer ones, which one of\n"
         "updates.keys has signed: yes, no."},

        {"updates.keys", "",
         "Release keys that are believed, 64 hexadecimal digits each, separated by ','. Whoever "
         "has\n"
         "the secret part of one decides what runs here, as the user that the agent runs as. "
         "Empty,\n"
         "the default: no update is taken, and none that was taken is started."},
        {"updates.trial-seconds", "300",
         "A new version that has not attached to the server after so long is given up. 5 to 3600."},
        {"updates.wait-minutes", "60",
         "So long an update waits for a moment without a run; then runs are interrupted and go on\n"
         "under the new version. 0 to 10080."},

        {"runs.at-once", "2",
         "So many runs at a time, each a process of its own; further ones wait. 1 to 64. Unless "
         "it\n"
         "is set here, a server may set it."},
        {"runs.worker", "",
         "Program that carries out a run. Empty: coffer-worker beside the agent's own program."},

        {"log.level", "info",
         "The least that is logged: debug, info, warning, error. Unless it is set here, a server\n"
         "may have more logged."},
        {"log.file", "", "Absolute path of the log file. Empty: standard error, for the journal."},
        {"log.rotate-mib", "16", "A log file of this size is set aside. 1 to 10000."},
        {"log.keep", "5", "So many log files that were set aside are kept. 1 to 1000."},
    };
    return all;
}

AgentSettings AgentSettings::read(const std::string& path) {
    const SettingsFile file(path, rules());
    AgentSettings settings;
    settings.server = file.text("server.address");
    settings.allow.read = file.list("allow.read");
    settings.allow.write = file.list("allow.write");
    settings.allow.run = file.list("allow.run");
    settings.allow.hooks = file.list("allow.hooks");
    settings.atOnce = static_cast<unsigned>(file.number("runs.at-once", 1, 64));
    settings.worker = file.text("runs.worker");
    settings.updatesAllowed = file.truth("allow.update");
    for (const std::string& key : file.list("updates.keys")) {
        settings.releaseKeys.push_back(
            file.named("updates.keys", [&] { return releaseKeyOf(key); }));
    }
    settings.trial = std::chrono::seconds(file.number("updates.trial-seconds", 5, 3'600));
    settings.patience = std::chrono::minutes(file.number("updates.wait-minutes", 0, 10'080));
    settings.log.level =
        during(path + ": log.level", [&] { return logLevelOf(file.text("log.level")); });
    settings.log.file = file.text("log.file");
    settings.log.rotateBytes = file.number("log.rotate-mib", 1, 10'000) << 20;
    settings.log.keep = static_cast<unsigned>(file.number("log.keep", 1, 1'000));
    for (const SettingRule& rule : rules()) {
        if (!file.origin(rule.name).empty()) settings.chosen.insert(rule.name);
    }
    return settings;
}

GivenSettings AgentSettings::taken(const std::map<std::string, std::string>& given,
                                   const std::function<void(const Error&)>& refused) const {
    GivenSettings settings;
    for (const auto& [name, value] : given) {
        if (chosen.contains(name)) continue;
        try {
            settings.take(name, value);
        } catch (const Error& error) {
            refused(error);
        }
    }
    // Whoever has the server must not silence what its agents tell of it.
    if (settings.logLevel) settings.logLevel = std::min(*settings.logLevel, log.level);
    return settings;
}

}  // namespace coffer
