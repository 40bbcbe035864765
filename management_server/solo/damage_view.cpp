#include "management_server/solo/damage_view.h"

#include "core/console/format.h"

namespace coffer::solo {

namespace {

Json idsOf(const std::vector<SnapshotId>& snapshots) {
    Json ids = Json::array();
    for (const SnapshotId& snapshot : snapshots) ids.push_back(snapshot.hex());
    return ids;
}

}  // namespace

Json jsonOf(const DamageReport& report) {
    Json entries = Json::array();
    for (const TouchedEntry& entry : report.entries) {
        Json object = Json::object();
        putOctets(object, "path", entry.path);
        object["folder"] = entry.isFolder;
        object["size"] = entry.size;
        object["snapshots"] = idsOf(entry.snapshots);
        object["snapshotCount"] = entry.snapshotCount;
        entries.push_back(object);
    }
    return {{"snapshots", idsOf(report.snapshots)}, {"entries", entries}, {"more", report.more}};
}

std::string lostText(const DamageReport& report) {
    std::uint64_t folders = 0;
    for (const TouchedEntry& entry : report.entries) folders += entry.isFolder ? 1 : 0;
    std::string text = countText(report.entries.size() - folders, "file");
    if (folders > 0) text += ", " + countText(folders, "folder") + " or parts of them";
    if (report.more > 0) text += " and " + countText(report.more) + " more";
    return text;
}

}  // namespace coffer::solo
