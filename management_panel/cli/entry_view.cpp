#include "management_panel/cli/entry_view.h"

#include <cstdio>

#include "core/base/printable.h"
#include "core/console/format.h"
#include "management_panel/cli/wire_text.h"

namespace coffer::cli {

namespace {

char letterOf(std::string_view kind) {
    if (kind == "file") return '-';
    if (kind == "folder") return 'd';
    if (kind == "symlink") return 'l';
    if (kind == "fifo") return 'p';
    if (kind == "socket") return 's';
    if (kind == "character-device") return 'c';
    if (kind == "block-device") return 'b';
    return '?';
}

// The owner's name, or else the number.
std::string account(const Coffer::Entry& entry, const char* name, const char* number) {
    const std::string found = valueOf(entry.more, name);
    if (!found.empty()) return shown(found);
    const std::string digits = valueOf(entry.more, number);
    return digits.empty() ? "-" : shown(digits);
}

}  // namespace

bool isFolder(const Coffer::Entry& entry) {
    return std::string_view(entry.kind.in()) == "folder";
}

bool conditionIs(const Coffer::Entry& entry, std::string_view word) {
    const std::string condition = " " + valueOf(entry.more, "condition") + " ";
    return condition.find(" " + std::string(word) + " ") != std::string::npos;
}

std::string nameText(const Coffer::Entry& entry, const std::string& name) {
    return printable(name) + (isFolder(entry) && !name.ends_with('/') ? "/" : "");
}

std::string sizeColumn(const Coffer::Entry& entry) {
    if (entry.size >= 0) return sizeText(static_cast<std::uint64_t>(entry.size));
    const std::string device = valueOf(entry.more, "device");
    if (!device.empty()) {
        const std::size_t colon = device.find(':');
        if (colon == device.npos) return shown(device);
        return shown(device.substr(0, colon)) + ", " + shown(device.substr(colon + 1));
    }
    return std::string_view(entry.kind.in()) == "file" ? "?" : "-";
}

std::string longText(const Coffer::Entry& entry, const std::string& name) {
    char columns[512];
    std::snprintf(columns, sizeof columns, "%s  %-8.64s  %-8.64s  %9.32s  %s  ",
                  modeText(letterOf(entry.kind.in()), entry.mode).c_str(),
                  account(entry, "owner", "uid").c_str(), account(entry, "group", "gid").c_str(),
                  sizeColumn(entry).c_str(), momentText(entry.modified).c_str());
    std::string text = columns + name;
    const std::string target = valueOf(entry.more, "link-target");
    if (!target.empty()) text += " -> " + shown(target);
    if (conditionIs(entry, "unreadable")) text += "  (not read)";
    if (conditionIs(entry, "changed-while-read")) text += "  (changed while it was read)";
    return text;
}

Json jsonOf(const Coffer::Entry& entry) {
    Json object = Json::object();
    putOctets(object, "type", entry.kind.in());
    object["mode"] = octalText(entry.mode & 07777);
    for (const char* number : {"uid", "gid"}) {
        if (const auto value = numberOf(entry.more, number)) object[number] = *value;
    }
    for (const char* text : {"owner", "group"}) {
        // Who has a number only has the name "".
        if (has(entry.more, text) || has(entry.more, "uid")) {
            putOctets(object, text, octetsOf(entry.more, text));
        }
    }
    if (entry.size >= 0) {
        object["size"] = entry.size;
    } else if (std::string_view(entry.kind.in()) == "file") {
        object["size"] = Json();
    }
    object["modified"] = momentJson(entry.modified);
    if (has(entry.more, "link-target")) {
        putOctets(object, "target", octetsOf(entry.more, "link-target"));
    }
    if (has(entry.more, "device")) putOctets(object, "device", valueOf(entry.more, "device"));
    if (conditionIs(entry, "changed-while-read")) object["changedWhileRead"] = true;
    if (conditionIs(entry, "unreadable")) object["unreadable"] = true;
    return object;
}

}  // namespace coffer::cli
