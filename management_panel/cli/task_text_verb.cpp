// task export, task import.

#include <memory>

#include "core/rpc/failure.h"
#include "management_panel/cli/text_verbs.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

int exportText(Context& context, const std::string& name) {
    const auto manager = context.connection().tasks();
    const CORBA::String_var text =
        rpc::call("export", [&] { return CORBA::String_var(manager->exportText(name.c_str())); });
    return printExport(context, text.in());
}

int importText(Context& context, const std::string& text, bool dryRun) {
    const auto manager = context.connection().tasks();
    const Coffer::TaskChanges_var changes = rpc::call("import", [&] {
        return Coffer::TaskChanges_var(manager->importText(text.c_str(), dryRun));
    });
    return printImport(context, changes.in(), dryRun, "tasks");
}

}  // namespace

void addTaskTexts(CLI::App& group, Context& context) {
    const auto name = std::make_shared<std::string>();
    auto* exporting = group.add_subcommand("export", "Print a task, or all of them, as text");
    exporting->add_option("NAME", *name, "The task (default: all)");
    exporting->footer("Example:\n  coffer task export office >office.ini");
    exporting->callback([&context, name] {
        context.job = [&context, name] { return exportText(context, *name); };
    });
    addImport(group, context, "Make and change tasks as a text says",
              "All tasks of the file, or none; tasks that are not in it stay.\n\n"
              "Example:\n  coffer task import office.ini --dry-run",
              [&context](const std::string& text, bool dryRun) {
                  return importText(context, text, dryRun);
              });
}

}  // namespace coffer::cli
