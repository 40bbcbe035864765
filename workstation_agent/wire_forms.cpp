#include "workstation_agent/wire_forms.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

constexpr CORBA::ULong mostTexts = 100'000;
constexpr std::size_t mostProblems = 2'000;  // with what hooks printed
constexpr std::size_t mostProblemOctets = std::size_t{4} << 20;

void checkCount(CORBA::ULong count) {
    if (count > mostTexts) {
        throw Error(ErrorCode::invalidArgument, "order of a run: too many paths or patterns");
    }
}

Coffer::Settings toWire(const RunCounts& counts) {
    rpc::SettingMap map;
    for (const auto& [name, count] : counts) map.emplace(name, std::to_string(count));
    return rpc::toSettings(map);
}

void toWire(const WorkerProblem& problem, Coffer::RunProblem& form) {
    form.where = rpc::toPath(problem.path);
    form.code = problem.code.c_str();
    form.message = problem.message.c_str();
}

// How many of the problems go into a message.
std::size_t fitting(const std::vector<WorkerProblem>& problems) {
    std::size_t count = 0;
    std::size_t octets = 0;
    for (; count < std::min(problems.size(), mostProblems); ++count) {
        const WorkerProblem& problem = problems[count];
        octets += problem.path.size() + problem.code.size() + problem.message.size();
        if (octets > mostProblemOctets) break;
    }
    return count;
}

}  // namespace

Coffer::Entry toWire(const ObjectEntry& entry) {
    Coffer::Entry form;
    form.name = rpc::toPath(entry.name);
    form.kind = entry.kind.c_str();
    form.size = entry.size ? static_cast<CORBA::LongLong>(*entry.size) : Coffer::unknownSize;
    form.modified = entry.modified ? rpc::toMoment(*entry.modified) : rpc::unknownMoment();
    form.mode = entry.mode;
    form.more = rpc::toSettings(entry.more);
    return form;
}

ObjectEntry fromWire(const Coffer::Entry& form) {
    ObjectEntry entry;
    entry.kind = form.kind.in();
    if (form.size >= 0) entry.size = static_cast<std::uint64_t>(form.size);
    if (form.modified.seconds != Coffer::unknownSeconds) {
        entry.modified = rpc::toTimestamp(form.modified);
    }
    entry.mode = form.mode;
    return entry;
}

void toWire(const PagedEntries::Page& page, Coffer::Entries& entries) {
    entries.length(static_cast<CORBA::ULong>(page.entries.size()));
    for (CORBA::ULong i = 0; i < entries.length(); ++i) entries[i] = toWire(page.entries[i]);
}

Coffer::RunProgressList toWire(const std::vector<RunNews>& news) {
    Coffer::RunProgressList list;
    list.length(static_cast<CORBA::ULong>(news.size()));
    for (CORBA::ULong i = 0; i < list.length(); ++i) {
        list[i].run = news[i].run;
        list[i].attempt = news[i].attempt;
        list[i].phase = news[i].phase.c_str();
        list[i].counts = toWire(news[i].counts);
    }
    return list;
}

Coffer::RunResult toWire(const RunReport& report) {
    Coffer::RunResult form;
    form.run = report.run;
    form.attempt = report.attempt;
    form.outcome = report.result.outcome.c_str();
    form.message = report.result.message.c_str();
    form.snapshot = report.result.snapshot.c_str();
    form.counts = toWire(report.result.counts);
    form.problems.length(static_cast<CORBA::ULong>(fitting(report.problems)));
    for (CORBA::ULong i = 0; i < form.problems.length(); ++i) {
        toWire(report.problems[i], form.problems[i]);
    }
    return form;
}

RunOrder fromWire(const Coffer::RunOrder& form) {
    checkCount(form.what.length());
    checkCount(form.patterns.length());
    RunOrder order;
    order.run = form.run;
    order.attempt = form.attempt;
    order.kind = form.kind;
    order.store = form.store;
    order.token = rpc::toBytes(form.token);
    for (CORBA::ULong i = 0; i < form.what.length(); ++i) {
        order.what.push_back(rpc::textOf(form.what[i]));
    }
    order.target = rpc::textOf(form.target);
    order.patterns = rpc::toTexts(form.patterns);
    order.options = rpc::toMap(form.options);
    return order;
}

}  // namespace coffer
