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

std::string lineOf(const Coffer::Finding& finding) {
    const Coffer::Entry& entry = finding.attributes;
    const bool sized = std::string_view(entry.kind.in()) == "file";
    const std::string what = sized ? sizeColumn(entry) : shown(entry.kind.in());
    return "    " + what + std::string(what.size() < 10 ? 10 - what.size() : 0, ' ') + "  " +
           momentText(entry.modified) + "  " + holdersText(finding.snapshots);
}

}  // namespace

void FoundEntries::add(const Coffer::Finding& finding) {
    const std::string path = rpc::textOf(finding.where);
    if (!any_ || path != path_) {
        close();
        any_ = true;
        path_ = path;
        if (!json_) out_ << nameText(finding.attributes, path) << '\n';
    }
    if (json_) {
        versions_.push_back(versionOf(finding));
    } else {
        out_ << lineOf(finding) << '\n';
    }
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
