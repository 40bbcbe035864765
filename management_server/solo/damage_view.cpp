#include "management_server/solo/damage_view.h"

#include "core/base/printable.h"
#include "core/console/format.h"
#include "core/console/table.h"

namespace coffer::solo {

Json jsonOf(const DamageReport& report) {
    Json entries = Json::array();
    for (const TouchedEntry& entry : report.entries) {
        Json object = Json::object();
        putOctets(object, "path", entry.path);
        object["folder"] = entry.isFolder;
        object["size"] = entry.size;
        object["snapshots"] = idsJson(entry.snapshots);
        object["snapshotCount"] = entry.snapshotCount;
        entries.push_back(object);
    }
    return {{"snapshots", idsJson(report.snapshots)}, {"entries", entries}, {"more", report.more}};
}

void printLost(std::ostream& out, const DamageReport& report) {
    Table table({{"path"}, {"what is lost"}});
    for (const TouchedEntry& entry : report.entries) {
        table.add({printable(entry.path), entry.message()});
    }
    table.print(out);
    if (report.more > 0) out << "and " << countText(report.more) << " more\n";
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
