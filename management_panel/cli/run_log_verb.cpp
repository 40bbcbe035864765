#include <iostream>

#include "core/base/printable.h"
#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr CORBA::ULong pageOfEntries = 1'000;

struct RunLogOptions {
    long long number = 0;
    std::string least;
    std::vector<std::string> codes;
    std::string below;
    std::string text;
};

Json jsonOf(const Coffer::LogEntry& entry) {
    Json object{{"number", entry.number}, {"time", momentJson(entry.time)}};
    putOctets(object, "level", entry.level.in());
    putOctets(object, "code", entry.code.in());
    putOctets(object, "object", rpc::textOf(entry.where));
    putOctets(object, "message", entry.message.in());
    return object;
}

void print(const Coffer::LogEntry& entry) {
    std::cout << momentText(entry.time) << "  " << shown(entry.level.in()) << "  "
              << shown(entry.code.in()) << "  ";
    if (entry.where.length() > 0) std::cout << printable(rpc::textOf(entry.where)) << ": ";
    std::cout << shown(entry.message.in()) << '\n';
}

int runLog(Context& context, const RunLogOptions& options) {
    Coffer::LogFilter filter;
    filter.least = options.least.c_str();
    filter.codes = rpc::toStrings(options.codes);
    filter.below = rpc::toPath(options.below);
    filter.text = options.text.c_str();
    const auto log = context.connection().logs();
    JsonArray array(std::cout);
    CORBA::ULongLong after = 0;
    for (bool more = true; more;) {
        context.cancel.check();
        const Coffer::LogPage_var page = rpc::call("read the log", [&] {
            return Coffer::LogPage_var(log->entries(options.number, filter, after, pageOfEntries));
        });
        for (CORBA::ULong i = 0; i < page->list.length(); ++i) {
            context.options.json ? array.add(jsonOf(page->list[i])) : print(page->list[i]);
        }
        checkOutput(std::cout);
        // A page that leads no further would come for ever.
        more = page->more && page->position > after;
        after = page->position;
    }
    if (context.options.json) array.finish();
    return exitSuccess;
}

}  // namespace

void addRunLog(CLI::App& group, Context& context) {
    auto* verb = group.add_subcommand("log", "Show what a run did, step by step");
    const auto options = std::make_shared<RunLogOptions>();
    addNumberOption(*verb, options->number);
    verb->add_option("--level", options->least, "The least that is shown")
        ->check(CLI::IsMember({"info", "warning", "error"}));
    verb->add_option("--code", options->codes, "Only entries with one of these codes")
        ->type_name("CODE");
    verb->add_option("--below", options->below, "Only about what lies there")->type_name("PATH");
    verb->add_option("--text", options->text, "Only with this in the message")->type_name("TEXT");
    verb->footer(
        "Examples:\n"
        "  coffer run log 17 --level warning\n"
        "  coffer --json run log 17 > run-17.json");
    verb->callback([&context, options] {
        context.job = [&context, options] { return runLog(context, *options); };
    });
}

}  // namespace coffer::cli
