#include <iostream>

#include "core/console/exit_codes.h"
#include "management_panel/cli/completion.h"
#include "management_panel/cli/man_page.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

void addCompletion(CLI::App& app, Context& context) {
    auto* verb =
        app.add_subcommand("completion", "Print a script that completes verbs and options");
    const auto shell = std::make_shared<std::string>();
    verb->add_option("SHELL", *shell, "bash or zsh")
        ->required()
        ->check(CLI::IsMember({"bash", "zsh"}));
    verb->footer(
        "Verbs, options and names of files are completed; names of agents are not.\n\n"
        "Examples:\n"
        "  source <(coffer completion bash)\n"
        "  coffer completion bash >~/.local/share/bash-completion/completions/coffer\n"
        "  coffer completion zsh >\"${fpath[1]}/_coffer\"");
    verb->callback([&app, &context, shell] {
        context.job = [&app, shell] {
            std::cout << (*shell == "bash" ? bashCompletion(app) : zshCompletion(app));
            return int{exitSuccess};
        };
    });
}

void addManual(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("man-page", "Print the manual page of coffer");
    verb->footer("Example:\n  coffer man-page | man -l -");
    verb->callback([&app, &context] {
        context.job = [&app] {
            std::cout << manPage(app, COFFER_VERSION);
            return int{exitSuccess};
        };
    });
}

}  // namespace coffer::cli
