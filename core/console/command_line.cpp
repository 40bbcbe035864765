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

std::string seeHelp(const CLI::App& verb) {
    return "; see " + nameWithParents(verb) + " --help\n";
}

// The option of a verb, or of those that it belongs to, that a word names.
const CLI::Option* optionNamed(const CLI::App& verb, const std::string& word) {
    if (!word.starts_with('-')) return nullptr;
    for (const CLI::App* at = &verb; at; at = at->get_parent()) {
        for (const CLI::Option* option : at->get_options()) {
            if (option->check_name(word)) return option;
        }
    }
    return nullptr;
}

const CLI::App* verbNamed(const CLI::App& app, const std::string& word) {
    for (const CLI::App* verb : app.get_subcommands({})) {
        if (verb->check_name(word)) return verb;
    }
    return nullptr;
}

// CLI11 takes the word behind an option for its value, whatever it says: an option whose value was
// forgotten would swallow the next one.
std::optional<std::string> swallowedOption(const CLI::App& app,
                                           const std::vector<std::string>& words) {
    const CLI::App* verb = &app;
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        if (const CLI::App* inner = verbNamed(*verb, words[i])) verb = inner;
        const CLI::Option* option = optionNamed(*verb, words[i]);
        if (!option || option->get_items_expected_min() == 0 || i + 1 == words.size()) continue;
        const std::string& value = words[++i];
        if (!optionNamed(*verb, value)) continue;
        return app.get_name() + ": " + words[i - 1] + " needs a value, and " + value +
               " is an option" + seeHelp(*verb);
    }
    return {};
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
    return app->get_name() + ": " + message + seeHelp(verb);
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
    if (const auto swallowed = swallowedOption(app, words)) {
        std::cerr << *swallowed;
        return exitUsage;
    }
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
