#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/schedule/timetable.h"
#include "core/snapshot/retention_rules.h"
#include "management_server/runs/run_options.h"
#include "management_server/tasks/task_rules.h"

namespace coffer {

/// A task as it is carried out: its settings with their types, checked as a whole. A value.
class Task {
  public:
    static constexpr std::size_t longestName = 64;

    /// What is done at one agent; for what the server does itself, with an empty name.
    struct Part {
        std::string agent;
        std::vector<std::string> paths;  // absolute
    };

    /// Name of the time zone that an agent is in; empty: nobody knows.
    using ZoneOfAgent = std::function<std::string(const std::string& agent)>;

    /// Throws Error(invalidArgument), (unsupported), (limitExceeded) that says which setting is
    /// wrong and why. Whether agents and repositories are there is not looked at.
    Task(std::string name, TaskSettings settings, const ZoneOfAgent& zoneOfAgent = {});

    const std::string& name() const { return name_; }
    const TaskSettings& settings() const { return settings_; }
    std::string setting(const std::string& key) const { return settingOf(settings_, key); }
    const char* kind() const { return kind_; }
    bool enabled() const { return setting("enabled") == "yes"; }
    std::string repository() const;                           // empty when it is about none
    std::string copyTarget() const { return setting("to"); }  // of a copy: another repository
    std::string after() const { return setting("after"); }

    /// Whether it starts only when what that task has stored was verified.
    bool isAfterProof() const { return setting("after-when") == "proven"; }

    /// One for each agent; of a restore the target's; of a synchronisation, as of what the server
    /// does itself, one with an empty name.
    const std::vector<Part>& parts() const { return parts_; }
    bool hasAgent(const std::string& agent) const;
    bool hasPart(const std::string& agent) const;  // also of the server itself, an empty name

    /// Of a backup, with the paths of that part.
    BackupChoice choice(const Part& part) const;

    /// Of a synchronisation: the run of that user.
    RunRecord syncRunOf(const std::string& user) const;

    /// Of runs, as users give them.
    const RunTexts& options() const { return options_; }

    /// Asked of a task that somebody enters: throws Error(invalidArgument) for options that let
    /// nothing through or leave out every file.
    void requireSomethingLeft() const;

    /// By agent, for a task that goes by the clocks of its agents; else for all parts, under an
    /// empty name. Empty when it is not due by time.
    const std::map<std::string, Timetable>& timetables() const { return timetables_; }

    /// The next due times, at most so many.
    std::vector<Timestamp> preview(Timestamp after, std::size_t count) const;

    /// Name of the zone in which times of a part are told; empty: the server's.
    std::string zoneAt(const std::string& agent) const;

    /// Starts at an attach when its last start is at least so many seconds ago; nothing: never.
    std::optional<std::int64_t> attachPause() const { return attachPause_; }

    /// Seconds after which a run is stopped; nothing: never.
    std::optional<std::int64_t> timeLimit() const { return timeLimit_; }

    /// How often a start that failed is tried again, and how many seconds after.
    std::int64_t retryCount() const { return retryCount_; }
    std::int64_t retryPause() const { return retryPause_; }

    /// Who gets a mail about a run that ended so, with this message. One that was stopped by its
    /// time limit is a problem.
    std::vector<std::string> mailTo(RunState end, std::string_view message = {}) const;

    /// Which snapshots of its sources stay after a backup; when none is set: all.
    const RetentionRules& retention() const { return retention_; }

    /// Letters, digits, '.', '-', '_', at most 64. Throws Error(invalidArgument).
    static void checkName(const std::string& name);

  private:
    bool is(const char* kind) const { return std::string_view(kind_) == kind; }
    void readParts();
    void readRestore(const std::vector<std::string>& paths);
    void checkReplica() const;
    void checkCopy() const;
    void checkSync() const;
    void readOptions();
    void readTimes();
    void readZones(const ZoneOfAgent& zoneOfAgent);
    void readLimits();
    void readRetention();

    std::string name_;
    TaskSettings settings_;
    const char* kind_;
    std::vector<Part> parts_;
    RunTexts options_;
    std::map<std::string, std::string> zones_;  // by agent, of one that goes by their clocks
    std::map<std::string, Timetable> timetables_;
    std::optional<std::int64_t> attachPause_;
    std::optional<std::int64_t> timeLimit_;
    std::int64_t retryCount_ = 0;
    std::int64_t retryPause_ = 0;
    RetentionRules retention_;
};

/// The message of a run that took longer than its task allows.
std::string overTimeMessage(const std::string& limit);

/// The zone of a name; of an empty one the server's.
TimeZone zoneNamed(const std::string& name);

}  // namespace coffer
