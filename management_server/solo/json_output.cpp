#include "management_server/solo/json_output.h"

#include "core/console/format.h"

namespace coffer::solo {

namespace {

Json jsonOf(const BackupStatistics& statistics) {
    return {{"files", statistics.files},
            {"folders", statistics.folders},
            {"others", statistics.others},
            {"bytes", statistics.bytes},
            {"changedFiles", statistics.changedFiles},
            {"readBytes", statistics.readBytes},
            {"newBytes", statistics.newBytes},
            {"storedBytes", statistics.storedBytes},
            {"warnings", statistics.warnings}};
}

}  // namespace

Json jsonOf(const Snapshot& snapshot) {
    Json object{{"id", snapshot.id.hex()},
                {"started", toIso8601(snapshot.started)},
                {"ended", toIso8601(snapshot.ended)},
                {"committed", toIso8601(snapshot.committed)}};
    putOctets(object, "host", snapshot.host);
    putOctets(object, "paths", snapshot.paths);
    putOctets(object, "excludes", snapshot.excludes);
    object["base"] = snapshot.base ? Json(snapshot.base->hex()) : Json();
    object["agent"] = snapshot.agent.hex();
    object["statistics"] = jsonOf(snapshot.statistics);
    return object;
}

Json jsonOf(const TreeNode& node) {
    const Attributes& attributes = node.attributes;
    Json object{{"type", nameOf(attributes.type)},
                {"mode", octalText(attributes.mode)},
                {"uid", attributes.uid},
                {"gid", attributes.gid}};
    putOctets(object, "owner", attributes.owner);
    putOctets(object, "group", attributes.group);
    if (attributes.type == EntryType::file) object["size"] = attributes.size;
    object["modified"] = toIso8601(attributes.mtime);
    if (attributes.type == EntryType::symlink) {
        putOctets(object, "target", attributes.linkTarget);
    }
    if ((node.condition & changedWhileRead) != 0) object["changedWhileRead"] = true;
    if ((node.condition & unreadable) != 0) object["unreadable"] = true;
    return object;
}

}  // namespace coffer::solo
