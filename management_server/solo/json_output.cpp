#include "management_server/solo/json_output.h"

#include <algorithm>
#include <cstdio>

#include "core/base/bytes.h"
#include "core/base/printable.h"

namespace coffer::solo {

namespace {

bool isUtf8(std::string_view octets) {
    try {
        static_cast<void>(Json(octets).dump());
        return true;
    } catch (const Json::type_error&) {
        return false;
    }
}

std::string modeText(std::uint32_t mode) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", mode);
    return text;
}

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

void putOctets(Json& object, const std::string& key, std::string_view octets) {
    if (isUtf8(octets)) {
        object[key] = octets;
        return;
    }
    object[key] = printable(octets);
    object[key + "Hex"] = toHex(bytesOf(octets));
}

void putOctets(Json& object, const std::string& key, const std::vector<std::string>& list) {
    const bool plain = std::ranges::all_of(list, isUtf8);
    Json texts = Json::array();
    Json hex = Json::array();
    for (const std::string& octets : list) {
        texts.push_back(plain ? octets : printable(octets));
        hex.push_back(toHex(bytesOf(octets)));
    }
    object[key] = std::move(texts);
    if (!plain) object[key + "Hex"] = std::move(hex);
}

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

Json jsonOf(const Problem& problem) {
    Json object = Json::object();
    putOctets(object, "path", problem.path);
    object["code"] = nameOf(problem.code);
    putOctets(object, "message", problem.message);
    return object;
}

Json jsonOf(const Error& error) {
    Json object{{"code", nameOf(error.code())}};
    putOctets(object, "message", error.what());
    return object;
}

std::string_view nameOf(EntryType type) {
    switch (type) {
        case EntryType::file:
            return "file";
        case EntryType::folder:
            return "folder";
        case EntryType::symlink:
            return "symlink";
        case EntryType::fifo:
            return "fifo";
        case EntryType::socket:
            return "socket";
        case EntryType::characterDevice:
            return "character-device";
        case EntryType::blockDevice:
            return "block-device";
    }
    return "unknown";
}

Json jsonOf(const TreeNode& node) {
    const Attributes& attributes = node.attributes;
    Json object{{"type", nameOf(attributes.type)},
                {"mode", modeText(attributes.mode)},
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

void printJson(std::ostream& out, const Json& document) {
    out << document.dump() << '\n';
}

void JsonArray::add(const Json& element) {
    out_ << (empty_ ? "[\n" : ",\n") << element.dump();
    empty_ = false;
}

void JsonArray::finish() {
    out_ << (empty_ ? "[]\n" : "\n]\n");
}

}  // namespace coffer::solo
