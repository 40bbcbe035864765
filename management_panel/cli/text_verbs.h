#pragma once

#include <CLI/CLI.hpp>
#include <functional>
#include <iostream>
#include <string>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "management_panel/cli/context.h"
#include "management_panel/cli/task_view.h"

namespace coffer::cli {

// What the verbs export and import of tasks and settings share.

/// Prints what an export gives: the text, or with --json an object that has it.
int printExport(Context& context, const char* text);

/// Prints the differences of an import; `name` is that of their list in JSON.
template <class Changes>
int printImport(Context& context, const Changes& changes, bool dryRun, const char* name) {
    if (context.options.json) {
        Json object{{"done", !dryRun}, {name, Json::array()}};
        for (CORBA::ULong i = 0; i < changes.length(); ++i) {
            object[name].push_back(jsonOf(changes[i]));
        }
        printJson(std::cout, object);
        return exitSuccess;
    }
    for (CORBA::ULong i = 0; i < changes.length(); ++i) printChange(std::cout, changes[i]);
    if (dryRun) std::cout << "Nothing was changed.\n";
    return exitSuccess;
}

/// What a verb import does with the text that it has read.
using ImportText = std::function<int(const std::string& text, bool dryRun)>;

/// Adds the verb import to a group.
void addImport(CLI::App& group, Context& context, const char* what, const char* footer,
               ImportText import);

}  // namespace coffer::cli
