#include <algorithm>
#include <charconv>
#include <iostream>

#include "core/base/printable.h"
#include "core/console/format.h"
#include "core/console/output.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/run_view.h"
#include "management_panel/cli/run_watch.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr std::uint64_t pageOfRuns = 200;

struct RunsOptions {
    std::uint64_t count = 20;  // 0: all
    bool queue = false;
    std::string task;
    std::string agent;
    std::string state;
};

struct RunOptions {
    long long number = 0;
    WaitOptions wait;
};

bool isMeant(const Coffer::RunInfo& run, const RunsOptions& options) {
    const auto fits = [](const std::string& wanted, const char* its) {
        return wanted.empty() || wanted == its;
    };
    return fits(options.task, run.task.in()) && fits(options.agent, run.agent.in()) &&
           fits(options.state, run.state.in());
}

// Calls `take` for the newest of those that are meant, as many as are wanted.
void forEachRun(Context& context, const RunsOptions& options,
                const std::function<void(const Coffer::RunInfo&)>& take) {
    const auto runs = context.connection().runs();
    const bool some = !options.task.empty() || !options.agent.empty() || !options.state.empty();
    std::uint64_t left = options.count > 0 ? options.count : UINT64_MAX;
    for (long long before = 0; left > 0;) {
        context.cancel.check();
        const auto atMost =
            static_cast<CORBA::ULong>(some ? pageOfRuns : std::min(left, pageOfRuns));
        Coffer::RunInfos_var page = rpc::call(
            "list the runs", [&] { return Coffer::RunInfos_var(runs->list(before, atMost)); });
        for (CORBA::ULong i = 0; i < page->length(); ++i) {
            before = page[i].number;
            if (left == 0 || !isMeant(page[i], options)) continue;
            take(page[i]);
            --left;
        }
        if (page->length() < atMost) return;
    }
}

// What it is about: paths of an agent, or a repository, and where it goes.
std::string subjectOf(const Coffer::RunInfo& run) {
    std::string what = shown(run.agent.in());
    const std::vector<std::string> paths = pathsOf(run.what);
    if (!paths.empty()) what += (what.empty() ? "" : ":") + printable(paths.front());
    if (paths.size() > 1) what += " …";
    if (what.empty()) what = shown(run.repository.in());
    const std::string target = printable(rpc::textOf(run.target));
    return target.empty() ? what : what + " -> " + target;
}

std::vector<std::string> rowOf(const Coffer::RunInfo& run) {
    const auto files = numberOf(run.counts, "files");
    const auto bytes = numberOf(run.counts, "bytes");
    return {std::to_string(run.number),
            shown(run.kind.in()),
            shownState(run),
            momentText(run.ordered),
            files ? countText(*files) : "",
            bytes ? sizeText(*bytes) : "",
            shown(run.task.in()),
            subjectOf(run)};
}

int runs(Context& context, const RunsOptions& options) {
    if (options.queue) return showQueue(context, options.count);
    if (context.options.json) {
        JsonArray array(std::cout);
        forEachRun(context, options, [&](const Coffer::RunInfo& run) {
            array.add(jsonOf(run));
            checkOutput(std::cout);
        });
        array.finish();
        return exitSuccess;
    }
    using Align = Table::Align;
    Table table({{"run", Align::right},
                 {"kind"},
                 {"state"},
                 {"ordered"},
                 {"files", Align::right},
                 {"size", Align::right},
                 {"task"},
                 {"of"}});
    bool any = false;
    forEachRun(context, options, [&](const Coffer::RunInfo& run) {
        table.add(rowOf(run));
        any = true;
    });
    any ? table.print(std::cout) : void(std::cout << "No such runs.\n");
    return exitSuccess;
}

int show(Context& context, const RunOptions& options) {
    const auto manager = context.connection().runs();
    const Coffer::RunInfo_var run = rpc::call(
        "look at the run", [&] { return Coffer::RunInfo_var(manager->get(options.number)); });
    Coffer::RunProblems_var problems = rpc::call("ask for the problems", [&] {
        return Coffer::RunProblems_var(manager->problems(options.number));
    });
    if (context.options.json) {
        Json object = jsonOf(run);
        object["problemList"] = Json::array();
        for (CORBA::ULong i = 0; i < problems->length(); ++i) {
            object["problemList"].push_back(jsonOf(problems[i]));
        }
        printJson(std::cout, object);
        return exitSuccess;
    }
    printRun(std::cout, run);
    for (CORBA::ULong i = 0; i < problems->length(); ++i) {
        std::cout << "  " << printable(rpc::textOf(problems[i].where)) << ": "
                  << shown(problems[i].message.in()) << '\n';
    }
    return exitSuccess;
}

int cancel(Context& context, const RunOptions& options) {
    const auto manager = context.connection().runs();
    rpc::call("cancel the run", [&] { manager->cancel(options.number); });
    if (options.wait.wait) {
        // That it was cancelled is what was wanted.
        const int code = waitForRun(context, options.number);
        return code == exitCancelled && !context.cancel.requested() ? int{exitSuccess} : code;
    }
    if (context.options.json) {
        printJson(std::cout, {{"cancelling", options.number}});
    } else if (!context.options.quiet) {
        std::cout << "run " << options.number << " was asked to stop\n";
    }
    return exitSuccess;
}

int resume(Context& context, const RunOptions& options) {
    const auto manager = context.connection().runs();
    rpc::call("resume the run", [&] { manager->resume(options.number); });
    return afterStart(context, options.number, options.wait);
}

// What is wrong with it; nothing when it is one.
std::string checkRunNumber(const std::string& word) {
    long long number = 0;
    const char* end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, number);
    if (read.ec == std::errc() && read.ptr == end && number > 0) return {};
    return "'" + printable(word) + "' is no number of a run";
}

std::shared_ptr<RunOptions> addNumber(CLI::App& verb) {
    const auto options = std::make_shared<RunOptions>();
    addNumberOption(verb, options->number);
    return options;
}

void addShow(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("run", "One run");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer run show 17");
    auto* verb = group->add_subcommand("show", "Show a run with its problems");
    const auto options = addNumber(*verb);
    verb->footer("Example:\n  coffer run show 17");
    verb->callback([&context, options] {
        context.job = [&context, options] { return show(context, *options); };
    });
    addRunLog(*group, context);
    addRunPriority(*group, context);
}

void addCancel(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("cancel", "Ask a run to stop");
    const auto options = addNumber(*verb);
    verb->add_flag("--wait", options->wait.wait, "Wait until it has stopped");
    verb->footer(
        "What a backup has stored is kept: 'coffer resume N', or the next backup of the\n"
        "same paths, goes on from there.\n\n"
        "Example:\n  coffer cancel 17");
    verb->callback([&context, options] {
        context.job = [&context, options] { return cancel(context, *options); };
    });
}

void addResume(CLI::App& app, Context& context) {
    auto* verb =
        app.add_subcommand("resume", "Let a run go on that failed, was cancelled or is paused");
    const auto options = addNumber(*verb);
    addWaitOptions(*verb, options->wait);
    verb->footer("It goes on where it was.\n\nExample:\n  coffer resume 17 --wait");
    verb->callback([&context, options] {
        context.job = [&context, options] { return resume(context, *options); };
    });
}

}  // namespace

void addNumberOption(CLI::App& verb, long long& number) {
    verb.add_option("N", number, "The number of the run")
        ->required()
        ->check(CLI::Validator(checkRunNumber, "", ""));
}

void addRuns(CLI::App& app, Context& context) {
    auto* list = app.add_subcommand("runs", "List the runs, newest first");
    const auto options = std::make_shared<RunsOptions>();
    list->add_option("-n,--count", options->count, "How many (default: 20; 0: all)")
        ->type_name("N");
    CLI::Option* queue =
        list->add_flag("--queue", options->queue,
                       "Those that wait, in the order in which they begin, and what for");
    list->add_option("--task", options->task, "Only those of this task")
        ->type_name("NAME")
        ->excludes(queue);
    list->add_option("--agent", options->agent, "Only those at this agent")
        ->type_name("NAME")
        ->excludes(queue);
    list->add_option("--state", options->state, "Only those in this state")
        ->type_name("STATE")
        ->excludes(queue)
        ->check(CLI::IsMember({"waiting", "queued", "running", "parked", "verifying", "succeeded",
                               "warnings", "failed", "cancelled"}));
    list->footer(
        "Examples:\n"
        "  coffer runs\n"
        "  coffer runs --queue\n"
        "  coffer runs --task office --state failed\n"
        "  coffer --json runs -n 0 | jq '.[] | select(.state == \"failed\") | .number'");
    list->callback([&context, options] {
        context.job = [&context, options] { return runs(context, *options); };
    });
    addShow(app, context);
    addCancel(app, context);
    addPause(app, context);
    addResume(app, context);
}

}  // namespace coffer::cli
