#include "management_panel/cli/snapshot_view.h"

#include "core/console/format.h"
#include "core/console/table.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

std::string sizeOf(const Coffer::SnapshotInfo& snapshot, const char* name) {
    const auto value = numberOf(snapshot.counts, name);
    return value ? sizeText(*value) : std::string();
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
    object["base"] = Json();
    if (has(snapshot.more, "base")) putOctets(object, "base", valueOf(snapshot.more, "base"));
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
}

}  // namespace coffer::cli
