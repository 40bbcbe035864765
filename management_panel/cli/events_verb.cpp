#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/output.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr CORBA::ULong pageOfEvents = 1'000;

// Short enough that Ctrl-C is answered soon.
constexpr CORBA::ULong waitMs = 1'000;

constexpr rpc::RetryPolicy patience{};

struct EventsOptions {
    std::uint64_t after = 0;
    bool follow = false;
};

Json jsonOf(const Coffer::Event& event) {
    Json object{{"number", event.number}, {"time", momentJson(event.time)}};
    putOctets(object, "kind", event.kind.in());
    putOctets(object, "subject", event.subject.in());
    putOctets(object, "text", event.text.in());
    object["more"] = factsJson(event.more);
    return object;
}

void print(const Coffer::Event& event, bool json) {
    if (json) {
        printJson(std::cout, jsonOf(event));
    } else {
        std::cout << momentText(event.time) << "  " << shown(event.text.in()) << '\n';
    }
}

int events(Context& context, const EventsOptions& options) {
    const auto log = context.connection().events();
    std::uint64_t after = options.after;
    while (true) {
        Coffer::Events_var page;
        rpc::repeat(patience, context.cancel, [&] {
            page = client::inSession("ask for events", [&] {
                return log->since(after, pageOfEvents, options.follow ? waitMs : 0);
            });
        });
        for (CORBA::ULong i = 0; i < page->length(); ++i) {
            print(page[i], context.options.json);
            after = std::max<std::uint64_t>(after, page[i].number);
        }
        checkOutput(std::cout.flush());
        context.cancel.check();
        if (page->length() == 0 && !options.follow) return exitSuccess;
    }
}

}  // namespace

void addEvents(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("events", "Show what has happened");
    const auto options = std::make_shared<EventsOptions>();
    verb->add_option("--after", options->after, "Only events after this number")->type_name("N");
    verb->add_flag("-f,--follow", options->follow, "Go on with what happens, until Ctrl-C");
    verb->footer(
        "With --json each event is a document on a line of its own.\n\n"
        "Examples:\n"
        "  coffer events\n"
        "  coffer --json events --follow | jq -c 'select(.kind == \"run-ended\")'");
    verb->callback([&context, options] {
        context.job = [&context, options] { return events(context, *options); };
    });
}

}  // namespace coffer::cli
