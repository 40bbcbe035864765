#include <iostream>

#include "core/console/exit_codes.h"
#include "core/console/output.h"
#include "core/rpc/failure.h"
#include "management_panel/cli/plain_verb.h"
#include "management_panel/cli/verbs.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

constexpr CORBA::ULong pageOfRecords = 1'000;

Json jsonOf(const Coffer::AuditRecord& record) {
    Json object{{"number", record.number}, {"time", momentJson(record.time)}};
    putOctets(object, "user", record.user.in());
    putOctets(object, "address", record.address.in());
    putOctets(object, "action", record.action.in());
    putOctets(object, "subject", record.subject.in());
    object["before"] = factsJson(record.before);
    object["after"] = factsJson(record.after);
    return object;
}

std::string factsText(const Coffer::Settings& facts, const char* sign) {
    std::string text;
    for (CORBA::ULong i = 0; i < facts.length(); ++i) {
        text +=
            std::string("  ") + sign + shown(facts[i].name.in()) + "=" + shown(facts[i].value.in());
    }
    return text;
}

void print(const Coffer::AuditRecord& record) {
    const std::string address = shown(record.address.in());
    std::cout << record.number << "  " << momentText(record.time) << "  " << shown(record.user.in())
              << (address.empty() ? "" : "@" + address) << "  " << shown(record.action.in()) << "  "
              << shown(record.subject.in()) << factsText(record.before, "-")
              << factsText(record.after, "+") << '\n';
}

Coffer::AuditLog_var logOf(Context& context) {
    const auto manager = context.connection().access();
    return rpc::call("reach the audit log", [&] { return Coffer::AuditLog_var(manager->audit()); });
}

// Each record on a line of its own, however many there are.
int list(Context& context, std::uint64_t after, bool json) {
    const Coffer::AuditLog_var log = logOf(context);
    while (true) {
        Coffer::AuditRecords_var page = client::inSession("read the audit log", [&] {
            return Coffer::AuditRecords_var(log->list(after, pageOfRecords));
        });
        for (CORBA::ULong i = 0; i < page->length(); ++i) {
            if (json) {
                printJson(std::cout, jsonOf(page[i]));
            } else {
                print(page[i]);
            }
            after = std::max<std::uint64_t>(after, page[i].number);
        }
        checkOutput(std::cout.flush());
        context.cancel.check();
        if (page->length() == 0) return exitSuccess;
    }
}

int verify(Context& context) {
    const Coffer::AuditLog_var log = logOf(context);
    const Coffer::AuditVerdict_var verdict = client::inSession(
        "verify the audit log", [&] { return Coffer::AuditVerdict_var(log->verify()); });
    if (context.options.json) {
        Json object{{"sound", static_cast<bool>(verdict->sound)}, {"records", verdict->records}};
        putOctets(object, "hash", verdict->hash.in());
        putOctets(object, "problem", verdict->problem.in());
        printJson(std::cout, object);
    } else if (verdict->sound) {
        std::cout << "The audit log is sound: " << verdict->records
                  << " records, the last has hash " << shown(verdict->hash.in()) << '\n';
    } else {
        std::cout << "The audit log has been changed: " << shown(verdict->problem.in()) << '\n';
    }
    return verdict->sound ? exitSuccess : exitDamage;
}

}  // namespace

void addAudit(CLI::App& app, Context& context) {
    auto* group = app.add_subcommand("audit", "The log of all changes: who, when, from where");
    group->require_subcommand(1);
    group->footer("Only for auditors.\n\nExample:\n  coffer audit list");

    const auto after = std::make_shared<std::uint64_t>(0);
    auto* listing = group->add_subcommand("list", "Show the records, oldest first");
    listing->add_option("--after", *after, "Only those after this number")->type_name("N");
    listing->footer(
        "With --json each record is a document on a line of its own.\n\n"
        "Example:\n  coffer audit list --after 1000");
    listing->callback([&context, after] {
        context.job = [&context, after] { return list(context, *after, context.options.json); };
    });

    addPlain(
        *group, context,
        {"export",
         "Print all records as JSON, one a line",
         {},
         "Example:\n  coffer audit export >audit.jsonl",
         [](Context& given, const std::vector<std::string>&) { return list(given, 0, true); }});
    addPlain(
        *group, context,
        {"verify",
         "Check that no record was changed, moved or removed",
         {},
         "Every record is chained to the one before it, and the repositories remember the end.\n"
         "Exit code 4 when something was changed.\n\nExample:\n  coffer audit verify",
         [](Context& given, const std::vector<std::string>&) { return verify(given); }});
}

}  // namespace coffer::cli
