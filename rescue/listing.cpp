#include "rescue/listing.h"

#include <iomanip>
#include <sstream>
#include <string_view>

#include "core/base/printable.h"

namespace coffer::rescue {

namespace {

std::string modeText(const Attributes& attributes) {
    constexpr std::string_view types = "?-dlpscb";
    constexpr std::string_view letters = "rwxrwxrwx";
    std::string text(1, types[static_cast<std::size_t>(attributes.type)]);
    for (std::size_t i = 0; i < letters.size(); ++i) {
        text += (attributes.mode >> (8 - i) & 1) != 0 ? letters[i] : '-';
    }
    const auto special = [&](std::uint32_t bit, std::size_t place, char with, char without) {
        if ((attributes.mode & bit) != 0) text[place] = text[place] == 'x' ? with : without;
    };
    special(04000, 3, 's', 'S');
    special(02000, 6, 's', 'S');
    special(01000, 9, 't', 'T');
    return text;
}

bool isDevice(EntryType type) {
    return type == EntryType::characterDevice || type == EntryType::blockDevice;
}

}  // namespace

std::string snapshotLine(const Snapshot& snapshot, const RegisteredSnapshot& registered) {
    std::ostringstream line;
    line << snapshot.id.hex() << "  " << toIso8601(registered.time) << "  " << std::setw(10)
         << snapshot.files << " files  " << std::setw(15) << snapshot.fileOctets << " octets  "
         << printable(snapshot.host);
    for (const std::string& path : snapshot.paths) line << "  " << printable(path);
    if (registered.due) line << "  (forgotten, due " << toIso8601(*registered.due) << ")";
    return line.str();
}

std::string entryLine(const Node& node) {
    const Attributes& attributes = node.attributes;
    std::ostringstream line;
    line << modeText(attributes) << ' ' << std::setw(6) << attributes.uid << ' ' << std::setw(6)
         << attributes.gid << ' ';
    if (isDevice(attributes.type)) {
        line << std::setw(15)
             << std::to_string(attributes.deviceMajor) + "," +
                    std::to_string(attributes.deviceMinor);
    } else {
        line << std::setw(15) << attributes.size;
    }
    line << "  " << toIso8601(attributes.mtime) << "  "
         << (node.name.empty() ? "/" : printable(node.name));
    if (attributes.type == EntryType::symlink) line << " -> " << printable(attributes.linkTarget);
    if (node.unreadable) line << "  (could not be read in full)";
    return line.str();
}

}  // namespace coffer::rescue
