#include <iostream>

#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
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

void describeAgent(CLI::App& app, Context& context) {
    dressProgram(app, "coffer-workstation-agent", COFFER_VERSION);
    app.footer(footer);
    auto* state =
        app.add_option("--state", context.state, "State folder (default: /var/lib/coffer/agent)");
    state->type_name("DIR");
    app.add_option("--config", context.config,
                   "Settings (default: agent.ini in the state folder that was named,\n"
                   "else /etc/coffer/agent.ini)")
        ->type_name("FILE");
    addEnrol(app, context);
    addRun(app, context);
    addPrintConfig(app, context);
    groupVerbs(app);
    app.final_callback([state, &context] { context.stateNamed = state->count() > 0; });
}

void addPrintConfig(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("print-config", "Print all settings with their comments");
    verb->callback([&context] {
        context.job = [] {
            std::cout << SettingsFile::commented(AgentSettings::rules());
            return exitSuccess;
        };
    });
}

}  // namespace coffer::agent
