#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/format.h"
#include "core/console/json.h"
#include "core/console/output.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr CORBA::ULong pageOfEvents = 1'000;

// Short enough that Ctrl-C is answered soon.
constexpr CORBA::ULong waitMs = 1'000;

constexpr CORBA::ULong leaseHours = 168;

constexpr rpc::RetryPolicy patience{};

struct EventsOptions {
    std::uint64_t after = 0;
    bool follow = false;
    std::vector<std::string> kinds;
    std::vector<std::string> subjects;
    std::vector<std::string> components;
    std::string lease;
};

// "gone" is said of events, and of objects when the session has ended.
template <class Work>
auto askForEvents(Context& context, Work&& work) {
    try {
        return rpc::call("ask for events", std::forward<Work>(work));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::gone) throw;
        client::inSession("look at the session", [&] {
            const Coffer::Settings_var said = context.connection().session()->whoAmI();
        });
        throw;
    }
}

/// Where pages of events come from: a number that this program remembers, or a lease of the server.
class EventReader {
  public:
    EventReader(Context& context, const EventsOptions& options)
        : context_(context),
          options_(options),
          log_(context.connection().events()),
          after_(options.after) {
        filter_.kinds = rpc::toStrings(options.kinds);
        filter_.subjects = rpc::toStrings(options.subjects);
        filter_.components = rpc::toStrings(options.components);
        if (options.lease.empty()) return;
        client::inSession("begin a lease", [&] {
            after_ = log_->lease(options.lease.c_str(), leaseHours, options.after);
        });
    }

    Coffer::EventPage_var next() {
        Coffer::EventPage_var page;
        rpc::repeat(patience, context_.cancel, [&] {
            page = askForEvents(context_, [&] {
                const CORBA::ULong wait = options_.follow ? waitMs : 0;
                return options_.lease.empty()
                           ? log_->select(filter_, after_, pageOfEvents, wait)
                           : log_->next(options_.lease.c_str(), filter_, pageOfEvents, wait);
            });
        });
        return page;
    }

    /// All of the page has been printed. Gives whether it led anywhere.
    bool taken(const Coffer::EventPage& page) {
        const bool further = page.position > after_;
        after_ = std::max<std::uint64_t>(after_, page.position);
        if (further && !options_.lease.empty()) {
            rpc::repeat(patience, context_.cancel, [&] {
                askForEvents(context_, [&] { log_->taken(options_.lease.c_str(), after_); });
            });
        }
        return further;
    }

  private:
    Context& context_;
    const EventsOptions& options_;
    Coffer::EventLog_ptr log_;
    Coffer::EventFilter filter_;
    std::uint64_t after_;
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
        std::cout << event.number << "  " << momentText(event.time) << "  "
                  << shown(event.text.in()) << '\n';
    }
}

int events(Context& context, const EventsOptions& options) {
    EventReader reader(context, options);
    while (true) {
        const Coffer::EventPage_var page = reader.next();
        for (CORBA::ULong i = 0; i < page->list.length(); ++i) {
            print(page->list[i], context.options.json);
        }
        checkOutput(std::cout.flush());
        const bool further = reader.taken(page.in());
        context.cancel.check();
        if (!further && !options.follow) return exitSuccess;
    }
}

}  // namespace

void addEvents(CLI::App& app, Context& context) {
    auto* verb = app.add_subcommand("events", "Show what has happened");
    const auto options = std::make_shared<EventsOptions>();
    verb->add_option("--after", options->after, "Only events after this number")->type_name("N");
    verb->add_flag("-f,--follow", options->follow, "Go on with what happens, until Ctrl-C");
    verb->add_option("--kind", options->kinds, "Only these kinds, 'run-ended' or 'run-*'")
        ->type_name("KIND");
    verb->add_option("--subject", options->subjects, "Only about these: an agent, a run…")
        ->type_name("NAME");
    verb->add_option("--component", options->components, "Only at or below these")
        ->type_name("PATH");
    verb->add_option("--lease", options->lease,
                     "Go on where this name's last reader was; kept for a week at the server")
        ->type_name("NAME");
    verb->footer(
        "With --json each event is a document on a line of its own.\n\n"
        "Examples:\n"
        "  coffer events --kind 'source-*'\n"
        "  coffer events --follow --lease ticker\n"
        "  coffer --json events --follow | jq -c 'select(.kind == \"run-ended\")'");
    verb->callback([&context, options] {
        context.job = [&context, options] { return events(context, *options); };
    });
}

}  // namespace coffer::cli
