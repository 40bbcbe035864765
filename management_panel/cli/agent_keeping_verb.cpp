#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

using Words = std::vector<std::string>;

struct LabelOptions {
    std::string agent;
    std::optional<std::string> title;
    std::optional<std::string> group;
};

int suspend(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    rpc::call("suspend the agent", [&] { manager->suspendAgent(words[0].c_str()); });
    Json object = Json::object();
    putOctets(object, "suspended", words[0]);
    return answer(context, object, printable(words[0]) + " is suspended.");
}

int resume(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    rpc::call("resume the agent", [&] { manager->resumeAgent(words[0].c_str()); });
    Json object = Json::object();
    putOctets(object, "resumed", words[0]);
    return answer(context, object, printable(words[0]) + " may come back.");
}

int rename(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    rpc::call("rename the agent",
              [&] { manager->renameAgent(words[0].c_str(), words[1].c_str()); });
    Json object = Json::object();
    putOctets(object, "agent", words[1]);
    putOctets(object, "before", words[0]);
    return answer(context, object,
                  printable(words[0]) + " is called " + printable(words[1]) + " from now on.");
}

int label(Context& context, const LabelOptions& options) {
    rpc::SettingMap labels;
    if (options.title) labels.emplace("title", *options.title);
    if (options.group) labels.emplace("group", *options.group);
    if (labels.empty()) {
        throw Error(ErrorCode::invalidArgument, "nothing to be labelled: --title or --group");
    }
    const auto manager = context.connection().access();
    rpc::call("label the agent",
              [&] { manager->labelAgent(options.agent.c_str(), rpc::toSettings(labels)); });
    Json object = Json::object();
    putOctets(object, "agent", options.agent);
    return answer(context, object, printable(options.agent) + " is labelled.");
}

int set(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    rpc::call("set it", [&] {
        manager->labelAgent(words[0].c_str(), rpc::toSettings({{words[1], words[2]}}));
    });
    Json object = Json::object();
    putOctets(object, "agent", words[0]);
    putOctets(object, words[1].c_str(), words[2]);
    return answer(context, object,
                  printable(words[0]) + " goes by it as soon as it has attached anew.");
}

}  // namespace

void addAgentKeeping(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("agent", "Suspend, resume, rename, label and set up agents");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer agent suspend laptop-7");
    addPlain(*group, context,
             {"suspend",
              "Shut an agent out until it is resumed",
              {{"AGENT", "Its name"}},
              "Its connection ends, its runs wait.\n\nExample:\n  coffer agent suspend laptop-7",
              suspend});
    addPlain(*group, context,
             {"resume",
              "Let a suspended agent in again",
              {{"AGENT", "Its name"}},
              "Example:\n  coffer agent resume laptop-7",
              resume});

    addPlain(*group, context,
             {"rename",
              "Give an agent another name",
              {{"AGENT", "Its name"}, {"NAME", "Its name from now on"}},
              "Tasks, grants, runs and snapshots go with it; its runs have to have ended. It\n"
              "attaches anew by itself.\n\nExample:\n  coffer agent rename laptop-7 desk-7",
              rename});

    addPlain(*group, context,
             {"set",
              "Give an agent a setting",
              {{"AGENT", "Its name"},
               {"KEY", "runs.at-once or log.level, as of agent.ini"},
               {"VALUE", "'' takes it away"}},
              "What its own agent.ini sets counts instead. Its connection ends and it attaches\n"
              "anew; runs do not notice.\n\nExample:\n  coffer agent set nas-1 runs.at-once 4",
              set});

    auto* labelling = group->add_subcommand("label", "Say what people call it");
    const auto options = std::make_shared<LabelOptions>();
    labelling->add_option("AGENT", options->agent, "Its name, which stays")->required();
    labelling->add_option("--title", options->title, "Another name for people; '' takes it away");
    labelling->add_option("--group", options->group, "What it belongs to; '' takes it away");
    labelling->footer(
        "Example:\n  coffer agent label laptop-7 --title \"Ann's laptop\" --group desk");
    labelling->callback([&context, options] {
        context.job = [&context, options] { return label(context, *options); };
    });
}

}  // namespace coffer::cli
