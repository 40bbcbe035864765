#include "management_server/tasks/task.h"

#include <algorithm>
#include <set>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "management_server/runs/sync_choice.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

// The word of RunRecord::kind.
const char* kindNamed(const std::string& name) {
    for (const char* kind :
         {run_kind::backup, run_kind::restore, run_kind::verify, run_kind::rehearsal,
          run_kind::prune, run_kind::replicate, run_kind::copy, run_kind::synchronise}) {
        if (name == kind) return kind;
    }
    refuse("'" + printable(name) + "' is no kind of task");
}

// "laptop:/home"
std::pair<std::string, std::string> placeIn(const std::string& text) {
    const std::size_t colon = text.find(':');
    return {text.substr(0, colon), text.substr(colon + 1)};
}

// As a shell completes it: "/home/" is "/home".
void dropLastSlashes(TaskSettings& settings) {
    for (const char* key : {"source", "target", "path"}) {
        const auto found = settings.find(key);
        if (found == settings.end()) continue;
        for (std::string& value : found->second) {
            const std::size_t slash = value.find('/');
            while (slash != value.npos && value.size() > slash + 1 && value.back() == '/') {
                value.pop_back();
            }
        }
    }
}

}  // namespace

TimeZone zoneNamed(const std::string& name) {
    return name.empty() ? TimeZone::ofThisComputer() : TimeZone::load(name);
}

void Task::checkName(const std::string& name) {
    const auto belongs = [](char letter) {
        return (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
               (letter >= '0' && letter <= '9') || letter == '.' || letter == '-' || letter == '_';
    };
    if (name.empty() || name.size() > longestName || !std::ranges::all_of(name, belongs)) {
        refuse("'" + printable(name.substr(0, longestName)) +
               "' is no name of a task: up to 64 letters, digits, '.', '-' and '_'");
    }
}

Task::Task(std::string name, TaskSettings settings, const ZoneOfAgent& zoneOfAgent)
    : name_(std::move(name)), settings_(std::move(settings)), kind_(run_kind::backup) {
    checkName(name_);
    during("task " + name_, [&] {
        dropLastSlashes(settings_);
        checkTaskSettings(settings_);
        kind_ = kindNamed(setting("kind"));
        readParts();
        readOptions();
        if (is(run_kind::synchronise)) checkSync();
        readZones(zoneOfAgent);
        readTimes();
        readLimits();
        readRetention();
        if (after() == name_) refuse("after: a task does not follow itself");
    });
}

void Task::readParts() {
    if (is(run_kind::backup)) {
        std::map<std::string, std::vector<std::string>> byAgent;
        for (const std::string& source : settingsOf(settings_, "source")) {
            const auto [agent, path] = placeIn(source);
            byAgent[agent].push_back(path);
        }
        if (byAgent.empty()) refuse("source: a backup needs at least one");
        for (auto& [agent, paths] : byAgent) {
            parts_.push_back({agent, paths});
            parts_.back().paths = choice(parts_.back()).what;
        }
        return;
    }
    if (!is(run_kind::copy) && setting("snapshot") != "latest" &&
        !(setting("only-agent") + setting("only-tag")).empty()) {
        refuse("snapshot: only-agent and only-tag choose the latest");
    }
    const std::vector<std::string> paths =
        restoreChoice(rpc::toPaths(settingsOf(settings_, "path")));
    if (is(run_kind::restore)) return readRestore(paths);
    if (is(run_kind::replicate)) checkReplica();
    if (is(run_kind::copy)) checkCopy();
    parts_.push_back({"", paths});
}

void Task::readRestore(const std::vector<std::string>& paths) {
    const std::string target = setting("target");
    if (target.empty()) refuse("target: a restore needs one");
    if (target.front() == '/') refuse("target: write AGENT:/path");
    folderTarget(rpc::toPath(placeIn(target).second));
    parts_.push_back({placeIn(target).first, paths});
}

void Task::checkReplica() const {
    const std::string target = setting("target");
    if (target.empty()) refuse("target: a replica needs one");
    if (target.front() != '/') refuse("target: write the absolute path of a folder of the server");
    folderTarget(rpc::toPath(target));
}

void Task::checkCopy() const {
    if (copyTarget().empty()) refuse("to: a copy needs another repository");
    if (copyTarget() == repository()) refuse("to: is the repository itself");
}

void Task::checkSync() const {
    if (settingsOf(settings_, "source").size() != 1) refuse("source: a synchronisation has one");
    if (setting("target").empty()) refuse("target: a synchronisation needs one");
    syncRunOf("");
}

RunRecord Task::syncRunOf(const std::string& user) const {
    return syncRun(user, setting("source"), setting("target"), settingsOf(settings_, "exclude"),
                   options_);
}

std::string Task::repository() const {
    return is(run_kind::synchronise) ? "" : setting("repository");
}

bool Task::hasAgent(const std::string& agent) const {
    return !agent.empty() && hasPart(agent);
}

bool Task::hasPart(const std::string& agent) const {
    return std::ranges::find(parts_, agent, &Part::agent) != parts_.end();
}

BackupChoice Task::choice(const Part& part) const {
    return backupChoice(rpc::toPaths(part.paths), rpc::toStrings(settingsOf(settings_, "exclude")));
}

void Task::readOptions() {
    RunTexts given;
    for (const auto& [key, values] : settings_) {
        if (taskRule(key).isOption) given.emplace(key, values.front());
    }
    const auto join = [&](const char* key, const char* option, const char* separator) {
        std::string all;
        for (const std::string& value : settingsOf(settings_, key)) {
            all += (all.empty() ? "" : separator) + value;
        }
        if (!all.empty()) given.emplace(option, all);
    };
    join("tag", "tags", ",");
    join("include", "include", "\n");
    options_ = keptOptions(kind_, rpc::toSettings(given));
}

void Task::requireSomethingLeft() const {
    during("task " + name_, [&] { coffer::requireSomethingLeft(kind_, options_); });
}

void Task::readTimes() {
    const std::string onAttach = setting("on-attach");
    if (onAttach == "yes") attachPause_ = 0;
    if (onAttach != "yes" && onAttach != "no") attachPause_ = words::duration(onAttach);
    const std::string schedule = setting("schedule");
    if (schedule.empty()) return;
    Timetable::Parts parts{.schedule = Schedule::parse(schedule),
                           .spreadSeconds = words::duration(setting("spread")),
                           .catchUpSeconds = words::duration(setting("catch-up"))};
    const auto add = [&](const std::string& agent) {
        parts.zone = zoneNamed(zoneAt(agent));
        timetables_.emplace(agent, Timetable(parts, name_));
    };
    if (zones_.empty()) return add("");
    for (const auto& [agent, zone] : zones_) add(agent);
}

// A zone that this server does not know is no reason not to back up.
void Task::readZones(const ZoneOfAgent& zoneOfAgent) {
    if (setting("zone") != zoneOfAgents) return;
    for (const Part& part : parts_) {
        if (part.agent.empty()) refuse("zone: it has no agent to go by");
        std::string zone;
        try {
            if (zoneOfAgent) zone = zoneNamed(zoneOfAgent(part.agent)).name();
        } catch (const Error&) {
            zone.clear();
        }
        zones_.emplace(part.agent, std::move(zone));
    }
}

std::string overTimeMessage(const std::string& limit) {
    return "it took longer than its time limit of " + limit;
}

std::vector<std::string> Task::mailTo(RunState end, std::string_view message) const {
    const std::string when = setting("mail-when");
    const bool isProblem = end == RunState::warnings ||
                           (end == RunState::cancelled && message.starts_with(overTimeMessage("")));
    const bool isMeant =
        when == "always" || end == RunState::failed || (when == "problems" && isProblem);
    return isMeant ? settingsOf(settings_, "mail") : std::vector<std::string>();
}

std::vector<Timestamp> Task::preview(Timestamp after, std::size_t count) const {
    std::set<Timestamp> times;
    for (const auto& [agent, timetable] : timetables_) {
        for (const Timestamp& time : timetable.preview(after, count)) times.insert(time);
    }
    std::vector<Timestamp> first(times.begin(), times.end());
    if (first.size() > count) first.resize(count);
    return first;
}

std::string Task::zoneAt(const std::string& agent) const {
    const std::string zone = setting("zone");
    if (zone != zoneOfAgents) return zone;
    const auto found = zones_.find(agent);
    return found == zones_.end() ? "" : found->second;
}

void Task::readLimits() {
    const std::string timeLimit = setting("time-limit");
    if (!timeLimit.empty()) timeLimit_ = words::duration(timeLimit);
    retryCount_ = words::number(setting("retry-count"), 100).value_or(0);
    retryPause_ = words::duration(setting("retry-pause"));
}

void Task::readRetention() {
    for (const auto& [key, values] : settings_) {
        if (key.starts_with("keep-")) setRetentionRule(retention_, key, values.front());
    }
}

}  // namespace coffer
