#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/table.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

Coffer::RequestBoard_var boardOf(Context& context) {
    const auto manager = context.connection().access();
    return rpc::call("reach the requests",
                     [&] { return Coffer::RequestBoard_var(manager->requests()); });
}

Json jsonOf(const Coffer::RequestInfo& request) {
    Json object{{"number", request.number}};
    putOctets(object, "action", request.action.in());
    putOctets(object, "subject", request.subject.in());
    putOctets(object, "user", request.user.in());
    object["made"] = momentJson(request.made);
    object["expires"] = momentJson(request.expires);
    putOctets(object, "state", request.state.in());
    putOctets(object, "decider", request.decider.in());
    object["decided"] = momentJson(request.decided);
    putOctets(object, "message", request.message.in());
    return object;
}

int list(Context& context) {
    const Coffer::RequestBoard_var board = boardOf(context);
    Coffer::RequestInfos_var requests =
        rpc::call("list the requests", [&] { return Coffer::RequestInfos_var(board->list()); });
    if (context.options.json) {
        JsonArray array(std::cout);
        for (CORBA::ULong i = 0; i < requests->length(); ++i) array.add(jsonOf(requests[i]));
        array.finish();
        return exitSuccess;
    }
    Table table({{"number"},
                 {"state"},
                 {"asks"},
                 {"action"},
                 {"for"},
                 {"expires"},
                 {"decided by"},
                 {"message"}});
    for (CORBA::ULong i = 0; i < requests->length(); ++i) {
        const Coffer::RequestInfo& request = requests[i];
        table.add({std::to_string(request.number), shown(request.state.in()),
                   shown(request.user.in()), shown(request.action.in()),
                   shown(request.subject.in()), momentText(request.expires),
                   shown(request.decider.in()), shown(request.message.in())});
    }
    table.print(std::cout);
    return exitSuccess;
}

int confirm(Context& context, long long number) {
    const Coffer::RequestBoard_var board = boardOf(context);
    rpc::call("confirm the request", [&] { board->confirm(number); });
    return answer(context, {{"confirmed", number}},
                  "Request " + std::to_string(number) + " is confirmed and done.");
}

int refuse(Context& context, long long number) {
    const Coffer::RequestBoard_var board = boardOf(context);
    rpc::call("refuse the request", [&] { board->refuse(number); });
    return answer(context, {{"refused", number}},
                  "Request " + std::to_string(number) + " is refused.");
}

void addDecision(CLI::App& app, Context& context, const char* name, const char* about,
                 const char* footer, int (*decide)(Context&, long long)) {
    auto* verb = app.add_subcommand(name, about);
    const auto number = std::make_shared<long long>(0);
    verb->add_option("NUMBER", *number, "Of the request, as 'coffer requests' shows it")
        ->required();
    verb->footer(footer);
    verb->callback([&context, number, decide] {
        context.job = [&context, number, decide] { return decide(context, *number); };
    });
}

}  // namespace

void addRequests(CLI::App& app, Context& context) {
    addPlain(app, context,
             {"requests",
              "What waits for a second person",
              {},
              "Where two users may delete, one asks and the other confirms.\n\n"
              "Example:\n  coffer requests",
              [](Context& given, const std::vector<std::string>&) { return list(given); }});
    addDecision(app, context, "confirm", "Have done what another one asks for",
                "Example:\n  coffer confirm 7", confirm);
    addDecision(app, context, "refuse", "Refuse what another one asks for, or withdraw your own",
                "Example:\n  coffer refuse 7", refuse);
}

}  // namespace coffer::cli
