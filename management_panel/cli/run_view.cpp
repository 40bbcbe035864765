#include "management_panel/cli/run_view.h"

#include <algorithm>
#include <utility>

#include "core/base/printable.h"
#include "core/console/format.h"
#include "core/console/table.h"
#include "core/rpc/convert.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

bool stateIs(const Coffer::RunInfo& run, std::string_view state) {
    return state == run.state.in();
}

std::uint64_t count(const Coffer::RunInfo& run, std::string_view name) {
    return numberOf(run.counts, name).value_or(0);
}

void addCount(FactTable& facts, const Coffer::RunInfo& run, const char* title, const char* name) {
    if (const auto value = numberOf(run.counts, name)) facts.add(title, countText(*value));
}

void addSize(FactTable& facts, const Coffer::RunInfo& run, const char* title, const char* name) {
    if (const auto value = numberOf(run.counts, name)) facts.add(title, sizeText(*value));
}

void addText(FactTable& facts, const char* title, const std::string& text) {
    if (!text.empty()) facts.add(title, text);
}

std::string stateText(const Coffer::RunInfo& run) {
    std::string text = shownState(run);
    if (!hasEnded(run) && run.phase.in()[0] != '\0') text += " (" + shown(run.phase.in()) + ")";
    if (run.attempt > 1) text += ", attempt " + std::to_string(run.attempt);
    return text;
}

void addCounts(FactTable& facts, const Coffer::RunInfo& run) {
    addCount(facts, run, "files", "files");
    addCount(facts, run, "new or changed", "changed-files");
    addCount(facts, run, "folders", "folders");
    if (count(run, "others") > 0) addCount(facts, run, "other entries", "others");
    addCount(facts, run, "snapshots", "snapshots");
    addCount(facts, run, "packs", "packs");
    if (count(run, "damaged-packs") > 0) addCount(facts, run, "damaged packs", "damaged-packs");
    addCount(facts, run, "chunks", "chunks");
    addCount(facts, run, "chunks elsewhere", "saved-chunks");
    addCount(facts, run, "chunks to salvage", "salvage-chunks");
    if (count(run, "lost-chunks") > 0) addCount(facts, run, "chunks LOST", "lost-chunks");
    addCount(facts, run, "new packs", "written-packs");
    addCount(facts, run, "condemned packs", "condemned-packs");
    addCount(facts, run, "generation", "generation");
    addCount(facts, run, "packs and snapshots", "objects");
    addCount(facts, run, "copied", "copied");
    addSize(facts, run, "copied data", "copied-bytes");
    if (count(run, "verified") > 0) addCount(facts, run, "found sound", "verified");
    if (count(run, "healed") > 0) addCount(facts, run, "healed", "healed");
    if (count(run, "missing") > 0) addCount(facts, run, "MISSING", "missing");
    if (count(run, "links") > 0) addCount(facts, run, "links", "links");
    addCount(facts, run, "removed", "removed");
    if (count(run, "conflicts") > 0) addCount(facts, run, "conflicts", "conflicts");
    addSize(facts, run, "size", "bytes");
    addSize(facts, run, "new data", "new-bytes");
    addSize(facts, run, "stored", "stored-bytes");
    addSize(facts, run, "not needed", "dead-bytes");
    addSize(facts, run, "deleted", "deleted-bytes");
    if (count(run, "waiting-packs") > 0) addSize(facts, run, "deleted next time", "waiting-bytes");
    if (count(run, "postponed-packs") > 0)
        addSize(facts, run, "NO ROOM to repack", "postponed-bytes");
}

// In whole seconds.
std::optional<Timestamp> committedAt(const Coffer::RunInfo& run) {
    const auto seconds = numberOf(run.counts, "committed");
    if (!seconds || !std::in_range<std::int64_t>(*seconds)) return {};
    return Timestamp{static_cast<std::int64_t>(*seconds), 0};
}

void addTime(FactTable& facts, const Coffer::RunInfo& run) {
    const auto seconds = secondsOf(run);
    if (!seconds) return;
    const auto bytes = numberOf(run.counts, "bytes");
    facts.add("time", durationText(*seconds) +
                          (bytes ? " (" + rateText(*bytes, *seconds) + ")" : std::string()));
}

}  // namespace

bool hasEnded(const Coffer::RunInfo& run) {
    return stateIs(run, "succeeded") || stateIs(run, "warnings") || stateIs(run, "failed") ||
           stateIs(run, "cancelled");
}

bool hasCommitted(const Coffer::RunInfo& run) {
    return stateIs(run, "verifying");
}

std::string shownState(const Coffer::RunInfo& run) {
    // What it waits for says more than that it does.
    const bool saysWhat = stateIs(run, "waiting") && run.message.in()[0] != '\0';
    return shown(saysWhat ? run.message.in() : run.state.in());
}

ExitCode exitCodeOf(const Coffer::RunInfo& run) {
    const bool damage = count(run, "damaged-packs") > 0 || run.problems > 0;
    const std::string_view kind = run.kind.in();
    if ((kind == "verify" || kind == "rehearsal") && damage && hasEnded(run) &&
        !stateIs(run, "cancelled")) {
        return exitDamage;
    }
    if (kind == "repair" && stateIs(run, "warnings")) return exitDamage;
    if (hasCommitted(run)) return run.problems > 0 ? exitWarnings : exitSuccess;
    if (stateIs(run, "succeeded")) return exitSuccess;
    if (stateIs(run, "warnings")) return exitWarnings;
    if (stateIs(run, "cancelled")) return exitCancelled;
    return exitFailed;
}

// To the commit, where there is one: what comes behind it is not the run's work.
std::optional<double> secondsOf(const Coffer::RunInfo& run) {
    const auto start = momentOf(run.started);
    const auto committed = committedAt(run);
    const auto end = committed ? committed : momentOf(run.ended);
    if (!start || !end || *end < *start) return {};
    return static_cast<double>(end->seconds - start->seconds) +
           (static_cast<double>(end->nanoseconds) - static_cast<double>(start->nanoseconds)) / 1e9;
}

ProgressSample sampleOf(const Coffer::RunInfo& run) {
    ProgressSample sample;
    sample.files = count(run, "files");
    sample.bytes = std::max(count(run, "bytes"), count(run, "read-bytes"));
    sample.totalBytes = count(run, "total-bytes");
    if (!stateIs(run, "running")) {
        sample.phase = shownState(run);
        const std::string message = shown(run.message.in());
        if (!message.empty() && message != sample.phase) sample.phase += ": " + message;
    } else if (sample.files == 0 && sample.bytes == 0) {
        sample.phase = shown(run.phase.in());
    }
    return sample;
}

Json jsonOf(const Coffer::RunInfo& run) {
    Json object{{"number", run.number}};
    putOctets(object, "kind", run.kind.in());
    putOctets(object, "agent", run.agent.in());
    putOctets(object, "repository", run.repository.in());
    putOctets(object, "state", run.state.in());
    putOctets(object, "phase", run.phase.in());
    putOctets(object, "message", run.message.in());
    object["ordered"] = momentJson(run.ordered);
    object["started"] = momentJson(run.started);
    const auto committed = committedAt(run);
    object["committed"] = committed ? Json(toIso8601(*committed)) : Json();
    object["ended"] = momentJson(run.ended);
    const auto seconds = secondsOf(run);
    object["seconds"] = seconds ? Json(*seconds) : Json();
    object["attempt"] = run.attempt;
    putOctets(object, "user", run.user.in());
    object["task"] = run.task.in()[0] ? Json(shown(run.task.in())) : Json();
    object["snapshot"] = run.snapshot.in()[0] ? Json(run.snapshot.in()) : Json();
    putOctets(object, "what", pathsOf(run.what));
    putOctets(object, "target", rpc::textOf(run.target));
    object["counts"] = countsJson(run.counts);
    object["counts"].erase("committed");
    object["problems"] = run.problems;
    return object;
}

Json jsonOf(const Coffer::RunProblem& problem) {
    Json object = Json::object();
    putOctets(object, "path", rpc::textOf(problem.where));
    putOctets(object, "code", problem.code.in());
    putOctets(object, "message", problem.message.in());
    return object;
}

void printRun(std::ostream& out, const Coffer::RunInfo& run) {
    FactTable facts;
    facts.add("run", std::to_string(run.number));
    facts.add("kind", shown(run.kind.in()));
    facts.add("state", stateText(run));
    if (!stateIs(run, "waiting")) addText(facts, "message", shown(run.message.in()));
    addText(facts, "agent", shown(run.agent.in()));
    addText(facts, "repository", shown(run.repository.in()));
    addText(facts, "paths", listText(pathsOf(run.what)));
    addText(facts, "into", printable(rpc::textOf(run.target)));
    facts.add("ordered", momentText(run.ordered) + " by " + shown(run.user.in()));
    addText(facts, "task", shown(run.task.in()));
    facts.add("started", momentText(run.started));
    if (const auto time = committedAt(run)) facts.add("committed", timeText(*time));
    facts.add("ended", momentText(run.ended));
    addText(facts, "snapshot", shown(run.snapshot.in()));
    addCounts(facts, run);
    addTime(facts, run);
    if (run.problems > 0) facts.add("problems", countText(run.problems));
    facts.print(out);
}

}  // namespace coffer::cli
