#include "core/source/memory_target.h"

#include <algorithm>
#include <utility>

#include "core/source/target_path.h"

namespace coffer {

struct MemoryTarget::Node {
    struct Write {
        std::uint64_t offset = 0;
        Bytes data;
    };

    Attributes attributes;
    std::vector<Write> writes;  // in their order: a later one covers an earlier one
    std::uint64_t inode = 0;
    std::uint32_t links = 1;
    bool finished = false;

    std::uint64_t writtenEnd() const {
        std::uint64_t end = 0;
        for (const auto& write : writes) end = std::max(end, write.offset + write.data.size());
        return end;
    }
};

class MemoryTarget::Writer : public FileWriter {
  public:
    Writer(MemoryTarget& target, std::shared_ptr<Node> node, std::string path)
        : target_(target), node_(std::move(node)), path_(std::move(path)) {}

    void writeAt(std::uint64_t offset, ByteView data) override {
        const std::lock_guard lock(target_.mutex_);
        target_.checkScript(path_);
        if (target_.capacity_ && target_.written_ + data.size() > *target_.capacity_) {
            throw Error(ErrorCode::noSpace, "write " + printable(path_) + ": full on request");
        }
        target_.written_ += data.size();
        target_.synced_ = false;
        node_->writes.push_back({offset, toBytes(data)});
    }

    std::vector<std::string> finish(const Attributes& attributes) override {
        const std::lock_guard lock(target_.mutex_);
        target_.checkScript(path_);
        target_.synced_ = false;
        node_->attributes = attributes;
        node_->finished = true;
        return target_.refusals(path_);
    }

  private:
    MemoryTarget& target_;
    const std::shared_ptr<Node> node_;
    const std::string path_;
};

MemoryTarget::MemoryTarget(bool resume) : resume_(resume) {
    nodes_[""] = std::make_shared<Node>();
    nodes_[""]->attributes.type = EntryType::folder;
    nodes_[""]->attributes.mode = 0700;
}

MemoryTarget::~MemoryTarget() = default;

void MemoryTarget::makeFolder(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto found = nodes_.find(path);
    if (resume_ && found != nodes_.end() && found->second->attributes.type == EntryType::folder) {
        found->second->attributes.mode = 0700;
        found->second->finished = false;
        return;
    }
    add(path, EntryType::folder)->attributes.mode = 0700;
}

std::unique_ptr<FileWriter> MemoryTarget::createFile(const std::string& path,
                                                     const Attributes& /*attributes*/) {
    const std::lock_guard lock(mutex_);
    return std::make_unique<Writer>(*this, add(path, EntryType::file), path);
}

std::vector<std::string> MemoryTarget::makeSpecial(const std::string& path,
                                                   const Attributes& attributes) {
    if (attributes.type == EntryType::file || attributes.type == EntryType::folder) {
        throw Error(ErrorCode::invalidArgument, "not a special entry");
    }
    const std::lock_guard lock(mutex_);
    const auto node = add(path, attributes.type);
    node->attributes = attributes;
    node->finished = true;
    return refusals(path);
}

void MemoryTarget::link(const std::string& existing, const std::string& path) {
    const std::lock_guard lock(mutex_);
    targetEntry(existing);
    targetEntry(path);
    checkScript(existing);
    if (nodeAt(existing).attributes.type == EntryType::folder) {
        throw Error(ErrorCode::permissionDenied, "link " + printable(existing) + ": a folder");
    }
    const auto node = nodes_.at(existing);
    add(path, node->attributes.type);
    nodes_[path] = node;
    ++node->links;
}

void MemoryTarget::replace(const std::string& made, const std::string& path) {
    const std::lock_guard lock(mutex_);
    checkSameFolder(made, path);
    checkScript(path);
    nodeAt(made);
    const auto found = nodes_.find(path);
    if (found != nodes_.end()) {
        if (found->second->attributes.type == EntryType::folder) {
            throw Error(ErrorCode::alreadyExists, "replace " + printable(path) + ": a folder");
        }
        --found->second->links;
    }
    nodes_[path] = nodes_.at(made);
    nodes_.erase(made);
    synced_ = false;
}

std::vector<std::string> MemoryTarget::finishFolder(const std::string& path,
                                                    const Attributes& attributes) {
    const std::lock_guard lock(mutex_);
    targetPath(path);
    checkScript(path);
    if (nodeAt(path).attributes.type != EntryType::folder) {
        throw Error(ErrorCode::notFound, "no folder: " + printable(path));
    }
    auto& node = *nodes_.at(path);
    node.attributes = attributes;
    node.finished = true;
    synced_ = false;
    return refusals(path);
}

std::optional<Stat> MemoryTarget::stat(const std::string& path) {
    const std::lock_guard lock(mutex_);
    const auto name = targetPath(path).name;
    checkScript(path);
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) return std::nullopt;
    const auto& node = *found->second;
    Stat stat;
    stat.name = name;
    stat.type = node.attributes.type;
    if (stat.type == EntryType::symlink) stat.size = node.attributes.linkTarget.size();
    if (stat.type == EntryType::file) {
        stat.size = node.finished ? node.attributes.size : node.writtenEnd();
    }
    stat.mode = node.attributes.mode;
    stat.uid = node.attributes.uid;
    stat.gid = node.attributes.gid;
    stat.mtime = node.attributes.mtime;
    stat.device = 1;
    stat.inode = node.inode;
    stat.links = node.links;
    stat.deviceMajor = node.attributes.deviceMajor;
    stat.deviceMinor = node.attributes.deviceMinor;
    return stat;
}

void MemoryTarget::remove(const std::string& path) {
    const std::lock_guard lock(mutex_);
    targetEntry(path);
    checkScript(path);
    if (nodeAt(path).attributes.type == EntryType::folder) {
        throw Error(ErrorCode::invalidArgument, "remove " + printable(path) + ": a folder");
    }
    --nodes_.at(path)->links;
    nodes_.erase(path);
    synced_ = false;
}

void MemoryTarget::sync() {
    const std::lock_guard lock(mutex_);
    synced_ = true;
}

void MemoryTarget::failWhenFull(std::uint64_t octets) {
    const std::lock_guard lock(mutex_);
    capacity_ = octets;
}

void MemoryTarget::failAt(const std::string& path, ErrorCode code) {
    const std::lock_guard lock(mutex_);
    failures_[path] = code;
}

void MemoryTarget::refuseAt(const std::string& path, const std::string& line) {
    const std::lock_guard lock(mutex_);
    refusals_[path] = line;
}

std::vector<std::string> MemoryTarget::paths() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::string> all;
    for (const auto& [path, node] : nodes_) {
        if (!path.empty()) all.push_back(path);
    }
    return all;
}

bool MemoryTarget::isFinished(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return nodeAt(path).finished;
}

Attributes MemoryTarget::attributes(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return nodeAt(path).attributes;
}

Bytes MemoryTarget::content(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    const auto& node = nodeAt(path);
    Bytes content(std::max(node.writtenEnd(), node.attributes.size));
    for (const auto& [offset, data] : node.writes) {
        std::copy(data.begin(), data.end(), content.begin() + static_cast<std::ptrdiff_t>(offset));
    }
    if (node.finished) content.resize(node.attributes.size);
    return content;
}

std::uint64_t MemoryTarget::written(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    std::uint64_t total = 0;
    for (const auto& write : nodeAt(path).writes) total += write.data.size();
    return total;
}

bool MemoryTarget::isSynced() const {
    const std::lock_guard lock(mutex_);
    return synced_;
}

const MemoryTarget::Node& MemoryTarget::nodeAt(const std::string& path) const {
    const auto found = nodes_.find(path);
    if (found == nodes_.end()) throw Error(ErrorCode::notFound, "no entry: " + printable(path));
    return *found->second;
}

void MemoryTarget::checkScript(const std::string& path) const {
    const auto found = failures_.find(path);
    if (found != failures_.end()) throw Error(found->second, printable(path) + ": on request");
}

std::vector<std::string> MemoryTarget::refusals(const std::string& path) const {
    const auto found = refusals_.find(path);
    if (found == refusals_.end()) return {};
    return {found->second};
}

std::shared_ptr<MemoryTarget::Node> MemoryTarget::add(const std::string& path, EntryType type) {
    const auto entry = targetEntry(path);
    checkScript(path);
    if (nodeAt(std::string(entry.folder)).attributes.type != EntryType::folder) {
        throw Error(ErrorCode::notFound, "no folder: " + printable(entry.folder));
    }
    auto node = std::make_shared<Node>();
    node->attributes.type = type;
    node->inode = nextInode_++;
    if (!nodes_.emplace(path, node).second) {
        throw Error(ErrorCode::alreadyExists, printable(path) + ": exists already");
    }
    synced_ = false;
    return node;
}

}  // namespace coffer
