#include "management_server/snapshots/snapshot_forms.h"

#include <limits>

#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/snapshot/backup_counts.h"

namespace coffer {

namespace {

std::string conditionText(std::uint8_t condition) {
    std::string text;
    if ((condition & changedWhileRead) != 0) text = "changed-while-read";
    if ((condition & unreadable) != 0) text += text.empty() ? "unreadable" : " unreadable";
    return text;
}

// Printable, and exact where that is not the same.
void addOctets(rpc::SettingMap& more, const std::string& name, const std::string& octets) {
    if (octets.empty()) return;
    const std::string text = printable(octets);
    if (text != octets) more.emplace(name + "-hex", toHex(bytesOf(octets)));
    more.emplace(name, text);
}

rpc::SettingMap moreOf(const TreeNode& node) {
    const Attributes& attributes = node.attributes;
    rpc::SettingMap more{{"uid", std::to_string(attributes.uid)},
                         {"gid", std::to_string(attributes.gid)}};
    addOctets(more, "owner", attributes.owner);
    addOctets(more, "group", attributes.group);
    addOctets(more, "link-target", attributes.linkTarget);
    if (node.condition != 0) more.emplace("condition", conditionText(node.condition));
    if (attributes.type == EntryType::characterDevice ||
        attributes.type == EntryType::blockDevice) {
        more.emplace("device", std::to_string(attributes.deviceMajor) + ":" +
                                   std::to_string(attributes.deviceMinor));
    }
    return more;
}

// The first of them that take so many octets together, at least one; if that is not all, `more`
// says how many there are.
Coffer::Paths firstOf(const std::vector<std::string>& texts, std::size_t longest,
                      rpc::SettingMap& more, const char* name) {
    std::vector<std::string> first;
    std::size_t octets = 0;
    for (const std::string& text : texts) {
        octets += text.size();
        if (!first.empty() && octets > longest) break;
        first.push_back(text);
    }
    if (first.size() < texts.size()) more.emplace(name, std::to_string(texts.size()));
    return rpc::toPaths(first);
}

// The first of them that take so many octets together; if that is not all, how many there are.
void addFilters(rpc::SettingMap& more, const std::vector<std::string>& filters,
                std::size_t longest) {
    std::size_t octets = 0;
    std::size_t count = 0;
    for (const std::string& filter : filters) {
        octets += filter.size();
        if (count > 0 && octets > longest) break;
        addOctets(more, "filter-" + std::to_string(++count), filter);
    }
    if (count < filters.size()) more.emplace("filters", std::to_string(filters.size()));
}

void addProof(rpc::SettingMap& more, const SourceProof& proof) {
    more.emplace("proven", toIso8601(proof.time));
    more.emplace("proven-snapshot", proof.snapshot.hex());
    more.emplace("proven-percent", std::to_string(proof.percent));
    more.emplace("proven-whole", proof.whole ? "yes" : "no");
}

void addOrigin(rpc::SettingMap& more, const SnapshotOrigin& origin) {
    more.emplace("copy-of", origin.snapshot.hex());
    more.emplace("copy-from", origin.repository.hex());
    more.emplace("backed-up", toIso8601(origin.committed));
}

rpc::SettingMap problemOf(const Error& error) {
    return {{"problem", error.what()}, {"code", std::string(nameOf(error.code()))}};
}

Coffer::SnapshotInfo namedInfo(const SnapshotId& id, const std::string& repository,
                               const std::string& agent) {
    Coffer::SnapshotInfo info;
    info.id = id.hex().c_str();
    info.repository = repository.c_str();
    info.agent = agent.c_str();
    return info;
}

}  // namespace

Coffer::Entry toEntry(const TreeNode& node) {
    const Attributes& attributes = node.attributes;
    constexpr std::uint64_t largest = std::numeric_limits<CORBA::LongLong>::max();
    Coffer::Entry entry;
    entry.name = rpc::toPath(node.name);
    entry.kind = std::string(nameOf(attributes.type)).c_str();
    entry.size = attributes.type == EntryType::file && attributes.size <= largest
                     ? static_cast<CORBA::LongLong>(attributes.size)
                     : Coffer::unknownSize;
    entry.modified = rpc::toMoment(attributes.mtime);
    entry.mode = attributes.mode & 07777U;
    entry.more = rpc::toSettings(moreOf(node));
    return entry;
}

std::size_t weightOf(const Coffer::Entry& entry) {
    std::size_t octets = 64 + entry.name.length();
    for (CORBA::ULong i = 0; i < entry.more.length(); ++i) {
        octets += 24 + std::char_traits<char>::length(entry.more[i].name) +
                  std::char_traits<char>::length(entry.more[i].value);
    }
    return octets;
}

std::size_t weightOf(const Coffer::Finding& finding) {
    constexpr std::size_t ofId = 40;
    return finding.where.length() + weightOf(finding.attributes) +
           ofId * finding.snapshots.length();
}

std::size_t weightOf(const Coffer::Difference& difference) {
    return 16 + difference.where.length() + weightOf(difference.attributes);
}

std::size_t weightOf(const Coffer::SnapshotInfo& info) {
    std::size_t octets = 1024;
    for (const Coffer::Paths* list : {&info.what, &info.excludes}) {
        for (CORBA::ULong i = 0; i < list->length(); ++i) octets += 8 + (*list)[i].length();
    }
    for (CORBA::ULong i = 0; i < info.more.length(); ++i) {
        octets += 24 + std::char_traits<char>::length(info.more[i].name) +
                  std::char_traits<char>::length(info.more[i].value);
    }
    return octets;
}

Coffer::SnapshotInfo toSnapshotInfo(const Snapshot& snapshot, const std::string& repository,
                                    const std::string& agent, std::size_t longest,
                                    const SourceProof* proof) {
    Coffer::SnapshotInfo info = namedInfo(snapshot.id, repository, agent);
    rpc::SettingMap more;
    addOctets(more, "host", snapshot.host);
    more.erase("host");  // has a field of its own
    if (snapshot.base) more.emplace("base", snapshot.base->hex());
    if (proof) addProof(more, *proof);
    if (snapshot.origin) addOrigin(more, *snapshot.origin);
    info.host = printable(snapshot.host).c_str();
    info.started = rpc::toMoment(snapshot.started);
    info.ended = rpc::toMoment(snapshot.ended);
    info.committed = rpc::toMoment(snapshot.committed);
    info.what = firstOf(snapshot.paths, longest, more, "paths");
    info.excludes = firstOf(snapshot.excludes, longest, more, "excludes");
    addFilters(more, snapshot.filters, longest);
    info.counts = rpc::toSettings(countsOf(snapshot.statistics));
    info.more = rpc::toSettings(more);
    return info;
}

Coffer::SnapshotInfo toUnreadableInfo(const SnapshotInfo& info, const std::string& repository,
                                      const std::string& agent, const Error& error) {
    Coffer::SnapshotInfo result = namedInfo(info.registration.id, repository, agent);
    result.started = rpc::unknownMoment();
    result.ended = rpc::unknownMoment();
    result.committed = rpc::toMoment(info.committed);
    result.more = rpc::toSettings(problemOf(error));
    return result;
}

Coffer::Finding toProblem(const std::string& where, const Error& error) {
    Coffer::Finding finding;
    finding.where = rpc::toPath(where);
    finding.attributes.kind = "";
    finding.attributes.size = Coffer::unknownSize;
    finding.attributes.modified = rpc::unknownMoment();
    finding.attributes.mode = 0;
    finding.attributes.more = rpc::toSettings(problemOf(error));
    return finding;
}

}  // namespace coffer
