// settings export, settings import.

#include "core/rpc/failure.h"
#include "management_panel/cli/text_verbs.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

int exportText(Context& context) {
    const auto manager = context.connection().settings();
    const CORBA::String_var text =
        rpc::call("export", [&] { return CORBA::String_var(manager->exportText()); });
    return printExport(context, text.in());
}

int importText(Context& context, const std::string& text, bool dryRun) {
    const auto manager = context.connection().settings();
    const Coffer::SettingChanges_var changes = rpc::call("import", [&] {
        return Coffer::SettingChanges_var(manager->importText(text.c_str(), dryRun));
    });
    return printImport(context, changes.in(), dryRun, "settings");
}

}  // namespace

void addSettingTexts(CLI::App& group, Context& context) {
    auto* exporting = group.add_subcommand("export", "Print what can be set here as text");
    exporting->footer("Example:\n  coffer settings export >settings.ini");
    exporting->callback([&context] { context.job = [&context] { return exportText(context); }; });
    addImport(group, context, "Set what a text says and is different",
              "All settings of the file, or none; settings that are not in it stay.\n\n"
              "Example:\n  coffer settings import settings.ini --dry-run",
              [&context](const std::string& text, bool dryRun) {
                  return importText(context, text, dryRun);
              });
}

}  // namespace coffer::cli
