#include "management_server/solo/entry_text.h"

#include <cstdio>

#include "core/base/printable.h"
#include "core/console/format.h"

namespace coffer::solo {

namespace {

char letterOf(EntryType type) {
    switch (type) {
        case EntryType::file:
            return '-';
        case EntryType::folder:
            return 'd';
        case EntryType::symlink:
            return 'l';
        case EntryType::fifo:
            return 'p';
        case EntryType::socket:
            return 's';
        case EntryType::characterDevice:
            return 'c';
        case EntryType::blockDevice:
            return 'b';
    }
    return '?';
}

std::string nameOrNumber(const std::string& name, std::uint32_t number) {
    return name.empty() ? std::to_string(number) : printable(name);
}

std::string sizeColumn(const Attributes& attributes) {
    switch (attributes.type) {
        case EntryType::file:
            return sizeText(attributes.size);
        case EntryType::characterDevice:
        case EntryType::blockDevice:
            return std::to_string(attributes.deviceMajor) + ", " +
                   std::to_string(attributes.deviceMinor);
        default:
            return "-";
    }
}

}  // namespace

std::string modeText(EntryType type, std::uint32_t mode) {
    return coffer::modeText(letterOf(type), mode);
}

std::string longText(const TreeNode& node, const std::string& name) {
    const Attributes& attributes = node.attributes;
    char columns[512];
    std::snprintf(columns, sizeof columns, "%s  %-8s  %-8s  %9s  %s  ",
                  modeText(attributes.type, attributes.mode).c_str(),
                  nameOrNumber(attributes.owner, attributes.uid).c_str(),
                  nameOrNumber(attributes.group, attributes.gid).c_str(),
                  sizeColumn(attributes).c_str(), timeText(attributes.mtime).c_str());
    std::string text = columns + name;
    if (attributes.type == EntryType::symlink) text += " -> " + printable(attributes.linkTarget);
    if ((node.condition & unreadable) != 0) text += "  (not read)";
    if ((node.condition & changedWhileRead) != 0) text += "  (changed while it was read)";
    return text;
}

}  // namespace coffer::solo
