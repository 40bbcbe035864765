#include "core/agent/file_cursor_posix.h"

#include <unistd.h>

#include <array>
#include <utility>

#include "core/base/printable.h"
#include "core/source/stat_posix.h"

namespace coffer {

namespace {

// Empty when it has gone or may not be read. A target that is longer is cut.
std::string linkTarget(int folder, const std::string& name) {
    std::array<char, 4096> target;
    const ssize_t length = ::readlinkat(folder, name.c_str(), target.data(), target.size());
    return length < 0 ? "" : std::string(target.data(), static_cast<std::size_t>(length));
}

void addNonEmpty(ObjectEntry& entry, const char* name, std::string value) {
    if (!value.empty()) entry.more.emplace(name, std::move(value));
}

}  // namespace

ObjectEntry objectOf(int folder, const Stat& stat, AccountNames& accounts) {
    ObjectEntry entry;
    entry.name = stat.name;
    entry.kind = nameOf(stat.type);
    if (stat.type == EntryType::file) entry.size = stat.size;
    entry.modified = stat.mtime;
    entry.mode = stat.mode;
    entry.more.emplace("uid", std::to_string(stat.uid));
    entry.more.emplace("gid", std::to_string(stat.gid));
    addNonEmpty(entry, "owner", printable(accounts.user(stat.uid)));
    addNonEmpty(entry, "group", printable(accounts.group(stat.gid)));
    if (stat.type == EntryType::symlink) {
        const std::string target = linkTarget(folder, stat.name);
        addNonEmpty(entry, "link-target", printable(target));
        if (printable(target) != target) {
            entry.more.emplace("link-target-hex", toHex(bytesOf(target)));
        }
    }
    if (stat.type == EntryType::characterDevice || stat.type == EntryType::blockDevice) {
        entry.more.emplace(
            "device", std::to_string(stat.deviceMajor) + ":" + std::to_string(stat.deviceMinor));
    }
    return entry;
}

FileCursor::FileCursor(UniqueFd folder, std::shared_ptr<AccountNames> accounts)
    : folder_(std::move(folder)), stream_(folder_.get()), accounts_(std::move(accounts)) {}

std::optional<ObjectEntry> FileCursor::next() {
    while (const auto name = stream_.next()) {
        const auto stat = statAt(folder_.get(), *name);
        if (stat) return objectOf(folder_.get(), *stat, *accounts_);
    }
    return std::nullopt;
}

}  // namespace coffer
