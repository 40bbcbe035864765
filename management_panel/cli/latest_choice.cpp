#include "management_panel/cli/latest_choice.h"

namespace coffer::cli {

void addLatestOptions(CLI::App& verb, LatestChoice& choice) {
    verb.add_option("--agent", choice.agent, "Of 'latest': the latest of this agent")
        ->type_name("NAME");
    verb.add_option("--tag", choice.tag, "Of 'latest': the latest with this tag")->type_name("TAG");
}

void addLatest(rpc::SettingMap& settings, const LatestChoice& choice) {
    if (!choice.agent.empty()) settings["only-agent"] = choice.agent;
    if (!choice.tag.empty()) settings["only-tag"] = choice.tag;
}

}  // namespace coffer::cli
