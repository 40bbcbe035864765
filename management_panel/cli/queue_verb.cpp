#include <algorithm>
#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr CORBA::ULong mostShown = 1'000;
constexpr int mostPriority = 100;

struct PauseOptions {
    long long number = 0;
    std::string reason;
};

struct PriorityOptions {
    long long number = 0;
    int priority = 0;
};

std::string placeText(const Coffer::QueuedRun& run) {
    const std::string agent = shown(run.agent.in());
    const std::string repository = shown(run.repository.in());
    return agent.empty() ? repository : agent + " to " + repository;
}

Json jsonOf(const Coffer::QueuedRun& run) {
    Json object{{"number", run.run}, {"priority", run.priority}};
    putOctets(object, "kind", run.kind.in());
    putOctets(object, "state", run.state.in());
    putOctets(object, "waitsFor", run.waitsFor.in());
    putOctets(object, "agent", run.agent.in());
    putOctets(object, "repository", run.repository.in());
    object["task"] = run.task.in()[0] ? Json(shown(run.task.in())) : Json();
    putOctets(object, "user", run.user.in());
    object["ordered"] = momentJson(run.ordered);
    return object;
}

int pause(Context& context, const PauseOptions& options) {
    const auto board = context.connection().queue();
    rpc::call("pause the run", [&] { board->pause(options.number, options.reason.c_str()); });
    const std::string number = std::to_string(options.number);
    return answer(context, {{"pausing", options.number}},
                  "run " + number + " was asked to stop for a while: 'coffer resume " + number +
                      "' lets it go on");
}

int prioritise(Context& context, const PriorityOptions& options) {
    const auto board = context.connection().queue();
    rpc::call("change the priority", [&] { board->setPriority(options.number, options.priority); });
    return answer(context, {{"run", options.number}, {"priority", options.priority}},
                  "run " + std::to_string(options.number) + " has priority " +
                      std::to_string(options.priority));
}

}  // namespace

int showQueue(Context& context, std::uint64_t count) {
    const auto board = context.connection().queue();
    const auto atMost = static_cast<CORBA::ULong>(
        count == 0 ? mostShown : std::min<std::uint64_t>(count, mostShown));
    Coffer::QueuedRuns_var queue =
        rpc::call("look at the queue", [&] { return Coffer::QueuedRuns_var(board->list(atMost)); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < queue->length(); ++i) array.add(jsonOf(queue[i]));
        array.finish();
        return exitSuccess;
    }
    if (queue->length() == 0) {
        std::cout << "Nothing waits.\n";
        return exitSuccess;
    }
    using Align = Table::Align;
    Table table({{"run", Align::right},
                 {"priority", Align::right},
                 {"kind"},
                 {"of"},
                 {"ordered"},
                 {"why"}});
    for (CORBA::ULong i = 0; i < queue->length(); ++i) {
        const Coffer::QueuedRun& run = queue[i];
        table.add({std::to_string(run.run), std::to_string(run.priority), shown(run.kind.in()),
                   placeText(run), momentText(run.ordered), shown(run.waitsFor.in())});
    }
    table.print(std::cout);
    return exitSuccess;
}

void addPause(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("pause", "Have a run stop for a while");
    const auto options = std::make_shared<PauseOptions>();
    addNumberOption(*verb, options->number);
    verb->add_option("--reason", options->reason, "Why, for people")->type_name("TEXT");
    verb->footer(
        "What it has stored is kept; 'coffer resume N' goes on from there. Verifications, "
        "rehearsals\n"
        "and repairs begin anew.\n\n"
        "Example:\n  coffer pause 17 --reason 'the line is needed until noon'");
    verb->callback([&context, options] {
        context.job = [&context, options] { return pause(context, *options); };
    });
}

void addRunPriority(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("priority", "Change who begins first");
    const auto options = std::make_shared<PriorityOptions>();
    addNumberOption(*verb, options->number);
    verb->add_option("P", options->priority, "-100 to 100; higher ones begin first")
        ->required()
        ->check(CLI::Range(-mostPriority, mostPriority));
    verb->footer(
        "Of runs that wait; what is at work is not stopped for another one.\n\n"
        "Example:\n  coffer run priority 17 50");
    verb->callback([&context, options] {
        context.job = [&context, options] { return prioritise(context, *options); };
    });
}

std::shared_ptr<int> addPriorityOption(CLI::App& verb) {
    const auto priority = std::make_shared<int>(0);
    verb.add_option("--priority", *priority,
                    "-100 to 100: higher ones begin first when runs have to wait (default: 0)")
        ->type_name("P")
        ->check(CLI::Range(-mostPriority, mostPriority));
    return priority;
}

void setPriority(rpc::SettingMap& settings, int priority) {
    if (priority != 0) settings["priority"] = std::to_string(priority);
}

}  // namespace coffer::cli
