// task export, task import.

#include <memory>
#include <set>
#include <string>

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

void warnOfAll(const Context& context, Coffer::TaskManager_ptr manager,
               const Coffer::TaskChanges& changes) {
    std::set<std::string> names;
    for (CORBA::ULong i = 0; i < changes.length(); ++i) names.insert(changes[i].name.in());
    const Coffer::TaskInfos_var tasks =
        rpc::call("look at the tasks", [&] { return Coffer::TaskInfos_var(manager->list()); });
    Reporter reporter(context.options);
    for (CORBA::ULong i = 0; i < tasks->length(); ++i) {
        if (names.contains(tasks.in()[i].name.in())) warnOf(reporter, tasks.in()[i]);
    }
}

int importText(Context& context, const std::string& text, bool dryRun) {
    const auto manager = context.connection().tasks();
    const Coffer::TaskChanges_var changes = rpc::call("import", [&] {
        return Coffer::TaskChanges_var(manager->importText(text.c_str(), dryRun));
    });
    const int code = printImport(context, changes.in(), dryRun, "tasks");
    if (!dryRun) warnOfAll(context, manager, changes.in());
    return code;
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
