#include "management_panel/cli/text_verbs.h"

#include <memory>
#include <utility>

#include "management_panel/cli/secret_input.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr std::size_t longestImport = 15;  // MiB; a message takes 16

struct ImportOptions {
    std::string file;
    bool dryRun = false;
};

}  // namespace

int printExport(Context& context, const char* text) {
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "text", text);
        printJson(std::cout, object);
    } else {
        std::cout << text;
    }
    checkOutput(std::cout);
    return exitSuccess;
}

void addImport(CLI::App& group, Context& context, const char* what, const char* footer,
               ImportText import) {
    const auto options = std::make_shared<ImportOptions>();
    auto* verb = group.add_subcommand("import", what);
    verb->add_option("FILE", options->file, "What export has printed; - for standard input")
        ->required();
    verb->add_flag("--dry-run", options->dryRun, "Only tell what would be different");
    verb->footer(footer);
    verb->callback([&context, options, import = std::move(import)] {
        context.job = [options, import] {
            return import(readText(options->file, longestImport), options->dryRun);
        };
    });
}

}  // namespace coffer::cli
