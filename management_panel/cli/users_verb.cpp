#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/grant_view.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

using Words = std::vector<std::string>;

struct AddOptions {
    std::string name;
    std::vector<std::string> roles;
    std::string file;
};

Json jsonOf(const Coffer::UserInfo& user) {
    Json object = Json::object();
    putOctets(object, "name", user.name.in());
    object["disabled"] = static_cast<bool>(user.disabled);
    object["mustChangePassword"] = static_cast<bool>(user.mustChange);
    object["secondFactor"] = static_cast<bool>(user.secondFactor);
    object["made"] = momentJson(user.made);
    object["passwordChanged"] = momentJson(user.changed);
    object["groups"] = rpc::toTexts(user.groups);
    return object;
}

std::string stateOf(const Coffer::UserInfo& user) {
    if (user.disabled) return "disabled";
    return user.mustChange ? "has to change the password" : "";
}

int listUsers(Context& context) {
    const auto manager = context.connection().access();
    Coffer::UserInfos_var users =
        rpc::call("list the users", [&] { return Coffer::UserInfos_var(manager->users()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < users->length(); ++i) array.add(jsonOf(users[i]));
        array.finish();
        return exitSuccess;
    }
    Table table({{"user"}, {"groups"}, {"second factor"}, {"password of"}, {"state"}});
    for (CORBA::ULong i = 0; i < users->length(); ++i) {
        const Coffer::UserInfo& user = users[i];
        table.add({shown(user.name.in()), listText(rpc::toTexts(user.groups)),
                   user.secondFactor ? "yes" : "no", momentText(user.changed), stateOf(user)});
    }
    table.print(std::cout);
    return exitSuccess;
}

int addUser(Context& context, const AddOptions& options) {
    const auto manager = context.connection().access();
    const CORBA::String_var password = rpc::call(
        "add the user", [&] { return CORBA::String_var(manager->addUser(options.name.c_str())); });
    // At once: nobody can be told it later.
    Json object = Json::object();
    putOctets(object, "user", options.name);
    handOver(context, object, "password", password.in(), options.file);
    for (const std::string& role : options.roles) {
        const Coffer::GrantInfo grant = grantOf("user:" + options.name, role, {});
        rpc::call("give a role", [&] { manager->addGrant(grant); });
    }
    Reporter(context.options)
        .note("this password is for the first login, and has to be changed then");
    return exitSuccess;
}

int resetPassword(Context& context, const AddOptions& options) {
    const auto manager = context.connection().access();
    const CORBA::String_var password = rpc::call("reset the password", [&] {
        return CORBA::String_var(manager->resetPassword(options.name.c_str()));
    });
    Json object = Json::object();
    putOctets(object, "user", options.name);
    handOver(context, object, "password", password.in(), options.file);
    return exitSuccess;
}

int listGroups(Context& context) {
    const auto manager = context.connection().access();
    Coffer::GroupInfos_var groups =
        rpc::call("list the groups", [&] { return Coffer::GroupInfos_var(manager->groups()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < groups->length(); ++i) {
            Json object = Json::object();
            putOctets(object, "name", groups[i].name.in());
            object["members"] = rpc::toTexts(groups[i].members);
            array.add(object);
        }
        array.finish();
        return exitSuccess;
    }
    Table table({{"group"}, {"members"}});
    for (CORBA::ULong i = 0; i < groups->length(); ++i) {
        table.add({shown(groups[i].name.in()), listText(rpc::toTexts(groups[i].members))});
    }
    table.print(std::cout);
    return exitSuccess;
}

// A verb that changes something about one name, or two.
PlainVerb change(const std::string& name, const std::string& about, const Words& words,
                 const std::string& footer,
                 std::function<void(Coffer::AccessManager_ptr, const Words&)> work) {
    PlainVerb verb{name, about, {}, footer, {}};
    for (const std::string& word : words) verb.words.emplace_back(word, "Its name");
    verb.job = [work = std::move(work)](Context& context, const Words& given) {
        const auto manager = context.connection().access();
        rpc::call("change access", [&] { work(manager, given); });
        Json object = Json::object();
        putOctets(object, "name", given.front());
        return answer(context, object, printable(given.front()) + ": done.");
    };
    return verb;
}

void addPasswordVerb(CLI::App& group, Context& context, const char* name, const char* about,
                     const char* footer, bool roles,
                     int (*job)(Context&, const AddOptions& options)) {
    auto* verb = group.add_subcommand(name, about);
    const auto options = std::make_shared<AddOptions>();
    verb->add_option("NAME", options->name, "Letters, digits, . - _")->required();
    if (roles) {
        onlyRoles(verb->add_option("--role", options->roles,
                                   "A role over everything; may be repeated\n"
                                   "(default: none; 'coffer grant' gives others)")
                      ->type_name("ROLE")
                      ->allow_extra_args(false));
    }
    verb->add_option("--out", options->file,
                     "Write the password into a new file, for its owner only")
        ->type_name("FILE");
    verb->footer(footer);
    verb->callback([&context, options, job] {
        context.job = [&context, options, job] { return job(context, *options); };
    });
}

void addUserVerbs(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("user", "Users: add, remove, disable, reset");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer user list");
    addPlain(*group, context,
             {"list",
              "List the users",
              {},
              "Example:\n  coffer user list",
              [](Context& given, const Words&) { return listUsers(given); }});
    addPasswordVerb(*group, context, "add", "Add a user, with a password for the first login",
                    "Example:\n  coffer user add ann --role operator", true, addUser);
    addPasswordVerb(*group, context, "reset-password", "Give a user a new password, for one login",
                    "Sessions of the user end.\n\nExample:\n  coffer user reset-password ann",
                    false, resetPassword);
    addPlain(*group, context,
             change("remove", "Remove a user, with sessions, tokens and grants", {"NAME"},
                    "The last administrator cannot be removed.\n\n"
                    "Example:\n  coffer user remove ann",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->removeUser(words[0].c_str());
                    }));
    addPlain(*group, context,
             change("disable", "Keep a user from logging in; sessions end", {"NAME"},
                    "Example:\n  coffer user disable ann",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->enableUser(words[0].c_str(), false);
                    }));
    addPlain(*group, context,
             change("enable", "Let a user in again", {"NAME"}, "Example:\n  coffer user enable ann",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->enableUser(words[0].c_str(), true);
                    }));
}

void addGroupVerbs(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("group", "Groups of users, which have grants as users have");
    group->require_subcommand(1);
    group->footer("Example:\n  coffer group list");
    addPlain(*group, context,
             {"list",
              "List the groups",
              {},
              "Example:\n  coffer group list",
              [](Context& given, const Words&) { return listGroups(given); }});
    addPlain(*group, context,
             change("add", "Add a group", {"NAME"}, "Example:\n  coffer group add desk",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->addGroup(words[0].c_str());
                    }));
    addPlain(*group, context,
             change("remove", "Remove a group, with its grants", {"NAME"},
                    "Example:\n  coffer group remove desk",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->removeGroup(words[0].c_str());
                    }));
    addPlain(*group, context,
             change("add-member", "Take a user into a group", {"GROUP", "USER"},
                    "Example:\n  coffer group add-member desk ann",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->addMember(words[0].c_str(), words[1].c_str());
                    }));
    addPlain(*group, context,
             change("remove-member", "Take a user out of a group", {"GROUP", "USER"},
                    "Example:\n  coffer group remove-member desk ann",
                    [](Coffer::AccessManager_ptr manager, const Words& words) {
                        manager->removeMember(words[0].c_str(), words[1].c_str());
                    }));
}

}  // namespace

void addUsers(CLI::App& app, Context& context) {
    addUserVerbs(app, context);
    addGroupVerbs(app, context);
}

}  // namespace coffer::cli
