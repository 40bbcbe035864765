#include "management_server/tasks/task_retention.h"

#include <algorithm>
#include <cstdlib>
#include <exception>
#include <map>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::uint32_t eventPage = 1'000;
constexpr std::chrono::seconds longestWait{30};
constexpr std::chrono::seconds afterFailure{10};

bool isBackup(const RecordedEvent& event) {
    return event.kind == "run-ended" && event.value("kind") == run_kind::backup;
}

// Of one that cannot be read (its time zone is gone, a later version wrote it) it is not known
// which snapshots it wants to keep: as long as it is there, nothing is forgotten beside it.
bool mayKeepSnapshots(const KnownTask& task) {
    const std::string kind = settingOf(task.record.settings, "kind");
    return kind.empty() || kind == run_kind::backup;
}

// Nothing when the snapshot is not there any more.
std::optional<SourceKey> sourceOf(Repository& repository, const RunRecord& run) {
    if (run.snapshot.empty()) return {};
    const auto info = repository.ledger().snapshot(SnapshotId::from(fromHex(run.snapshot)));
    if (!info) return {};
    return SourceKey::of(info->registration.agent, run.what);
}

}  // namespace

void TaskRetention::start() {
    thread_.start([this] { keepTime(); });
}

void TaskRetention::stop() {
    stop_.change([](Stop& stop) { stop.asked = true; });
    cancel_.request();
    thread_.join();
}

void TaskRetention::keepTime() {
    const auto asked = [](const Stop& stop) { return stop.asked; };
    while (!stop_.with(asked)) {
        try {
            round();
            parts_.events.waitSince(seen_, 1, std::chrono::steady_clock::now() + longestWait);
        } catch (const std::exception& error) {
            log(LogLevel::error, "tasks.retention-failed", {{"message", error.what()}});
            stop_.whenOrAt(std::chrono::steady_clock::now() + afterFailure, asked, asked);
        }
    }
}

void TaskRetention::round() {
    if (!caughtUp_) catchUp();
    caughtUp_ = true;
    while (true) {
        const auto events = parts_.events.since(seen_, eventPage);
        if (events.empty()) return;
        const bool any = std::ranges::any_of(events, isBackup);
        const Rules all = any ? rules() : Rules{};
        for (const RecordedEvent& event : events) {
            if (cancel_.requested()) return;
            seen_ = event.number;
            if (all.empty() || !isBackup(event)) continue;
            const auto run = parts_.runs.find(std::strtoll(event.subject.c_str(), nullptr, 10));
            if (run) applyAfter(*run, all);
        }
    }
}

void TaskRetention::catchUp() {
    const Rules all = rules();
    for (const KnownTask& task : parts_.tasks.list()) {
        if (!task.task || !task.task->retention().any()) continue;
        for (const std::int64_t number : task.record.stand.runs) {
            cancel_.check();
            const auto run = parts_.runs.find(number);
            if (run && run->kind == run_kind::backup) applyAfter(*run, all);
        }
    }
}

TaskRetention::Rules TaskRetention::rules() const {
    const std::vector<KnownTask> known = parts_.tasks.list();
    Rules all = rulesBySource(readable(known));
    for (const KnownTask& each : known) {
        if (each.task || !mayKeepSnapshots(each)) continue;
        const std::string repository = settingOf(each.record.settings, "repository");
        log(LogLevel::warning, "tasks.retention-held",
            {{"task", each.record.name}, {"message", each.problem}});
        std::erase_if(all, [&](const auto& rule) {
            return repository.empty() || rule.first.repository == repository;
        });
    }
    return all;
}

TaskRetentionPreview TaskRetention::preview(const std::string& task) const {
    const KnownTask known = parts_.tasks.get(task);
    if (!known.task) throw Error(ErrorCode::unsupported, known.problem);
    const Rules all = rules();
    TaskRetentionPreview preview{known.task->repository(), {}};
    for (const Task::Part& part : known.task->parts()) {
        const auto found = all.find({preview.repository, part.agent, part.paths});
        if (found == all.end()) continue;
        preview.groups.push_back(
            parts_.retention.preview(preview.repository, found->second,
                                     SourceKey::of(parts_.agentId(part.agent), part.paths)));
    }
    if (preview.groups.empty()) {
        throw Error(ErrorCode::invalidArgument,
                    "task " + task + " has no rules: all snapshots of its sources stay");
    }
    return preview;
}

// What fails for one source keeps no other from it, and is tried again after its next backup.
void TaskRetention::applyAfter(const RunRecord& run, const Rules& rules) {
    if (run.task.empty() || !wentWell(run.stand.state)) return;
    // What is proven must not go for what may be damaged.
    if (run.counts.contains(unverifiedCount)) return;
    const auto found = rules.find({run.repository, run.agent, run.what});
    if (found == rules.end()) return;
    try {
        apply(run, found->second);
    } catch (const Error& error) {
        log(LogLevel::error, "task.retention-failed",
            {{"task", run.task}, {"message", error.what()}});
        parts_.events.add(
            "retention-failed", run.repository,
            "retention of task " + run.task + " at " + run.agent + ": " + error.what(),
            {{"task", run.task}, {"agent", run.agent}, {"message", error.what()}});
    }
}

void TaskRetention::apply(const RunRecord& run, const RetentionRules& rules) {
    const auto source = sourceOf(*parts_.repositories.open(run.repository), run);
    if (!source) return;
    const RetentionGroup group = parts_.retention.apply(run.repository, rules, *source, cancel_);
    const std::uint64_t forgotten = countForgotten(std::span(&group, 1));
    if (forgotten == 0) return;
    const std::string count = std::to_string(forgotten);
    log(LogLevel::info, "retention.applied",
        {{"repository", run.repository}, {"forgotten", count}, {"task", run.task}});
    parts_.events.add("retention-applied", run.repository,
                      "retention of task " + run.task + " at " + run.agent + ": " + count +
                          (forgotten == 1 ? " snapshot" : " snapshots") + " of " + run.repository +
                          " forgotten",
                      {{"forgotten", count}, {"task", run.task}, {"agent", run.agent}});
}

}  // namespace coffer
