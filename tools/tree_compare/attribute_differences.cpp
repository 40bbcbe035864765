#include "tools/tree_compare/attribute_differences.h"

#include <cstdio>

#include "core/base/bytes.h"
#include "core/base/printable.h"

namespace coffer::tree_compare {

namespace {

std::string octal(std::uint32_t number) {
    char text[16];
    std::snprintf(text, sizeof text, "%04o", number);
    return text;
}

std::string hex(std::uint32_t number) {
    char text[16];
    std::snprintf(text, sizeof text, "0x%x", number);
    return text;
}

std::string exact(Timestamp time) {
    char text[16];
    std::snprintf(text, sizeof text, ".%09u", time.nanoseconds);
    return std::to_string(time.seconds) + text;
}

// The beginning of a value that may be long and binary.
std::string shown(const std::string& value) {
    constexpr std::size_t most = 32;
    const auto digits = toHex(bytesOf(std::string_view(value).substr(0, most)));
    return std::to_string(value.size()) + " octets " + digits + (value.size() > most ? "..." : "");
}

class Differences {
  public:
    void compare(const char* what, const std::string& a, const std::string& b) {
        if (a != b) texts.push_back(std::string(what) + ' ' + a + " against " + b);
    }

    void compareXattrs(const Entry& a, const Entry& b) {
        for (const auto& [name, value] : a.xattrs) {
            const auto label = "extended attribute " + printable(name);
            const auto other = b.xattrs.find(name);
            if (other == b.xattrs.end()) {
                texts.push_back(label + " only in A");
            } else if (other->second != value) {
                texts.push_back(label + ' ' + shown(value) + " against " + shown(other->second));
            }
        }
        for (const auto& [name, value] : b.xattrs) {
            if (a.xattrs.contains(name)) continue;
            texts.push_back("extended attribute " + printable(name) + " only in B");
        }
    }

    std::vector<std::string> texts;
};

}  // namespace

std::vector<std::string> attributeDifferences(const Entry& a, const Entry& b, bool withMtime) {
    Differences found;
    found.compare("type", {a.type}, {b.type});
    if (a.type != b.type) return found.texts;
    found.compare("size", std::to_string(a.size), std::to_string(b.size));
    found.compare("mode", octal(a.mode), octal(b.mode));
    found.compare("user", std::to_string(a.uid), std::to_string(b.uid));
    found.compare("group", std::to_string(a.gid), std::to_string(b.gid));
    if (withMtime) found.compare("mtime", exact(a.mtime), exact(b.mtime));
    found.compare("device", a.deviceNumber, b.deviceNumber);
    found.compare("symlink target", printable(a.linkTarget), printable(b.linkTarget));
    found.compare("inode flags", hex(a.inodeFlags), hex(b.inodeFlags));
    found.compareXattrs(a, b);
    return found.texts;
}

}  // namespace coffer::tree_compare
