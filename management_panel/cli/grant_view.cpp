#include "management_panel/cli/grant_view.h"

#include "core/rpc/convert.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

std::shared_ptr<GrantOptions> addGrantOptions(CLI::App& verb) {
    const auto options = std::make_shared<GrantOptions>();
    verb.add_option("--part", options->part,
                    "Only for this part of the component tree and what is\nbelow it: north/mail")
        ->type_name("PATH");
    verb.add_option("--agent", options->agents, "Only for this agent; may be repeated")
        ->type_name("NAME")
        ->allow_extra_args(false);
    return options;
}

Coffer::GrantInfo grantOf(const std::string& holder, const std::string& role,
                          const GrantOptions& options) {
    Coffer::GrantInfo grant;
    grant.number = 0;
    grant.holder = holder.c_str();
    grant.role = role.c_str();
    grant.part = options.part.c_str();
    grant.agents = rpc::toStrings(options.agents);
    return grant;
}

std::string grantText(const Coffer::GrantInfo& grant) {
    std::string text = shown(grant.role.in());
    if (*grant.part.in() != 0) text += " of " + shown(grant.part.in());
    for (CORBA::ULong i = 0; i < grant.agents.length(); ++i) {
        text += (i == 0 ? " on " : ", ") + shown(grant.agents[i].in());
    }
    return text;
}

Json grantJson(const Coffer::GrantInfo& grant) {
    Json object = Json::object();
    if (grant.number != 0) object["number"] = grant.number;
    if (*grant.holder.in() != 0) putOctets(object, "holder", grant.holder.in());
    putOctets(object, "role", grant.role.in());
    putOctets(object, "part", grant.part.in());
    object["agents"] = rpc::toTexts(grant.agents);
    return object;
}

CLI::Option* onlyRoles(CLI::Option* option) {
    return option->check(
        CLI::IsMember({"viewer", "operator", "administrator", "deleter", "auditor"}));
}

}  // namespace coffer::cli
