// task export, task import.

#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/secret_input.h"
#include "management_panel/cli/task_view.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

struct TextOptions {
    std::string name;  // export; empty: all
    std::string file;  // import
    bool dryRun = false;
};

int exportText(Context& context, const TextOptions& options) {
    const auto manager = context.connection().tasks();
    const CORBA::String_var text = rpc::call(
        "export", [&] { return CORBA::String_var(manager->exportText(options.name.c_str())); });
    if (context.options.json) {
        Json object = Json::object();
        putOctets(object, "text", text.in());
        printJson(std::cout, object);
    } else {
        std::cout << text.in();
    }
    checkOutput(std::cout);
    return exitSuccess;
}

int importText(Context& context, const TextOptions& options) {
    const std::string text = readText(options.file);
    const auto manager = context.connection().tasks();
    Coffer::TaskChanges_var changes = rpc::call("import", [&] {
        return Coffer::TaskChanges_var(manager->importText(text.c_str(), options.dryRun));
    });
    if (context.options.json) {
        Json object{{"done", !options.dryRun}, {"tasks", Json::array()}};
        for (CORBA::ULong i = 0; i < changes->length(); ++i) {
            object["tasks"].push_back(jsonOf(changes.in()[i]));
        }
        printJson(std::cout, object);
        return exitSuccess;
    }
    for (CORBA::ULong i = 0; i < changes->length(); ++i) printChange(std::cout, changes.in()[i]);
    if (options.dryRun) std::cout << "Nothing was changed.\n";
    return exitSuccess;
}

}  // namespace

void addTaskTexts(CLI::App& group, Context& context) {
    const auto out = std::make_shared<TextOptions>();
    auto* exporting = group.add_subcommand("export", "Print a task, or all of them, as text");
    exporting->add_option("NAME", out->name, "The task (default: all)");
    exporting->footer("Example:\n  coffer task export office >office.ini");
    exporting->callback(
        [&context, out] { context.job = [&context, out] { return exportText(context, *out); }; });

    const auto in = std::make_shared<TextOptions>();
    auto* importing = group.add_subcommand("import", "Make and change tasks as a text says");
    importing->add_option("FILE", in->file, "What export has printed; - for standard input")
        ->required();
    importing->add_flag("--dry-run", in->dryRun, "Only tell what would be different");
    importing->footer(
        "All tasks of the file, or none; tasks that are not in it stay.\n\n"
        "Example:\n  coffer task import office.ini --dry-run");
    importing->callback(
        [&context, in] { context.job = [&context, in] { return importText(context, *in); }; });
}

}  // namespace coffer::cli
