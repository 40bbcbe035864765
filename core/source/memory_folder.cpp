#include "core/source/memory_folder.h"

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

#include "core/base/printable.h"

namespace coffer {

namespace {

using TreePtr = std::shared_ptr<Guarded<MemoryTree>>;

void throwIf(const std::optional<Error>& scripted) {
    if (scripted) throw *scripted;
}

Stat namedStat(const MemoryNode& node, const std::string& name) {
    throwIf(node.entry.statError);
    Stat stat = node.entry.stat;
    stat.name = name;
    return stat;
}

Details detailsOf(const MemoryNode& node) {
    throwIf(node.entry.detailsError);
    return node.entry.details;
}

class MemoryFile : public FileReader {
  public:
    MemoryFile(TreePtr tree, MemoryNodePtr node, Stat opened)
        : tree_(std::move(tree)), node_(std::move(node)), opened_(std::move(opened)) {}

    Region regionAt(std::uint64_t offset) override {
        return tree_->with([&](MemoryTree&) { return regionOf(node_->entry, offset); });
    }

    std::size_t readAt(std::uint64_t offset, std::span<std::uint8_t> out) override {
        return tree_->with([&](MemoryTree&) {
            MemoryEntry& entry = node_->entry;
            const std::uint64_t size = entry.stat.size;
            const std::uint64_t left = offset < size ? size - offset : 0;
            const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(out.size(), left));
            const auto bad = entry.readErrorAt;
            if (bad && *bad >= offset && *bad - offset < wanted) {
                throw Error(ErrorCode::ioError, "read " + printable(opened_.name) + ": scripted");
            }
            copyOut(entry, offset, out.first(wanted));
            if (entry.afterRead) entry.afterRead(entry, offset + wanted);
            return wanted;
        });
    }

    Details details() override {
        return tree_->with([&](MemoryTree&) { return detailsOf(*node_); });
    }

    const Stat& opened() const override { return opened_; }

    Stat statNow() override {
        return tree_->with([&](MemoryTree&) { return namedStat(*node_, opened_.name); });
    }

  private:
    /// Neighbouring stretches count as one.
    static Region regionOf(const MemoryEntry& entry, std::uint64_t offset) {
        const std::uint64_t size = entry.stat.size;
        if (offset >= size) return {};
        std::uint64_t end = offset;
        auto next = entry.content.upper_bound(offset);
        if (next != entry.content.begin()) --next;
        for (; next != entry.content.end() && next->first <= end; ++next) {
            end = std::max(end, next->first + next->second.size());
        }
        if (end > offset) return {std::min(end, size) - offset, false};
        const std::uint64_t data = next == entry.content.end() ? size : next->first;
        return {std::min(data, size) - offset, true};
    }

    static void copyOut(const MemoryEntry& entry, std::uint64_t offset,
                        std::span<std::uint8_t> out) {
        std::ranges::fill(out, std::uint8_t{0});
        const std::uint64_t end = offset + out.size();
        for (const auto& [start, data] : entry.content) {
            const std::uint64_t from = std::max(offset, start);
            const std::uint64_t to = std::min<std::uint64_t>(end, start + data.size());
            if (from >= to) continue;
            std::copy_n(data.begin() + static_cast<std::ptrdiff_t>(from - start), to - from,
                        out.begin() + static_cast<std::ptrdiff_t>(from - offset));
        }
    }

    TreePtr tree_;
    MemoryNodePtr node_;
    const Stat opened_;
};

class MemoryFolder : public Folder {
  public:
    MemoryFolder(TreePtr tree, MemoryNodePtr node)
        : tree_(std::move(tree)), node_(std::move(node)) {}

    void list(const std::function<void(std::string_view name)>& each) override {
        const auto names = tree_->with([&](MemoryTree&) {
            throwIf(node_->entry.listError);
            std::vector<std::string> all;
            for (const auto& child : node_->children) all.push_back(child.first);
            return all;
        });
        for (const std::string& name : names) each(name);
    }

    std::optional<Stat> stat(const std::string& name) override {
        checkMemoryName(name);
        return tree_->with([&](MemoryTree&) -> std::optional<Stat> {
            const MemoryNodePtr child = childNamed(name);
            if (!child) return std::nullopt;
            return namedStat(*child, name);
        });
    }

    Stat statSelf() override {
        return tree_->with([&](MemoryTree&) { return namedStat(*node_, ""); });
    }

    Details detailsSelf() override {
        return tree_->with([&](MemoryTree&) { return detailsOf(*node_); });
    }

    Details details(const Stat& entry) override {
        return tree_->with([&](MemoryTree&) { return detailsOf(*sameChild(entry)); });
    }

    std::unique_ptr<FileReader> open(const Stat& entry) override {
        return tree_->with([&](MemoryTree& tree) {
            MemoryNodePtr child = sameChild(entry);
            throwIf(child->entry.openError);
            if (child->entry.stat.type != EntryType::file) {
                throw Error(ErrorCode::conflict, printable(entry.name) + " is no regular file");
            }
            ++tree.filesOpened;
            Stat opened = namedStat(*child, entry.name);
            return std::make_unique<MemoryFile>(tree_, std::move(child), std::move(opened));
        });
    }

  private:
    MemoryNodePtr childNamed(const std::string& name) const {
        const auto found = node_->children.find(name);
        if (found == node_->children.end()) return nullptr;
        return found->second->entry.vanishesAfterList ? nullptr : found->second;
    }

    MemoryNodePtr sameChild(const Stat& entry) const {
        checkMemoryName(entry.name);
        MemoryNodePtr child = childNamed(entry.name);
        if (!child) throw Error(ErrorCode::notFound, "no such entry: " + printable(entry.name));
        const Stat& now = child->entry.stat;
        if (now.inode != entry.inode || now.device != entry.device || now.type != entry.type) {
            throw Error(ErrorCode::conflict, printable(entry.name) + " was replaced");
        }
        return child;
    }

    TreePtr tree_;
    MemoryNodePtr node_;
};

}  // namespace

std::unique_ptr<Folder> openMemoryFolder(TreePtr tree, MemoryNodePtr folder) {
    return std::make_unique<MemoryFolder>(std::move(tree), std::move(folder));
}

void checkMemoryName(const std::string& name) {
    const bool isPart = !name.empty() && name != "." && name != ".." &&
                        name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
    if (!isPart) throw Error(ErrorCode::invalidArgument, "not an entry's name: " + printable(name));
}

}  // namespace coffer
