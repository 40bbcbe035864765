#include <iostream>
#include <set>

#include "core/console/exit_codes.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/agent_path.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

int worse(int worst, int code) {
    const bool isWorse = worst == exitSuccess || (worst == exitWarnings && code != exitSuccess);
    return isWorse ? code : worst;
}

std::size_t agentsOf(const Coffer::TaskInfo& task) {
    std::set<std::string> agents;
    for (CORBA::ULong i = 0; i < task.definition.length(); ++i) {
        const Coffer::Setting& setting = task.definition[i];
        if (std::string_view(setting.name) != "source") continue;
        agents.insert(agentPath(setting.value.in()).agent);
    }
    return agents.size();
}

void tellStarted(Context& context, const Coffer::RunNumbers& runs, std::size_t missing) {
    if (context.options.json) {
        Json numbers = Json::array();
        for (CORBA::ULong i = 0; i < runs.length(); ++i) numbers.push_back(runs[i]);
        printJson(std::cout, {{"runs", numbers}, {"notStarted", missing}});
    } else if (!context.options.quiet) {
        for (CORBA::ULong i = 0; i < runs.length(); ++i) std::cout << "run " << runs[i] << '\n';
    }
}

int runNow(Context& context, const std::string& name, const WaitOptions& wait) {
    const auto manager = context.connection().tasks();
    const Coffer::RunNumbers_var runs = rpc::call(
        "start the task", [&] { return Coffer::RunNumbers_var(manager->runNow(name.c_str())); });
    const Coffer::TaskInfo_var task = rpc::call(
        "look at the task", [&] { return Coffer::TaskInfo_var(manager->get(name.c_str())); });
    const std::size_t agents = agentsOf(task.in());
    const std::size_t missing = agents > runs->length() ? agents - runs->length() : 0;
    if (missing > 0) {
        std::cerr << "warning: at " << missing << " of its " << agents
                  << " agents it could not be started: 'coffer events --kind task-not-started' "
                     "says why\n";
    }
    int worst = missing > 0 ? exitWarnings : exitSuccess;
    if (!wait.wait && !wait.proven) {
        tellStarted(context, runs.in(), missing);
        return worst;
    }
    for (CORBA::ULong i = 0; i < runs->length() && !context.cancel.requested(); ++i) {
        worst = worse(worst, waitForRun(context, runs.in()[i], wait.proven));
    }
    return worst;
}

}  // namespace

void addTaskRun(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("run", "Start a task now");
    const auto name = std::make_shared<std::string>();
    const auto wait = std::make_shared<WaitOptions>();
    verb->add_option("NAME", *name, "The name of the task")->required();
    addWaitOptions(*verb, *wait);
    verb->footer(
        "One run for each of its agents; one that has not ended yet is not started again. With\n"
        "agents at which it could not be started the exit code is 3.\n\n"
        "Example:\n  coffer task run office --wait");
    verb->callback([&context, name, wait] {
        context.job = [&context, name, wait] { return runNow(context, *name, *wait); };
    });
}

}  // namespace coffer::cli
