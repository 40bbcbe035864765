#include "management_server/status/status_keeper.h"

#include <algorithm>
#include <tuple>

#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/service/log.h"
#include "management_server/runs/run_record.h"

namespace coffer {

namespace {

constexpr std::uint32_t eventsAtOnce = 1'000;
constexpr std::int64_t dueSeconds = 60;
constexpr std::size_t longestReason = 1'000;
constexpr std::int64_t longestSeconds = std::int64_t{10} * 366 * 86'400;

// Or has committed.
std::optional<std::int64_t> endedBackup(const RecordedEvent& event) {
    if (event.kind != "run-ended" && event.kind != "run-committed") return {};
    if (event.value("kind") != run_kind::backup) return {};
    return static_cast<std::int64_t>(rpc::numberIn({{"run", event.subject}}, "run", 0));
}

bool comesBefore(const SourceStatus& a, const SourceStatus& b) {
    return std::forward_as_tuple(b.counted(), b.verdict.state, a.facts.name) <
           std::forward_as_tuple(a.counted(), a.verdict.state, b.facts.name);
}

}  // namespace

StatusKeeper::StatusKeeper(Parts parts)
    : parts_(std::move(parts)), rules_(parts_.rules), seen_(0U) {
    seen_.with([&](std::uint64_t& seen) { seen = parts_.events.newest(); });
    parts_.database.change([](SqlDatabase& database) { SourceTable(database).learn(); });
    report_.with([&](auto& report) {
        report = std::make_shared<const StatusReport>(judgeAll(parts_.clock.now()));
    });
}

void StatusKeeper::refreshIfDue() {
    const bool isNews = parts_.lookForDamage();
    const std::uint64_t seen = seen_.with([](std::uint64_t number) { return number; });
    const std::int64_t age = parts_.clock.now().seconds - report()->time.seconds;
    if (isNews || parts_.events.newest() != seen || age >= dueSeconds || age < 0) refresh();
}

void StatusKeeper::refresh() {
    // One at a time: two would announce the same.
    seen_.with([&](std::uint64_t& seen) {
        for (auto events = parts_.events.since(seen, eventsAtOnce); !events.empty();
             events = parts_.events.since(seen, eventsAtOnce)) {
            std::vector<std::int64_t> ended;
            for (const RecordedEvent& event : events) {
                if (const auto run = endedBackup(event)) ended.push_back(*run);
            }
            const bool room = parts_.database.change([&](SqlDatabase& database) {
                SourceTable table(database);
                bool all = true;
                for (const std::int64_t run : ended) all = table.learn(run) && all;
                return all;
            });
            if (!room) log(LogLevel::error, "status.too-many-sources");
            seen = events.back().number;
        }
        auto report = std::make_shared<const StatusReport>(judgeAll(parts_.clock.now()));
        announce(*report);
        report_.with([&](auto& kept) { kept = std::move(report); });
    });
}

void StatusKeeper::setRules(const StatusRules& rules) {
    rules_.with([&](StatusRules& now) { now = rules; });
}

StatusReport StatusKeeper::judgeAll(Timestamp now) const {
    const StatusRules rules = rules_.with([](const StatusRules& kept) { return kept; });
    std::map<std::string, Agent> agents;
    for (Agent& agent : parts_.agents()) {
        std::string name = agent.name;
        agents.emplace(std::move(name), std::move(agent));
    }
    const std::map<SourceName, Timestamp> proofs = parts_.proofs();
    std::map<SourceName, Plan> plans = parts_.plans();
    const std::map<std::string, Timestamp> removed = parts_.removed();
    const auto damage = parts_.damage();
    std::vector<SourceRow> rows;
    std::map<std::string, Acknowledgement> known;
    parts_.database.read([&](SqlDatabase& database) {
        SourceTable table(database);
        rows = table.all();
        known = table.acknowledgements();
    });

    StatusReport report;
    report.time = now;
    const auto add = [&](SourceRow row, const Agent& agent) {
        SourceStatus status;
        status.id = row.facts.name.id();
        row.facts.agentAway = !agent.attached;
        if (const auto proof = proofs.find(row.facts.name); proof != proofs.end()) {
            row.facts.lastProven = proof->second;
        }
        if (const auto its = damage->find(row.facts.name.repository); its != damage->end()) {
            status.looked = true;
            row.facts.repositoryProblem = its->second.problem;
            const auto found = its->second.snapshots.find(row.snapshot);
            if (found != its->second.snapshots.end()) row.facts.damage = found->second;
        }
        if (const auto gone = removed.find(row.facts.name.repository); gone != removed.end()) {
            row.facts.goesAt = gone->second;
        }
        status.component = agent.name;
        if (const auto plan = plans.extract(row.facts.name)) {
            row.facts.warnAfterSeconds = plan.mapped().warnAfterSeconds;
            if (!plan.mapped().component.empty()) status.component = plan.mapped().component;
        }
        status.verdict = judge(row.facts, rules, now);
        const auto acknowledged = known.find(status.id);
        if (status.verdict.state != SourceState::safe && acknowledged != known.end() &&
            acknowledged->second.covers(status.verdict.state, now)) {
            status.known = acknowledged->second;
        }
        status.announced = row.announced;
        status.since = row.announced == status.counted() ? row.since : now;
        status.facts = std::move(row.facts);
        report.components.add(status.component, status.counted());
        report.sources.push_back(std::move(status));
    };

    std::map<std::string, std::vector<CoveringPath>> covering;
    for (SourceRow& row : rows) {
        const auto agent = agents.find(row.facts.name.agent);
        if (agent == agents.end()) continue;
        auto& paths = covering[agent->first];
        if (row.facts.lastSuccess) {
            for (const std::string& path : row.facts.name.paths) {
                paths.push_back({printable(path), row.oneFileSystem});
            }
        }
        add(std::move(row), agent->second);
    }
    while (!plans.empty()) {  // of what has not been backed up yet
        SourceRow row;
        row.facts.name = plans.begin()->first;
        const auto agent = agents.find(row.facts.name.agent);
        if (agent == agents.end()) {
            plans.erase(plans.begin());
            continue;
        }
        covering[agent->first];
        add(std::move(row), agent->second);
    }
    for (const auto& [name, agent] : agents) {
        if (!covering.contains(name)) {
            SourceRow row;
            row.facts.name.agent = name;
            add(std::move(row), agent);
        }
        for (AgentFileSystem& each : uncovered(fileSystemsIn(agent.facts), covering[name])) {
            report.uncovered.push_back({name, std::move(each)});
        }
    }
    std::ranges::sort(report.sources, comesBefore);
    return report;
}

void StatusKeeper::announce(const StatusReport& report) {
    std::vector<const SourceStatus*> changed;
    for (const SourceStatus& source : report.sources) {
        // What has only been enrolled or planned is no news; nor is there a row to note it in.
        const bool isKept = source.facts.lastSuccess || source.facts.lastFailure;
        if (!isKept || source.counted() == source.announced) continue;
        // Behind a start nobody knows yet whether it has recovered.
        if (!source.looked && source.counted() < source.announced) continue;
        changed.push_back(&source);
    }
    if (changed.empty()) return;
    parts_.database.change([&](SqlDatabase& database) {
        SourceTable table(database);
        table.dropEnded(report.time);
        for (const SourceStatus* source : changed) {
            table.setAnnounced(source->facts.name, source->counted(), report.time);
        }
    });
    for (const SourceStatus* source : changed) {
        if (!source->known) tell(*source);
    }
}

void StatusKeeper::tell(const SourceStatus& source) {
    const SourceName& name = source.facts.name;
    const SourceVerdict& verdict = source.verdict;
    std::map<std::string, std::string> more = {{"source", source.id},
                                               {"agent", name.agent},
                                               {"repository", name.repository},
                                               {"component", source.component},
                                               {"state", std::string(nameOf(verdict.state))},
                                               {"cause", verdict.cause}};
    if (!verdict.action.empty()) more.emplace("action", verdict.action);
    const std::string text = name.shown() + " to " + name.repository + " ";
    const auto add = [&](const char* what) { return text + what + ": " + verdict.cause; };
    switch (verdict.state) {
        case SourceState::safe:
            return parts_.events.add("source-recovered", name.agent, add("is protected again"),
                                     more);
        case SourceState::unproven:
            return parts_.events.add("source-unproven", name.agent, add("is unproven"), more);
        case SourceState::late:
            return parts_.events.add("source-late", name.agent, add("is late"), more);
        case SourceState::failing:
            return parts_.events.add("source-failing", name.agent, add("fails"), more);
        case SourceState::unprotected:
            return parts_.events.add("source-unprotected", name.agent, add("is not protected"),
                                     more);
    }
}

std::shared_ptr<const StatusReport> StatusKeeper::report() const {
    return report_.with([](const auto& report) { return report; });
}

SourceStatus StatusKeeper::find(const std::string& id) const {
    const auto now = report();
    const auto found = std::ranges::find(now->sources, id, &SourceStatus::id);
    if (found == now->sources.end()) {
        throw Error(ErrorCode::notFound, "there is no source " + printable(id.substr(0, 40)));
    }
    return *found;
}

void StatusKeeper::acknowledge(const std::string& id, const std::string& reason,
                               const std::string& user, Timestamp until) {
    const SourceStatus source = find(id);
    const Timestamp now = parts_.clock.now();
    if (reason.empty() || reason.size() > longestReason) {
        throw Error(ErrorCode::invalidArgument, "a reason has 1 to 1,000 octets");
    }
    if (until <= now || until.seconds - now.seconds > longestSeconds) {
        throw Error(ErrorCode::invalidArgument, "the end lies within the next 10 years");
    }
    if (source.verdict.state == SourceState::safe) {
        throw Error(ErrorCode::conflict, "it is protected");
    }
    parts_.database.change([&](SqlDatabase& database) {
        SourceTable(database).acknowledge(
            id, {source.verdict.state, printable(reason), user, now, until});
    });
    refresh();
}

void StatusKeeper::withdraw(const std::string& id) {
    const bool there = parts_.database.change(
        [&](SqlDatabase& database) { return SourceTable(database).withdraw(id); });
    if (!there) throw Error(ErrorCode::notFound, "nobody has acknowledged that");
    refresh();
}

void StatusKeeper::drop(const std::string& id) {
    const SourceStatus source = find(id);
    if (source.facts.name.paths.empty()) {
        throw Error(ErrorCode::invalidArgument, "an agent is watched until it is revoked");
    }
    parts_.database.change(
        [&](SqlDatabase& database) { SourceTable(database).drop(source.facts.name); });
    refresh();
}

}  // namespace coffer
