#include "management_server/snapshots/snapshot_forms.h"

#include <limits>

#include "core/base/printable.h"
#include "core/rpc/convert.h"

namespace coffer {

namespace {

std::string conditionText(std::uint8_t condition) {
    std::string text;
    if ((condition & changedWhileRead) != 0) text = "changed-while-read";
    if ((condition & unreadable) != 0) text += text.empty() ? "unreadable" : " unreadable";
    return text;
}

rpc::SettingMap moreOf(const TreeNode& node) {
    const Attributes& attributes = node.attributes;
    rpc::SettingMap more{{"uid", std::to_string(attributes.uid)},
                         {"gid", std::to_string(attributes.gid)}};
    const auto addNonEmpty = [&](const char* name, const std::string& value) {
        if (!value.empty()) more.emplace(name, value);
    };
    addNonEmpty("owner", printable(attributes.owner));
    addNonEmpty("group", printable(attributes.group));
    addNonEmpty("link-target", printable(attributes.linkTarget));
    addNonEmpty("condition", conditionText(node.condition));
    if (attributes.type == EntryType::characterDevice ||
        attributes.type == EntryType::blockDevice) {
        more.emplace("device", std::to_string(attributes.deviceMajor) + ":" +
                                   std::to_string(attributes.deviceMinor));
    }
    return more;
}

rpc::SettingMap countsOf(const BackupStatistics& numbers) {
    return {{"files", std::to_string(numbers.files)},
            {"folders", std::to_string(numbers.folders)},
            {"others", std::to_string(numbers.others)},
            {"bytes", std::to_string(numbers.bytes)},
            {"read-bytes", std::to_string(numbers.readBytes)},
            {"new-bytes", std::to_string(numbers.newBytes)},
            {"stored-bytes", std::to_string(numbers.storedBytes)},
            {"changed-files", std::to_string(numbers.changedFiles)},
            {"warnings", std::to_string(numbers.warnings)}};
}

// The first of them that take so many octets together; at least one.
std::vector<std::string> firstOf(const std::vector<std::string>& paths, std::size_t longest) {
    std::vector<std::string> first;
    std::size_t octets = 0;
    for (const std::string& path : paths) {
        octets += path.size();
        if (!first.empty() && octets > longest) break;
        first.push_back(path);
    }
    return first;
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

Coffer::SnapshotInfo toSnapshotInfo(const Snapshot& snapshot, const std::string& repository,
                                    const std::string& agent, std::size_t longestWhat) {
    Coffer::SnapshotInfo info;
    info.id = snapshot.id.hex().c_str();
    info.repository = repository.c_str();
    info.agent = agent.c_str();
    info.host = printable(snapshot.host).c_str();
    info.started = rpc::toMoment(snapshot.started);
    info.committed = rpc::toMoment(snapshot.committed);
    rpc::SettingMap counts = countsOf(snapshot.statistics);
    const std::vector<std::string> what = firstOf(snapshot.paths, longestWhat);
    if (what.size() < snapshot.paths.size()) {
        counts.emplace("paths", std::to_string(snapshot.paths.size()));
    }
    info.what = rpc::toPaths(what);
    info.counts = rpc::toSettings(counts);
    return info;
}

}  // namespace coffer
