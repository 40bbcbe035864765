#include "core/service/settings_file.h"
#include "workstation_agent/agent_settings.h"
#include "workstation_agent/verbs.h"

namespace coffer::agent {

namespace {

constexpr const char* footer =
    "Begin with a token that an administrator got by 'coffer enrol-token NAME':\n"
    "  coffer-workstation-agent enrol --server backup.example:2424\n"
    "  coffer-workstation-agent run\n\n"
    "What a server may do on this computer stands in agent.ini, in [allow].\n"
    "Exit codes: 0 success, 1 failed, 2 wrong usage, 5 another agent runs.";

}  // namespace

std::string Context::settingsFile() const {
    if (!config.empty()) return config;
    return stateNamed ? state + "/agent.ini" : "/etc/coffer/agent.ini";
}

int runProgram(std::vector<std::string> words) {
    Context context;
    context.words = words;
    return runService({.name = "coffer-workstation-agent",
                       .version = COFFER_VERSION,
                       .purpose = "The agent of a Coffer network on this computer.",
                       .footer = footer,
                       .configHelp = "Settings (default: agent.ini in the state folder that was "
                                     "named,\nelse /etc/coffer/agent.ini)",
                       .addVerbs =
                           [&](CLI::App& app) {
                               addEnrol(app, context);
                               addRun(app, context);
                           },
                       .settings = [] { return SettingsFile::commented(AgentSettings::rules()); }},
                      context, std::move(words));
}

}  // namespace coffer::agent
