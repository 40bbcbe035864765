#include "management_panel/cli/plain_verb.h"

#include <iostream>

#include "core/console/exit_codes.h"
#include "management_panel/cli/new_file.h"

namespace coffer::cli {

CLI::App* addPlain(CLI::App& group, Context& context, PlainVerb plain) {
    auto* verb = group.add_subcommand(plain.name, plain.about);
    const auto words = std::make_shared<std::vector<std::string>>(plain.words.size());
    for (std::size_t i = 0; i < plain.words.size(); ++i) {
        verb->add_option(plain.words[i].first, (*words)[i], plain.words[i].second)->required();
    }
    verb->footer(plain.footer);
    verb->callback([&context, words, job = std::move(plain.job)] {
        context.job = [&context, words, job] { return job(context, *words); };
    });
    return verb;
}

int answer(const Context& context, const Json& object, const std::string& line) {
    if (context.options.json) {
        printJson(std::cout, object);
    } else if (!context.options.quiet) {
        std::cout << line << '\n';
    }
    return exitSuccess;
}

void handOver(const Context& context, Json object, const char* name, const std::string& secret,
              const std::string& file) {
    if (!file.empty()) {
        writeNewFile(file, secret + "\n");
        putOctets(object, "file", file);
    } else {
        object[name] = secret;
    }
    if (context.options.json) {
        printJson(std::cout, object);
    } else if (file.empty()) {
        std::cout << secret << '\n';
    }
}

}  // namespace coffer::cli
