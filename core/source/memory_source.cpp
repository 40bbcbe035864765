#include "core/source/memory_source.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "core/base/printable.h"
#include "core/source/memory_folder.h"

namespace coffer {

namespace {

constexpr std::uint64_t memoryDevice = 1;
constexpr std::int64_t firstTime = 1'000'000'000;

std::vector<std::string> partsOf(const std::string& path) {
    if (!path.starts_with('/')) {
        throw Error(ErrorCode::invalidArgument, "not an absolute path: " + printable(path));
    }
    std::vector<std::string> parts;
    for (std::size_t begin = 1; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (end > begin) checkMemoryName(parts.emplace_back(path.substr(begin, end - begin)));
        begin = end + 1;
    }
    return parts;
}

void expectFolder(const MemoryNode& node, const std::string& path) {
    if (node.entry.stat.type == EntryType::folder) return;
    throw Error(ErrorCode::conflict, printable(path) + ": a part is a symlink or no folder");
}

/// The entry that `count` of the parts lead to.
MemoryNodePtr find(const MemoryTree& tree, const std::vector<std::string>& parts, std::size_t count,
                   const std::string& path) {
    MemoryNodePtr at = tree.root;
    for (std::size_t i = 0; i < count; ++i) {
        expectFolder(*at, path);
        const auto child = at->children.find(parts[i]);
        if (child == at->children.end()) {
            throw Error(ErrorCode::notFound, "no such entry: " + printable(path));
        }
        at = child->second;
    }
    return at;
}

MemoryNodePtr find(const MemoryTree& tree, const std::string& path) {
    const std::vector<std::string> parts = partsOf(path);
    return find(tree, parts, parts.size(), path);
}

/// The folder to put `path` into, and its last part; the root has neither.
std::pair<MemoryNodePtr, std::string> placeOf(const MemoryTree& tree, const std::string& path) {
    const std::vector<std::string> parts = partsOf(path);
    if (parts.empty()) throw Error(ErrorCode::invalidArgument, "the root stays as it is");
    MemoryNodePtr parent = find(tree, parts, parts.size() - 1, path);
    expectFolder(*parent, path);
    return {std::move(parent), parts.back()};
}

void put(MemoryTree& tree, const std::string& path, MemoryNodePtr node) {
    const auto [parent, name] = placeOf(tree, path);
    if (!parent->children.emplace(name, std::move(node)).second) {
        throw Error(ErrorCode::alreadyExists, "exists: " + printable(path));
    }
}

MemoryEntry newEntry(EntryType type) {
    MemoryEntry entry;
    entry.stat.type = type;
    entry.stat.mode = type == EntryType::folder ? 0755 : type == EntryType::symlink ? 0777 : 0644;
    return entry;
}

void identify(MemoryTree& tree, MemoryEntry& entry) {
    Stat& stat = entry.stat;
    stat.device = memoryDevice;
    stat.inode = ++tree.lastInode;
    stat.mtime = {firstTime + static_cast<std::int64_t>(stat.inode), 0};
    stat.ctime = stat.mtime;
}

}  // namespace

void MemoryEntry::setContent(ByteView data) {
    content.clear();
    if (!data.empty()) content[0] = toBytes(data);
    stat.size = data.size();
}

MemorySource::MemorySource() : tree_(std::make_shared<Guarded<MemoryTree>>()) {
    tree_->with([](MemoryTree& tree) {
        tree.root->entry = newEntry(EntryType::folder);
        identify(tree, tree.root->entry);
    });
}

std::uint64_t MemorySource::add(const std::string& path, MemoryEntry entry) {
    return tree_->with([&](MemoryTree& tree) {
        const auto node = std::make_shared<MemoryNode>();
        node->entry = std::move(entry);
        identify(tree, node->entry);
        put(tree, path, node);
        return node->entry.stat.inode;
    });
}

std::uint64_t MemorySource::addFolder(const std::string& path) {
    return add(path, newEntry(EntryType::folder));
}

std::uint64_t MemorySource::addFile(const std::string& path, ByteView content) {
    MemoryEntry entry = newEntry(EntryType::file);
    entry.setContent(content);
    return add(path, std::move(entry));
}

std::uint64_t MemorySource::addSymlink(const std::string& path, const std::string& target) {
    MemoryEntry entry = newEntry(EntryType::symlink);
    entry.stat.size = target.size();
    entry.details.linkTarget = target;
    return add(path, std::move(entry));
}

std::uint64_t MemorySource::addSpecial(const std::string& path, EntryType type) {
    return add(path, newEntry(type));
}

void MemorySource::addLink(const std::string& existing, const std::string& path) {
    tree_->with([&](MemoryTree& tree) {
        const MemoryNodePtr node = find(tree, existing);
        if (node->entry.stat.type == EntryType::folder) {
            throw Error(ErrorCode::invalidArgument, "a folder has one name only");
        }
        put(tree, path, node);
        ++node->entry.stat.links;
    });
}

void MemorySource::remove(const std::string& path) {
    tree_->with([&](MemoryTree& tree) {
        const MemoryNodePtr node = find(tree, path);
        const auto [parent, name] = placeOf(tree, path);
        parent->children.erase(name);
        if (node->entry.stat.links > 0) --node->entry.stat.links;
    });
}

void MemorySource::change(const std::string& path, const std::function<void(MemoryEntry&)>& work) {
    tree_->with([&](MemoryTree& tree) { work(find(tree, path)->entry); });
}

std::unique_ptr<Folder> MemorySource::openFolder(const std::string& path) {
    return tree_->with([&](MemoryTree& tree) {
        MemoryNodePtr node = find(tree, path);
        expectFolder(*node, path);
        if (node->entry.openError) throw *node->entry.openError;
        return openMemoryFolder(tree_, std::move(node));
    });
}

std::uint64_t MemorySource::filesOpened() const {
    return tree_->with([](const MemoryTree& tree) { return tree.filesOpened; });
}

}  // namespace coffer
