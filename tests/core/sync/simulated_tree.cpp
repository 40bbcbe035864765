#include "tests/core/sync/simulated_tree.h"

#include <algorithm>

#include "core/agent/object_path.h"
#include "core/base/error.h"

namespace coffer {

namespace {

ObjectEntry entryOf(const std::string& path, const SimulatedTree::Item& item) {
    ObjectEntry entry;
    entry.name = nameOfObject(path);
    entry.kind = item.kind;
    if (item.kind == "file") entry.size = item.text.size();
    if (item.kind == "symlink") entry.more["link-target"] = item.text;
    entry.modified = item.modified;
    entry.mode = item.mode;
    return entry;
}

class Entries : public EntryCursor {
  public:
    explicit Entries(std::vector<ObjectEntry> entries) : entries_(std::move(entries)) {}
    std::optional<ObjectEntry> next() override {
        if (at_ == entries_.size()) return {};
        return entries_[at_++];
    }

  private:
    std::vector<ObjectEntry> entries_;
    std::size_t at_ = 0;
};

bool isWithin(const std::string& path, const std::string& folder) {
    return path.starts_with(folder + "/");
}

}  // namespace

void SimulatedTree::put(const std::string& path, const Item& item) {
    items_[path] = synced_[path] = item;
}

void SimulatedTree::takeAway(const std::string& path) {
    const auto goes = [&](const auto& entry) {
        return entry.first == path || isWithin(entry.first, path);
    };
    std::erase_if(items_, goes);
    std::erase_if(synced_, goes);
}

SimulatedTree::Items SimulatedTree::after(CrashMode mode) const {
    Items left = synced_;
    if (mode == CrashMode::torn && !since_.empty()) left = since_[since_.size() / 2];
    if (mode == CrashMode::killed || mode == CrashMode::hollow) left = items_;
    for (auto& [path, item] : left) {
        if (item.isWritten && mode != CrashMode::killed) item.text.clear();
        item.isWritten = false;
    }
    return left;
}

// A computer that is down answers nobody: its end is not that of who asks.
void SimulatedTree::change(const std::string& path) {
    if (leavesAt_ > 0 && changes_ + 1 >= leavesAt_) {
        throw Error(ErrorCode::unavailable, path + ": the agent is away");
    }
    try {
        disk_.reach(path);
    } catch (const SimulatedCrash&) {
        throw Error(ErrorCode::unavailable, path + ": the agent is down");
    }
    ++changes_;
}

void SimulatedTree::changed() {
    since_.push_back(items_);
}

SimulatedTree::Item& SimulatedTree::at(const std::string& path) {
    const auto found = items_.find(path);
    if (found == items_.end()) throw Error(ErrorCode::notFound, path);
    return found->second;
}

void SimulatedTree::requireLike(const std::string& path, const ObjectEntry& seen) {
    const ObjectEntry now = entryOf(path, at(path));
    const bool isFolder = now.kind == "folder" && !seen.modified;
    if (now.kind != seen.kind || (now.kind == "file" && now.size != seen.size) ||
        (!isFolder && now.modified != seen.modified)) {
        throw Error(ErrorCode::conflict, path + " has changed meanwhile");
    }
}

ObjectEntry SimulatedTree::stat(const std::string& path) {
    if (path == "/") return entryOf(path, {"folder", {}, {}, 0755});
    return entryOf(path, at(path));
}

std::unique_ptr<EntryCursor> SimulatedTree::list(const std::string& path) {
    if (path != "/") at(path);
    std::vector<ObjectEntry> entries;
    for (const auto& [name, item] : items_) {
        if (parentOfObject(name) == path) entries.push_back(entryOf(name, item));
    }
    return std::make_unique<Entries>(std::move(entries));
}

Bytes SimulatedTree::read(const std::string& path, std::uint64_t offset, std::size_t length) {
    const std::string& text = at(path).text;
    const auto from = static_cast<std::size_t>(std::min<std::uint64_t>(offset, text.size()));
    return toBytes(bytesOf(text).subspan(from, std::min(length, text.size() - from)));
}

void SimulatedTree::write(const std::string& path, std::uint64_t offset, ByteView data) {
    Item& item = at(path);
    change(path);
    item.isWritten = true;
    item.text.resize(std::max<std::size_t>(item.text.size(), offset + data.size()));
    item.text.replace(offset, data.size(), textOf(data));
    changed();
}

void SimulatedTree::make(const std::string& path, Item item) {
    if (items_.contains(path)) throw Error(ErrorCode::alreadyExists, path);
    if (parentOfObject(path) != "/") at(parentOfObject(path));
    change(path);
    items_[path] = std::move(item);
    changed();
}

void SimulatedTree::createFile(const std::string& path) {
    make(path, {"file", {}});
}

void SimulatedTree::createFolder(const std::string& path) {
    make(path, {"folder", {}, {}, 0700});
}

void SimulatedTree::createLink(const std::string& path, const std::string& text) {
    make(path, {"symlink", text});
}

void SimulatedTree::erase(const std::string& path, bool) {
    at(path);
    const auto isIn = [&](const auto& entry) { return isWithin(entry.first, path); };
    if (std::ranges::any_of(items_, isIn)) throw Error(ErrorCode::conflict, path + " is not empty");
    change(path);
    items_.erase(path);
    changed();
}

void SimulatedTree::eraseAs(const std::string& path, const ObjectEntry& seen) {
    requireLike(path, seen);
    erase(path, false);
}

void SimulatedTree::move(const std::string& path, const std::string& target) {
    at(path);
    if (items_.contains(target)) throw Error(ErrorCode::alreadyExists, target);
    change(target);
    Items moved;
    for (const auto& [name, item] : items_) {
        const bool goes = name == path || isWithin(name, path);
        moved[goes ? target + name.substr(path.size()) : name] = item;
    }
    items_ = std::move(moved);
    changed();
}

ObjectEntry SimulatedTree::settle(const std::string& path, const std::string& target,
                                  const Look& wanted, const std::optional<ObjectEntry>& replaced) {
    Item item = at(path);
    if (replaced) requireLike(target, *replaced);
    if (!replaced && path != target && items_.contains(target)) {
        throw Error(ErrorCode::alreadyExists, target);
    }
    change(target);
    if (wanted.modified) item.modified = *wanted.modified;
    if (wanted.mode) item.mode = *wanted.mode;
    if (path != target) {
        items_.erase(path);
        item.isWritten = false;  // content goes to the disk before the name
    }
    items_[target] = item;
    changed();
    return entryOf(target, item);
}

void SimulatedTree::flush(const std::string& path) {
    change(path);
    for (auto& [name, item] : items_) item.isWritten = false;
    synced_ = items_;
    since_.clear();
}

}  // namespace coffer
