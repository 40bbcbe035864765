// settings export, settings import.

#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/secret_input.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

struct ImportOptions {
    std::string file;
    bool dryRun = false;
};

int exportText(Context& context) {
    const auto manager = context.connection().settings();
    const CORBA::String_var text =
        rpc::call("export", [&] { return CORBA::String_var(manager->exportText()); });
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

Json jsonOf(const Coffer::SettingChange& change) {
    Json object = Json::object();
    putOctets(object, "name", change.name.in());
    putOctets(object, "before", rpc::toTexts(change.before));
    putOctets(object, "after", rpc::toTexts(change.after));
    return object;
}

void print(const Coffer::SettingChange& change) {
    const auto printAll = [&](char sign, const Coffer::Strings& values) {
        for (CORBA::ULong i = 0; i < values.length(); ++i) {
            std::cout << sign << ' ' << shown(change.name.in()) << " = " << shown(values[i].in())
                      << '\n';
        }
    };
    printAll('-', change.before);
    printAll('+', change.after);
}

int importText(Context& context, const ImportOptions& options) {
    const std::string text = readText(options.file);
    const auto manager = context.connection().settings();
    Coffer::SettingChanges_var changes = rpc::call("import", [&] {
        return Coffer::SettingChanges_var(manager->importText(text.c_str(), options.dryRun));
    });
    if (context.options.json) {
        Json object{{"done", !options.dryRun}, {"settings", Json::array()}};
        for (CORBA::ULong i = 0; i < changes->length(); ++i) {
            object["settings"].push_back(jsonOf(changes[i]));
        }
        printJson(std::cout, object);
        return exitSuccess;
    }
    for (CORBA::ULong i = 0; i < changes->length(); ++i) print(changes[i]);
    if (options.dryRun) std::cout << "Nothing was changed.\n";
    return exitSuccess;
}

}  // namespace

void addSettingTexts(CLI::App& group, Context& context) {
    auto* exporting = group.add_subcommand("export", "Print what can be set here as text");
    exporting->footer("Example:\n  coffer settings export >settings.ini");
    exporting->callback([&context] { context.job = [&context] { return exportText(context); }; });

    const auto options = std::make_shared<ImportOptions>();
    auto* importing = group.add_subcommand("import", "Set what a text says and is different");
    importing->add_option("FILE", options->file, "What export has printed; - for standard input")
        ->required();
    importing->add_flag("--dry-run", options->dryRun, "Only tell what would be different");
    importing->footer(
        "All settings of the file, or none; settings that are not in it stay.\n\n"
        "Example:\n  coffer settings import settings.ini --dry-run");
    importing->callback([&context, options] {
        context.job = [&context, options] { return importText(context, *options); };
    });
}

}  // namespace coffer::cli
