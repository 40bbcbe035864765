#include "management_server/runs/run_options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <set>

#include "core/base/command_words.h"
#include "core/base/error.h"
#include "core/base/octet_count.h"
#include "core/base/parts.h"
#include "core/base/printable.h"
#include "core/pipeline/selection.h"
#include "core/pipeline/verify_depth.h"
#include "core/repository/snapshot_mark.h"
#include "core/rpc/convert.h"
#include "core/schedule/words.h"
#include "core/snapshot/snapshot.h"
#include "core/storage/bandwidth_schedule.h"
#include "management_server/runs/run_queue.h"

namespace coffer {

namespace {

constexpr CORBA::ULong mostSettings = 100;
constexpr CORBA::ULong mostBackupTexts = 2'000;  // paths, and patterns
constexpr std::size_t mostBackupOctets = std::size_t{1} << 20;
constexpr CORBA::ULong mostRestorePaths = 1'000;
constexpr std::size_t mostRestoreOctets = 32 << 10;
constexpr std::size_t longestTarget = 4'096;

[[noreturn]] void refuse(const std::string& why) {
    throw Error(ErrorCode::invalidArgument, why);
}

void checkCount(CORBA::ULong count, CORBA::ULong most, const char* what) {
    if (count > most) {
        refuse(std::to_string(count) + " " + what + " are more than " + std::to_string(most));
    }
}

void checkOctets(const std::vector<std::string>& texts, std::size_t most, const char* what) {
    std::size_t octets = 0;
    for (const std::string& text : texts) octets += text.size();
    if (octets > most) {
        refuse(std::string(what) + " take more than " + std::to_string(most >> 10) +
               " KiB together");
    }
}

std::vector<std::string> textsIn(const std::string& value) {
    return partsOf(value, ',');
}

void checkTags(const std::string& value) {
    SnapshotMark mark;
    for (const std::string& tag : textsIn(value)) mark.addTag(tag);
}

void checkText(const std::string& value) {
    constexpr std::size_t longest = 200;
    if (value.empty() || value.size() > longest) refuse("write 1 to 200 octets");
}

void checkIds(const std::string& value) {
    constexpr std::size_t most = 1'000;
    const std::vector<std::string> ids = textsIn(value);
    if (ids.size() > most) refuse("more than 1,000 snapshots are named");
    for (const std::string& id : ids) snapshotIdOf(id);
}

// Patterns, a line each.
void checkInclude(const std::string& value) {
    if (value.size() > mostBackupOctets) refuse("the patterns to include are too long");
    const std::vector<std::string> patterns = partsOf(value, '\n');
    checkCount(static_cast<CORBA::ULong>(patterns.size()), mostBackupTexts, "patterns");
    includeRules(patterns);
}

void checkRate(const std::string& value) {
    BandwidthSchedule::parse(value);
}

void checkFlow(const std::string& value) {
    BandwidthSchedule::parseFlowing(value);
}

void checkSize(const std::string& value) {
    octetCount(value);
}

void checkSomeSize(const std::string& value) {
    if (octetCount(value) == 0) refuse("would leave out every file");
}

void checkAge(const std::string& value) {
    words::duration(value);
}

void checkSomeAge(const std::string& value) {
    if (words::duration(value) == 0) refuse("would leave out every file");
}

void checkCommand(const std::string& value) {
    commandWords(value);
}

void checkHookTime(const std::string& value) {
    constexpr std::int64_t longest = 24 * 3'600;
    const std::int64_t seconds = words::duration(value);
    if (seconds < 1 || seconds > longest) refuse("is a time from 1s to 24h");
}

struct OptionRule {
    const char* name;
    const char* kinds;  // the kinds of run that know it
    std::vector<std::string> words;
    std::uint64_t least = 0;  // of a number, when there are no words
    std::uint64_t most = 0;
    void (*check)(const std::string& value) = nullptr;  // of a value that is neither
    void (*left)(const std::string& value) = nullptr;   // and that something is left to do with it
};

const std::vector<OptionRule>& rules() {
    static const std::vector<OptionRule> all = {
        {"one-file-system", "backup", {"yes", "no"}},
        {"exclude-caches", "backup", {"yes", "no"}},
        {"exclude-nodump", "backup", {"yes", "no"}},
        {"compression", "backup", {}, 1, 19},
        {"tags", "backup", {}, 0, 0, checkTags},
        {"include", "backup synchronise", {}, 0, 0, checkInclude},
        {"exclude-larger-than", "backup", {}, 0, 0, checkSize, checkSomeSize},
        {"exclude-older-than", "backup", {}, 0, 0, checkAge, checkSomeAge},
        {"hook-before", "backup restore", {}, 0, 0, checkCommand},
        {"hook-after-success", "backup restore", {}, 0, 0, checkCommand},
        {"hook-after-failure", "backup restore", {}, 0, 0, checkCommand},
        {"hook-time-limit", "backup restore", {}, 0, 0, checkHookTime},
        {"bandwidth", "backup restore", {}, 0, 0, checkRate, checkFlow},
        {"read-rate", "backup", {}, 0, 0, checkRate, checkFlow},
        {"nice", "backup restore", {}, 0, 19},
        {"ionice", "backup restore", {"idle", "best-effort"}},
        {"overwrite", "restore", {"never", "older", "always"}},
        {"depth", "verify", {}, 0, 0, [](const std::string& value) { VerifyDepth::parse(value); }},
        {"workers", "backup restore verify rehearsal", {}, 1, 256},
        {"sample", "rehearsal", {}, 1, 100},
        {"preview", "prune repair synchronise", {"yes", "no"}},
        {"verify", "replicate", {"yes", "no"}},
        {"snapshots", "copy", {}, 0, 0, checkIds},
        {"choose", "copy", {"newest", "all"}},
        {"only-agent", "copy restore rehearsal", {}, 0, 0, checkText},
        {"only-tag", "copy restore rehearsal", {}, 0, 0, checkText},
        {"limit", "replicate copy synchronise", {}, 0, 0, checkRate, checkFlow},
        {"direction", "synchronise", {"one-way", "two-way"}},
        {"delete", "synchronise", {"yes", "no"}},
        {"compare", "synchronise", {"time", "content"}},
        {"conflict", "synchronise", {"keep-both", "newer", "source", "target"}},
        {"most-deletions", "synchronise", {}, 0, 100},
        {"interrupted", "prune", {"yes", "no"}},
        {"repack-at", "prune", {}, 1, 100},
        {"priority",
         "backup restore verify rehearsal prune repair replicate copy synchronise",
         {},
         0,
         0,
         [](const std::string& value) { runPriority(value); }},
    };
    return all;
}

const OptionRule& ruleOf(const std::string& kind, const std::string& name) {
    const auto found = std::ranges::find_if(rules(), [&](const OptionRule& rule) {
        return rule.name == name && std::string(rule.kinds).find(kind) != std::string::npos;
    });
    if (found == rules().end()) {
        refuse("a " + kind + " knows no option '" + printable(name.substr(0, 40)) + "'");
    }
    return *found;
}

void checkOption(const OptionRule& rule, const RunTexts& options) {
    const std::string& value = options.at(rule.name);
    if (rule.check) return during(rule.name, [&] { rule.check(value); });
    if (!rule.words.empty()) {
        if (std::ranges::find(rule.words, value) != rule.words.end()) return;
        std::string words;
        for (const std::string& word : rule.words) words += (words.empty() ? "" : ", ") + word;
        refuse(std::string("option '") + rule.name + "' is one of: " + words);
    }
    const std::uint64_t number = rpc::numberIn(options, rule.name, 0);
    if (number < rule.least || number > rule.most) {
        refuse(std::string("option '") + rule.name + "' is a number from " +
               std::to_string(rule.least) + " to " + std::to_string(rule.most));
    }
}

}  // namespace

RunTexts runOptions(const std::string& kind, const Coffer::Settings& options) {
    RunTexts given = keptOptions(kind, options);
    requireSomethingLeft(kind, given);
    return given;
}

void requireSomethingLeft(const std::string& kind, const RunTexts& options) {
    for (const auto& [name, value] : options) {
        const OptionRule& rule = ruleOf(kind, name);
        if (rule.left) during(name, [&] { rule.left(value); });
    }
}

RunTexts keptOptions(const std::string& kind, const Coffer::Settings& options) {
    checkCount(options.length(), mostSettings, "options");
    RunTexts given = rpc::toMap(options);
    for (const auto& [name, value] : given) checkOption(ruleOf(kind, name), given);
    return given;
}

std::vector<std::string> takeTags(RunTexts& options) {
    const auto given = options.extract("tags");
    return given ? textsIn(given.mapped()) : std::vector<std::string>();
}

int runPriority(const std::string& text) {
    const std::string_view digits = std::string_view(text).substr(text.starts_with('-') ? 1 : 0);
    int priority = 0;
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), priority);
    if (failure != std::errc() || end != text.data() + text.size() || digits.size() > 3 ||
        std::abs(priority) > RunQueue::mostPriority) {
        refuse("a priority is a number from -100 to 100");
    }
    return priority;
}

RunTexts hooksIn(const RunTexts& options) {
    RunTexts hooks;
    for (const auto& [name, value] : options) {
        if (name.starts_with("hook-")) hooks.emplace(name, value);
    }
    return hooks;
}

int takePriority(RunTexts& options) {
    const auto given = options.extract("priority");
    return given ? runPriority(given.mapped()) : 0;
}

BackupChoice backupChoice(const Coffer::Paths& what, const Coffer::Strings& excludes) {
    checkCount(what.length(), mostBackupTexts, "paths");
    checkCount(excludes.length(), mostBackupTexts, "patterns");
    BackupRequest request;
    request.paths = rpc::toAbsolutePaths(what);
    request.excludes = rpc::toTexts(excludes);
    checkOctets(request.paths, mostBackupOctets, "the paths");
    checkOctets(request.excludes, mostBackupOctets, "the patterns");
    const Selection selection(request);
    return {{selection.paths().begin(), selection.paths().end()}, request.excludes};
}

std::vector<std::string> syncExcludes(const Coffer::Strings& excludes) {
    checkCount(excludes.length(), mostBackupTexts, "patterns");
    std::vector<std::string> patterns = rpc::toTexts(excludes);
    checkOctets(patterns, mostBackupOctets, "the patterns");
    return patterns;
}

std::vector<std::string> restoreChoice(const Coffer::Paths& what) {
    checkCount(what.length(), mostRestorePaths, "paths");
    const std::vector<std::string> given = rpc::toAbsolutePaths(what);
    checkOctets(given, mostRestoreOctets, "the paths of a restore");
    const std::set<std::string> each(given.begin(), given.end());
    return {each.begin(), each.end()};
}

std::string folderTarget(const Coffer::PathOctets& target) {
    if (target.length() > longestTarget) {
        refuse("a target of " + std::to_string(target.length()) + " octets is too long");
    }
    return rpc::toAbsolutePath(target);
}

}  // namespace coffer
