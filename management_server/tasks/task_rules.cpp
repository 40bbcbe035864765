#include "management_server/tasks/task_rules.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/base/mail_address.h"
#include "core/base/printable.h"
#include "core/schedule/schedule.h"
#include "core/schedule/window.h"
#include "core/snapshot/retention_rules.h"

namespace coffer {

namespace {

constexpr const char* allKinds = "backup restore verify rehearsal prune replicate copy synchronise";
constexpr const char* repositoryKinds = "backup restore verify rehearsal prune replicate copy";
constexpr const char* agentKinds = "backup restore";
constexpr std::size_t longestValue = 4'096;
constexpr std::size_t mostValues = 2'000;
constexpr std::size_t mostOctets = 256 << 10;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

void anything(const std::string&) {}

void checkTruth(const std::string& value) {
    if (value != "yes" && value != "no") refuse("write yes or no");
}

void checkKind(const std::string& value) {
    const std::string_view kinds = allKinds;
    if (value.empty() || value.find(' ') != value.npos || !taskRules().front().isOf(value)) {
        refuse("is one of: " + std::string(kinds));
    }
}

void checkSource(const std::string& value) {
    const std::size_t colon = value.find(':');
    if (colon == 0 || colon == value.npos || value.substr(colon + 1, 1) != "/") {
        refuse("write AGENT:/path");
    }
}

void checkPath(const std::string& value) {
    if (!value.starts_with('/')) refuse("is no absolute path");
}

// Which of the two it has to be depends on the kind.
void checkTarget(const std::string& value) {
    if (!value.starts_with('/')) checkSource(value);
}

// "office/servers"
void checkComponent(const std::string& value) {
    const auto isPart = [](std::string_view part) {
        return !part.empty() && part != "." && part != ".." && part == words::settled(part);
    };
    if (!std::ranges::all_of(words::split(value, '/'), isPart)) {
        refuse("write small letters with '/' between the parts, as in office/servers");
    }
}

void checkDuration(const std::string& value) {
    words::duration(value);
}

void checkTimeLimit(const std::string& value) {
    if (words::duration(value) == 0) refuse("leaves no time at all");
}

void checkSpread(const std::string& value) {
    constexpr std::int64_t day = 86'400;
    if (words::duration(value) > day) refuse("is longer than a day");
}

void checkOnAttach(const std::string& value) {
    if (value != "yes" && value != "no") words::duration(value);
}

void checkMailAddress(const std::string& value) {
    if (!isMailAddress(value)) refuse("is no address; write ann@example.org");
}

void checkMailWhen(const std::string& value) {
    if (value != "failed" && value != "problems" && value != "always") {
        refuse("is failed, problems or always");
    }
}

void checkAfterWhen(const std::string& value) {
    if (value != "committed" && value != "proven") refuse("is committed or proven");
}

template <int least, int most>
void checkNumber(const std::string& value) {
    const bool negative = value.starts_with('-');
    const auto number = words::number(std::string_view(value).substr(negative ? 1 : 0), 1'000'000);
    const int signedNumber = number.value_or(0) * (negative ? -1 : 1);
    if (!number || signedNumber < least || signedNumber > most) {
        refuse("is no number from " + std::to_string(least) + " to " + std::to_string(most));
    }
}

template <const char* const& name>
void checkRetention(const std::string& value) {
    RetentionRules rules;
    setRetentionRule(rules, name, value);
}

constexpr const char* keepLast = "keep-last";
constexpr const char* keepHourly = "keep-hourly";
constexpr const char* keepDaily = "keep-daily";
constexpr const char* keepWeekly = "keep-weekly";
constexpr const char* keepMonthly = "keep-monthly";
constexpr const char* keepYearly = "keep-yearly";
constexpr const char* keepWithin = "keep-within";

TaskRule option(const char* key, const char* kinds, const char* fallback, const char* doc) {
    return {.key = key,
            .kinds = kinds,
            .fallback = fallback,
            .doc = doc,
            .check = anything,
            .isOption = true};
}

TaskRule several(TaskRule rule) {
    rule.many = true;
    return rule;
}

std::vector<TaskRule> makeRules() {
    return {
        // What.
        {"kind", allKinds, "backup",
         "What is done: backup, restore, verify, rehearsal, prune, replicate, copy or synchronise.",
         checkKind},
        {"enabled", allKinds, "yes", "With no, the task is started by hand alone.", checkTruth},
        {"component", allKinds, "", "Where it is shown: folders of your choice, as office/servers.",
         checkComponent},
        {"comment", allKinds, "", "For people.", anything},
        {"repository", repositoryKinds, "main", "The repository that it is about.", anything},
        several({"source", "backup synchronise", "",
                 "AGENT:/path that is backed up. A line for each; may be of several agents.\n"
                 "Of a synchronisation the one folder.",
                 checkSource}),
        {"snapshot", "restore rehearsal", "latest",
         "'latest', the id of a snapshot or the beginning of it.", anything},
        several({"path", "restore rehearsal", "",
                 "What of the snapshot, a line for each; none: all of it.", checkPath}),
        {"target", "restore replicate synchronise", "",
         "AGENT:/path of the folder that it is restored into, or that becomes the same; of a\n"
         "replica a folder of the server.",
         checkTarget},
        option(
            "direction", "synchronise", "one-way",
            "one-way: the target becomes the same as the source; two-way: both as what changed."),
        option("delete", "synchronise", "no",
               "One-way: whether what the source does not have goes in the target."),
        option("compare", "synchronise", "time",
               "time: files of the same size and time are the same; content: they are read."),
        option(
            "conflict", "synchronise", "",
            "Two-way, of what changed in both: keep-both (also without this: the older one under\n"
            "another name), newer, source or target."),
        option("most-deletions", "synchronise", "50",
               "% of the entries of a folder: when more would go, nothing is done. 0 to 100."),
        // What of it, and how.
        several({"include", "backup synchronise", "",
                 "A pattern, as of 'exclude', a line for each: nothing else takes part, and all\n"
                 "that is in a folder which matches.",
                 anything}),
        several(
            {"exclude", "backup synchronise", "",
             "A pattern that is left out, as of git help ignore, a line for each. The last one\n"
             "that matches decides; '!' in front takes back.",
             anything}),
        option("exclude-larger-than", "backup", "", "Files over this size are left out: 4G."),
        option("exclude-older-than", "backup", "",
               "Files that did not change for so long are left out: 365d."),
        option("exclude-caches", "backup", "no",
               "Whether folders with a CACHEDIR.TAG are left out."),
        option("exclude-nodump", "backup", "no",
               "Whether files with the attribute \"no dump\" are left out."),
        option("one-file-system", "backup", "no",
               "Whether other file systems mounted below a path are left out."),
        option("compression", "backup", "2", "zstd level, 1 to 19."),
        option("overwrite", "restore", "",
               "never, older or always; without it the target has to be empty."),
        option("depth", "verify", "full", "structure, sample=10 (%) or full."),
        option("sample", "rehearsal", "100", "% of the files, 1 to 100."),
        option("repack-at", "prune", "30", "% of a pack that is not needed, 1 to 100."),
        option("interrupted", "prune", "no",
               "Whether also what backups that were cut have sent is removed."),
        option("verify", "replicate", "no",
               "Whether all of the copy is read too; what is damaged there is copied anew."),
        {"to", "copy", "", "The repository that snapshots are copied into.", anything},
        option(
            "choose", "copy", "newest",
            "Which snapshots: newest of each source, or all. What was copied once is not again."),
        option("only-agent", "copy restore rehearsal", "",
               "Only those of this agent; of a restore or a rehearsal the latest of it."),
        option("only-tag", "copy restore rehearsal", "", "Only those with this tag, likewise."),
        option("limit", "replicate copy synchronise", "",
               "Octets a second: 2M, or 08:00-18:00=500K,none."),
        option("workers", "backup restore verify rehearsal", "", "Threads, 1 to 256."),
        option("bandwidth", agentKinds, "",
               "Octets a second that go over the network: 2M, or by the agent's time of day\n"
               "08:00-18:00=500K,none."),
        option("read-rate", "backup", "",
               "Octets a second that are read of files: 20M, or as bandwidth."),
        option("nice", agentKinds, "",
               "How far it gives way on the processor: 0 to 19. Empty: a backup 10, a restore 0."),
        option("ionice", agentKinds, "",
               "How far it gives way on disks: best-effort (somewhat) or idle."),
        option("priority", allKinds, "0", "Before others that wait, -100 to 100."),
        // When.
        {"schedule", allKinds, "", "When it is due: daily at 21:30. See docs/tasks.md.",
         [](const std::string& value) { Schedule::parse(value); }},
        {"zone", allKinds, "",
         "The time zone of schedule and window: Europe/Berlin; agent: that of each agent. Empty:\n"
         "the server's.",
         [](const std::string& value) {
             if (value != zoneOfAgents) TimeZone::load(value);
         }},
        {"spread", allKinds, "0m",
         "It is due later by a time of its own, between none and this: 30m. Up to 24h.",
         checkSpread},
        {"catch-up", allKinds, "0m",
         "A due time that was missed (the server was off) is made up for within this: 12h.",
         checkDuration},
        {"on-attach", agentKinds, "no",
         "When its agent attaches: yes, or a length of time as 12h: not again within it.",
         checkOnAttach},
        {"after", allKinds, "", "A task: this one starts when all runs of that one went well.",
         anything},
        {"after-when", allKinds, "committed",
         "As soon as a backup that it follows has committed, or when that was verified: proven.",
         checkAfterWhen},
        {"window", allKinds, "", "When it may run: mon-fri 20:00-06:00; sat,sun 00:00-24:00.",
         [](const std::string& value) { Window::parse(value); }},
        {"time-limit", allKinds, "", "A run is stopped so long after it began: 6h.",
         checkTimeLimit},
        {"retry-count", allKinds, "0",
         "So many times it is tried again, at the agents where it failed: 0 to 100.",
         checkNumber<0, 100>},
        {"retry-pause", allKinds, "10m", "And so long after.", checkDuration},
        // Around it.
        option("hook-before", agentKinds, "",
               "A command on the agent, which has to allow it: docs/agent.md. When it fails,\n"
               "nothing runs."),
        option("hook-after-success", agentKinds, "", "A command on the agent, when all went well."),
        option("hook-after-failure", agentKinds, "", "A command on the agent, when it did not."),
        option("hook-time-limit", agentKinds, "10m", "A hook is stopped after so long."),
        // Afterwards.
        several({"tag", "backup", "", "A tag of the snapshots, a line for each.", anything}),
        {keepLast, "backup", "",
         "Which snapshots of its sources stay after each backup, as in docs/retention.md: the\n"
         "newest 3. Without any of these all stay.",
         checkRetention<keepLast>},
        {keepHourly, "backup", "", "The newest of each hour, of so many.",
         checkRetention<keepHourly>},
        {keepDaily, "backup", "", "Likewise of each day.", checkRetention<keepDaily>},
        {keepWeekly, "backup", "", "Likewise of each week.", checkRetention<keepWeekly>},
        {keepMonthly, "backup", "", "Likewise of each month.", checkRetention<keepMonthly>},
        {keepYearly, "backup", "", "Likewise of each year.", checkRetention<keepYearly>},
        {keepWithin, "backup", "", "All that are not older than the newest by so much: 30d.",
         checkRetention<keepWithin>},
        several(
            {"mail", allKinds, "",
             "Who gets a mail when a run of it ends, a line for each. Needs [mail] of server.ini.",
             checkMailAddress}),
        {"mail-when", allKinds, "problems",
         "failed, problems (warnings and time limits, too), or always.", checkMailWhen},
        {"warn-after", "backup", "",
         "Its sources are late when they were not backed up for so long: 36h.", checkDuration},
    };
}

// Changes of single letters that lead from one word to the other.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = std::exchange(row[0], i);
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t changed = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, changed});
        }
    }
    return row.back();
}

void checkValue(const TaskRule& rule, const std::string& value) {
    const auto isControl = [](char letter) {
        return static_cast<unsigned char>(letter) < ' ' || letter == 0x7f;
    };
    if (value.size() > longestValue || std::ranges::any_of(value, isControl)) {
        refuse("a value has one line of at most 4,096 octets");
    }
    if (value.empty()) refuse("is empty; leave it out instead");
    if (value.front() == ' ' || value.back() == ' ') refuse("begins or ends with a space");
    rule.check(value);
}

void checkSetting(const TaskRule& rule, const std::vector<std::string>& values,
                  const std::string& kind) {
    if (!rule.isOf(kind)) refuse("is no setting of a " + kind);
    if (values.empty() || (values.size() > 1 && !rule.many)) refuse("is to be set once");
    if (values.size() > mostValues) refuse("is set more than 2,000 times");
    for (const std::string& value : values) {
        during("'" + printable(value.substr(0, 100)) + "'", [&] { checkValue(rule, value); });
    }
}

}  // namespace

bool TaskRule::isOf(std::string_view kind) const {
    const auto each = words::split(kinds, ' ');
    return std::ranges::find(each, kind) != each.end();
}

const std::vector<TaskRule>& taskRules() {
    static const std::vector<TaskRule> all = makeRules();
    return all;
}

const TaskRule& taskRule(std::string_view key) {
    for (const TaskRule& rule : taskRules()) {
        if (key == rule.key) return rule;
    }
    constexpr std::size_t longestKey = 40;
    const TaskRule* nearest = nullptr;
    std::size_t least = 4;  // as far away as a known key is still proposed
    for (const TaskRule& rule : taskRules()) {
        const std::size_t away = distance(key.substr(0, longestKey), rule.key);
        if (away >= least) continue;
        least = away;
        nearest = &rule;
    }
    refuse("there is no setting '" + printable(key.substr(0, longestKey)) + "'" +
           (nearest ? std::string("; did you mean '") + nearest->key + "'?" : std::string()));
}

std::string settingOf(const TaskSettings& settings, const std::string& key) {
    const auto found = settings.find(key);
    return found == settings.end() || found->second.empty() ? taskRule(key).fallback
                                                            : found->second.front();
}

std::vector<std::string> settingsOf(const TaskSettings& settings, const std::string& key) {
    const auto found = settings.find(key);
    return found == settings.end() ? std::vector<std::string>() : found->second;
}

void checkTaskSettings(const TaskSettings& settings) {
    std::size_t octets = 0;
    for (const auto& [key, values] : settings) {
        taskRule(key);
        for (const std::string& value : values) octets += value.size();
    }
    if (octets > mostOctets) {
        throw Error(ErrorCode::limitExceeded, "the settings take more than 256 KiB");
    }
    const std::string kind = settingOf(settings, "kind");
    during("kind '" + printable(kind.substr(0, 40)) + "'", [&] { checkKind(kind); });
    for (const auto& [key, values] : settings) {
        during(key, [&, &its = values, &rule = taskRule(key)] { checkSetting(rule, its, kind); });
    }
}

}  // namespace coffer
