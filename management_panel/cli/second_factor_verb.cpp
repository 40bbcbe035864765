#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"

namespace coffer::cli {

namespace {

using Words = std::vector<std::string>;

int begin(Context& context, const Words&) {
    const auto manager = context.connection().access();
    const Coffer::SecondFactorInfo_var info = rpc::call("begin a second factor", [&] {
        return Coffer::SecondFactorInfo_var(manager->beginSecondFactor());
    });
    if (context.options.json) {
        printJson(std::cout, {{"secret", info->secret.in()}, {"uri", info->uri.in()}});
        return exitSuccess;
    }
    std::cout << info->uri.in() << '\n';
    Reporter(context.options)
        .note("enter the secret " + printable(info->secret.in()) +
              " into an authenticator, or this line as a QR code; then: coffer totp confirm CODE");
    return exitSuccess;
}

int confirm(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    const Coffer::Strings_var codes = rpc::call("confirm the second factor", [&] {
        return Coffer::Strings_var(manager->confirmSecondFactor(words[0].c_str()));
    });
    const Words recovery = rpc::toTexts(codes);
    if (context.options.json) {
        printJson(std::cout, {{"recoveryCodes", recovery}});
        return exitSuccess;
    }
    for (const std::string& code : recovery) std::cout << printable(code) << '\n';
    Reporter(context.options)
        .note("keep these recovery codes: each lets you in once, without the authenticator");
    return exitSuccess;
}

int end(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    rpc::call("end the second factor", [&] { manager->endSecondFactor(words[0].c_str()); });
    return answer(context, {{"secondFactor", false}}, "A login needs no code any more.");
}

int remove(Context& context, const Words& words) {
    const auto manager = context.connection().access();
    rpc::call("remove the second factor", [&] { manager->removeSecondFactor(words[0].c_str()); });
    Json object = Json::object();
    putOctets(object, "user", words[0]);
    return answer(context, object, "Logins of " + printable(words[0]) + " need no code any more.");
}

}  // namespace

void addSecondFactor(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("totp", "The second factor of your login");
    group->require_subcommand(1);
    group->footer(
        "Codes of an authenticator (TOTP, RFC 6238), asked for at each login.\n\n"
        "Example:\n  coffer totp begin");
    addPlain(*group, context,
             {"begin",
              "Make a secret for your authenticator",
              {},
              "Example:\n  coffer totp begin",
              begin});
    addPlain(*group, context,
             {"confirm",
              "Turn it on; shows recovery codes",
              {{"CODE", "What the authenticator shows"}},
              "Example:\n  coffer totp confirm 123456",
              confirm});
    addPlain(*group, context,
             {"off",
              "Turn it off",
              {{"CODE", "What the authenticator shows, or a recovery code"}},
              "Example:\n  coffer totp off 123456",
              end});
    addPlain(*group, context,
             {"remove",
              "Turn off that of another user, who has lost it",
              {{"USER", "Whose"}},
              "Example:\n  coffer totp remove ann",
              remove});
}

}  // namespace coffer::cli
