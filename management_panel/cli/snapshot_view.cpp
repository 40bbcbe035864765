#include "management_panel/cli/snapshot_view.h"

#include <set>

#include "core/console/format.h"
#include "core/console/table.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

std::string sizeOf(const Coffer::SnapshotInfo& snapshot, const char* name) {
    const auto value = numberOf(snapshot.counts, name);
    return value ? sizeText(*value) : std::string();
}

bool isProven(const Coffer::SnapshotInfo& snapshot) {
    return has(snapshot.more, "proven");
}

// "2026-11-21T20:15:03Z, 10 % of snapshot 1f3a9c02".
std::string proofText(const Coffer::SnapshotInfo& snapshot) {
    if (!isProven(snapshot)) return "never";
    std::string text = shown(valueOf(snapshot.more, "proven")) + ", ";
    const auto percent = numberOf(snapshot.more, "proven-percent");
    if (percent && *percent < 100) text += std::to_string(*percent) + " % of ";
    if (valueOf(snapshot.more, "proven-whole") == "no") text += "parts of ";
    return text + "snapshot " + shortName(valueOf(snapshot.more, "proven-snapshot"));
}

Json proofJson(const Coffer::SnapshotInfo& snapshot) {
    if (!isProven(snapshot)) return Json();
    Json object = Json::object();
    putOctets(object, "time", valueOf(snapshot.more, "proven"));
    putOctets(object, "snapshot", valueOf(snapshot.more, "proven-snapshot"));
    object["percent"] = numberOf(snapshot.more, "proven-percent").value_or(100);
    object["whole"] = valueOf(snapshot.more, "proven-whole") != "no";
    return object;
}

Json originJson(const Coffer::SnapshotInfo& snapshot) {
    if (!has(snapshot.more, "copy-of")) return Json();
    Json object = Json::object();
    putOctets(object, "snapshot", valueOf(snapshot.more, "copy-of"));
    putOctets(object, "repository", valueOf(snapshot.more, "copy-from"));
    putOctets(object, "backedUp", valueOf(snapshot.more, "backed-up"));
    return object;
}

// In the order in which the list comes to them.
void printProofs(std::ostream& out, const Coffer::SnapshotInfos& snapshots, Origin origin) {
    Table table({{"source"}, {"last proven"}});
    std::set<std::string> sources;
    bool any = false;
    for (CORBA::ULong i = 0; i < snapshots.length(); ++i) {
        if (has(snapshots[i].more, "problem")) continue;
        any = any || isProven(snapshots[i]);
        std::string source =
            shown(origin == Origin::agent ? snapshots[i].agent.in() : snapshots[i].host.in()) +
            ": " + listText(pathsOf(snapshots[i].what));
        if (sources.insert(source).second) table.add({source, proofText(snapshots[i])});
    }
    if (!any) return;
    out << '\n';
    table.print(out);
}

std::vector<std::string> filtersOf(const Coffer::SnapshotInfo& snapshot) {
    std::vector<std::string> filters;
    for (;;) {
        const std::string name = "filter-" + std::to_string(filters.size() + 1);
        if (!has(snapshot.more, name)) return filters;
        filters.push_back(octetsOf(snapshot.more, name));
    }
}

std::string hostOf(const Coffer::SnapshotInfo& snapshot) {
    return has(snapshot.more, "host-hex") ? octetsOf(snapshot.more, "host") : snapshot.host.in();
}

}  // namespace

std::string shortName(std::string_view id) {
    return shown(id.substr(0, 8));
}

Json jsonOf(const Coffer::SnapshotInfo& snapshot, Origin origin) {
    Json object = Json::object();
    putOctets(object, "id", snapshot.id.in());
    if (origin == Origin::agent) putOctets(object, "repository", snapshot.repository.in());
    putOctets(object, "agent", snapshot.agent.in());
    putOctets(object, "host", hostOf(snapshot));
    object["started"] = momentJson(snapshot.started);
    object["ended"] = momentJson(snapshot.ended);
    object["committed"] = momentJson(snapshot.committed);
    putOctets(object, "paths", pathsOf(snapshot.what));
    putOctets(object, "excludes", pathsOf(snapshot.excludes));
    putOctets(object, "filters", filtersOf(snapshot));
    object["base"] = Json();
    if (has(snapshot.more, "base")) putOctets(object, "base", valueOf(snapshot.more, "base"));
    object["copyOf"] = originJson(snapshot);
    object["lastProven"] = proofJson(snapshot);
    object["statistics"] = countsJson(snapshot.counts);
    return object;
}

void printTable(std::ostream& out, const Coffer::SnapshotInfos& snapshots, Origin origin) {
    using Align = Table::Align;
    const bool byAgent = origin == Origin::agent;
    Table table({{"snapshot"},
                 {"time"},
                 {byAgent ? "agent" : "host"},
                 {"files", Align::right},
                 {"size", Align::right},
                 {"new", Align::right},
                 {"paths"}});
    for (CORBA::ULong i = 0; i < snapshots.length(); ++i) {
        const Coffer::SnapshotInfo& snapshot = snapshots[i];
        const auto files = numberOf(snapshot.counts, "files");
        table.add({shortName(snapshot.id.in()), momentText(snapshot.committed),
                   shown(byAgent ? snapshot.agent.in() : snapshot.host.in()),
                   files ? countText(*files) : "", sizeOf(snapshot, "bytes"),
                   sizeOf(snapshot, "new-bytes"), listText(pathsOf(snapshot.what))});
    }
    table.print(out);
    printProofs(out, snapshots, origin);
}

}  // namespace coffer::cli
