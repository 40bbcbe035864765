#include "core/console/service_program.h"

#include <CLI/CLI.hpp>
#include <iostream>

#include "core/console/command_line.h"
#include "core/console/exit_codes.h"
#include "core/console/process.h"

namespace coffer {

int runService(const ServiceProgram& program, ServiceContext& context,
               std::vector<std::string> words) {
    prepareProcess();
    CLI::App app(program.purpose);
    dressProgram(app, program.name, program.version);
    app.footer(program.footer);
    const auto* state =
        app.add_option("--state", context.state, "State folder (default: " + context.state + ")")
            ->type_name("DIR");
    app.add_option("--config", context.config, program.configHelp)->type_name("FILE");
    program.addVerbs(app);
    app.add_subcommand("print-config", "Print all settings with their comments")->callback([&] {
        context.job = [&] {
            std::cout << program.settings();
            return exitSuccess;
        };
    });
    groupVerbs(app);
    app.final_callback([&] { context.stateNamed = state->count() > 0; });
    if (const auto code = parseWords(app, std::move(words))) return *code;
    return runJob(program.name, false, context.job);
}

}  // namespace coffer
