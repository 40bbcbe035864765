#include "management_panel/cli/found_entries.h"

#include "core/base/printable.h"
#include "core/console/format.h"
#include "core/rpc/convert.h"
#include "management_panel/cli/entry_view.h"
#include "management_panel/cli/snapshot_view.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

// "in fb7d93e1, 47064ec0", "in fb7d93e1 … 47064ec0 (12 snapshots)"
std::string holdersText(const Coffer::Strings& ids) {
    constexpr CORBA::ULong namedOneByOne = 4;
    const auto name = [&](CORBA::ULong i) { return shortName(ids[i].in()); };
    if (ids.length() > namedOneByOne) {
        return "in " + name(0) + " … " + name(ids.length() - 1) + " (" +
               std::to_string(ids.length()) + " snapshots)";
    }
    std::string text;
    for (CORBA::ULong i = 0; i < ids.length(); ++i) text += (i == 0 ? "in " : ", ") + name(i);
    return text;
}

Json versionOf(const Coffer::Finding& finding) {
    Json object = jsonOf(finding.attributes);
    object["snapshots"] = Json::array();
    for (CORBA::ULong i = 0; i < finding.snapshots.length(); ++i) {
        object["snapshots"].push_back(shown(finding.snapshots[i].in()));
    }
    return object;
}

std::string holdersText(const Coffer::CatalogVersion& version) {
    const std::string first = shortName(version.firstSnapshot.in());
    if (version.count <= 1) return "in " + first;
    return "in " + first + (version.count == 2 ? ", " : " … ") +
           shortName(version.lastSnapshot.in()) +
           (version.count == 2 ? "" : " (" + std::to_string(version.count) + " snapshots)");
}

Coffer::Entry entryOf(const Coffer::CatalogVersion& version) {
    Coffer::Entry entry;
    entry.kind = version.kind;
    entry.size = version.size;
    entry.modified = version.modified;
    return entry;
}

Json jsonOf(const Coffer::CatalogVersion& version) {
    Json object = Json::object();
    putOctets(object, "type", version.kind.in());
    object["size"] = version.size;
    object["modified"] = momentJson(version.modified);
    putOctets(object, "agent", version.agent.in());
    object["first"] = shown(version.firstSnapshot.in());
    object["firstCommitted"] = momentJson(version.firstCommitted);
    object["last"] = shown(version.lastSnapshot.in());
    object["lastCommitted"] = momentJson(version.lastCommitted);
    object["count"] = version.count;
    object["snapshots"] = Json::array();
    for (CORBA::ULong i = 0; i < version.snapshots.length(); ++i) {
        object["snapshots"].push_back(shown(version.snapshots[i].in()));
    }
    return object;
}

std::string lineOf(const Coffer::Entry& entry, const std::string& holders) {
    const bool sized = std::string_view(entry.kind.in()) == "file";
    const std::string what = sized ? sizeColumn(entry) : shown(entry.kind.in());
    return "    " + what + std::string(what.size() < 10 ? 10 - what.size() : 0, ' ') + "  " +
           momentText(entry.modified) + "  " + holders;
}

}  // namespace

void FoundEntries::add(const Coffer::Finding& finding) {
    const std::string path = rpc::textOf(finding.where);
    open(path, nameText(finding.attributes, path));
    if (json_) {
        versions_.push_back(versionOf(finding));
    } else {
        out_ << lineOf(finding.attributes, holdersText(finding.snapshots)) << '\n';
    }
}

void FoundEntries::add(const Coffer::CatalogVersion& version) {
    const std::string path = rpc::textOf(version.where);
    const Coffer::Entry entry = entryOf(version);
    open(path, nameText(entry, path));
    if (json_) {
        versions_.push_back(jsonOf(version));
    } else {
        out_ << lineOf(entry, holdersText(version)) << '\n';
    }
}

void FoundEntries::open(const std::string& path, const std::string& name) {
    if (any_ && path == path_) return;
    close();
    any_ = true;
    path_ = path;
    if (!json_) out_ << name << '\n';
}

void FoundEntries::close() {
    if (!any_ || !json_) return;
    Json object = Json::object();
    putOctets(object, "path", path_);
    object["versions"] = std::move(versions_);
    array_.add(object);
    versions_ = Json::array();
}

void FoundEntries::finish() {
    close();
    if (json_) array_.finish();
}

}  // namespace coffer::cli
