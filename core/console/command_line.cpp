#include "core/console/command_line.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <exception>
#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/reporter.h"

namespace coffer {

namespace {

const CLI::App& innermost(const CLI::App& app) {
    const CLI::App* verb = &app;
    while (!verb->get_subcommands().empty()) verb = verb->get_subcommands().front();
    return *verb;
}

std::string nameWithParents(const CLI::App& verb) {
    std::string text = verb.get_name();
    for (const CLI::App* at = verb.get_parent(); at; at = at->get_parent()) {
        text = at->get_name() + ' ' + text;
    }
    return text;
}

// What is wrong in one line, and where to read on.
std::string usageError(const CLI::App* app, const CLI::Error& error) {
    const CLI::App& verb = innermost(*app);
    const bool verbMissing = verb.get_require_subcommand_min() > 0;
    const std::vector<std::string> strange = app->remaining(true);
    std::string message = error.what();
    if (verbMissing && !strange.empty()) {
        message = "there is no verb '" + printable(strange.front()) + "'";
    } else if (verbMissing) {
        message = "say what to do";
    }
    return app->get_name() + ": " + message + "; see " + nameWithParents(verb) + " --help\n";
}

}  // namespace

void dressProgram(CLI::App& app, const std::string& name, const std::string& version) {
    app.name(name);
    app.get_formatter()->label("SUBCOMMAND", "VERB");
    app.get_formatter()->label("Subcommands", "Verbs");
    app.get_formatter()->label("OPTIONS", "OPTION...");
    app.get_formatter()->label("REQUIRED", "");
    app.get_formatter()->label("Positionals", "Arguments");
    app.get_formatter()->label("TEXT", "");
    app.failure_message(usageError);
    app.set_version_flag("--version", name + ' ' + version);
    app.require_subcommand(1);
    app.fallthrough();
}

void groupVerbs(CLI::App& app) {
    for (CLI::App* verb : app.get_subcommands({})) verb->group("Verbs");
}

std::optional<int> parseWords(CLI::App& app, std::vector<std::string> words) {
    try {
        std::ranges::reverse(words);  // as CLI11 wants it
        app.parse(std::move(words));
        return {};
    } catch (const CLI::ParseError& error) {
        if (app.exit(error) != 0) return exitUsage;
        return std::cout.flush() ? exitSuccess : exitFailed;
    }
}

int runJob(const std::string& program, bool json, const std::function<int()>& job) {
    try {
        const int code = job();
        checkOutput(std::cout.flush());
        return code;
    } catch (const Error& error) {
        std::cout.flush();
        reportError(program, error, json);
        return exitCodeOf(error.code());
    } catch (const std::exception& error) {
        std::cerr << program << ": " << error.what() << '\n';
        return exitFailed;
    }
}

}  // namespace coffer
