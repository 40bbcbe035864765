#include <iostream>

#include "core/console/json.h"
#include "core/console/table.h"
#include "management_server/server/server_check.h"
#include "management_server/server/verbs.h"

namespace coffer::server {

namespace {

void print(const Findings& findings) {
    Table table{{{}, {}, {}}};
    for (const Finding& finding : findings) {
        const std::string what = finding.advice.empty() ? "" : ". What to do: " + finding.advice;
        table.add({std::string(nameOf(finding.level)), finding.subject, finding.text + what});
    }
    table.print(std::cout);
}

void printAsJson(const Findings& findings) {
    Json list = Json::array();
    for (const Finding& finding : findings) {
        Json object;
        object["level"] = nameOf(finding.level);
        putOctets(object, "subject", finding.subject);
        putOctets(object, "text", finding.text);
        putOctets(object, "advice", finding.advice);
        list.push_back(std::move(object));
    }
    Json document;
    document["worst"] = nameOf(worstOf(findings));
    document["findings"] = std::move(list);
    printJson(std::cout, document);
}

int check(const Context& context, bool json) {
    const auto disk = makeSystemDisk();
    const SystemClock clock;
    const ServerFolder folder(*disk, context.state);
    if (!disk->stat(folder.path())) folder.require();
    const Findings findings = checkServer({folder, context.settingsFiles(folder), clock});
    json ? printAsJson(findings) : print(findings);
    return static_cast<int>(worstOf(findings));
}

}  // namespace

void addCheck(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("check", "Look whether the server has what it needs");
    const auto json = std::make_shared<bool>(false);
    verb->add_flag("--json", *json, "The findings as one JSON document");
    verb->footer(
        "Beside a running server or without one; nothing is changed. Looks at settings, database,\n"
        "clock, certificates, permissions, free space, and at each repository with its lock, its\n"
        "recovery kit and the server's own backup in it; says of each what to do.\n"
        "Exit codes: 0 all is well, 1 warnings, 2 errors.");
    verb->callback(
        [&context, json] { context.job = [&context, json] { return check(context, *json); }; });
}

}  // namespace coffer::server
