#include "tests/support/simulated_disk.h"

#include <algorithm>
#include <cerrno>
#include <map>
#include <string_view>

#include "core/base/error.h"

namespace coffer {

/// A file or a folder as the running system sees it, and what of it is on the platter.
struct SimulatedDisk::Node {
    bool folder = false;
    Bytes data;
    std::size_t synced = 0;  // length of the data that is safe
    std::map<std::string, NodePtr> entries;
    std::map<std::string, NodePtr> syncedEntries;
};

struct SimulatedDisk::State {
    NodePtr root = std::make_shared<Node>();
    bool crashed = false;
    std::uint64_t points = 0;
    std::uint64_t crashPoint = 0;
    int failure = 0;
    std::uint64_t firstFailure = 0;
    std::uint64_t lastFailure = 0;
    std::optional<std::uint64_t> freeSpace;

    void checkUp() const {
        if (crashed) throw SimulatedCrash{};
    }

    void point(const std::string& path) {
        checkUp();
        ++points;
        if (points == crashPoint) {
            crashed = true;
            throw SimulatedCrash{};
        }
        if (failure != 0 && points >= firstFailure && points <= lastFailure) {
            throw Error::fromErrno(failure, path);
        }
    }

    NodePtr find(std::string_view path) const {
        NodePtr node = root;
        while (node && !path.empty()) {
            const std::size_t slash = std::min(path.find('/'), path.size());
            const std::string part(path.substr(0, slash));
            path.remove_prefix(std::min(slash + 1, path.size()));
            if (part.empty()) continue;
            const auto found = node->entries.find(part);
            node = found == node->entries.end() ? nullptr : found->second;
        }
        return node;
    }

    NodePtr folder(const std::string& path) const {
        NodePtr node = find(path);
        if (!node) throw Error::fromErrno(ENOENT, path);
        if (!node->folder) throw Error::fromErrno(ENOTDIR, path);
        return node;
    }

    NodePtr file(const std::string& path) const {
        NodePtr node = find(path);
        if (!node || node->folder) throw Error::fromErrno(ENOENT, path);
        return node;
    }

    NodePtr add(const std::string& path, bool asFolder) {
        const NodePtr parent = folder(parentOf(path));
        const auto [entry, added] = parent->entries.try_emplace(nameIn(path));
        if (!added) throw Error::fromErrno(EEXIST, path);
        entry->second = std::make_shared<Node>();
        entry->second->folder = asFolder;
        return entry->second;
    }

    static std::string nameIn(const std::string& path) { return path.substr(path.rfind('/') + 1); }
};

class SimulatedDisk::Writer : public DiskWriter {
  public:
    Writer(std::shared_ptr<Guarded<State>> state, NodePtr node, const std::string& path)
        : state_(std::move(state)), node_(std::move(node)), path_(path) {}

    void write(ByteView data) override {
        state_->with([&](State& state) {
            state.checkUp();
            const ByteView half = data.first(data.size() / 2);
            append(node_->data, half);
            state.point(path_);
            append(node_->data, data.subspan(half.size()));
        });
    }

    void sync() override {
        state_->with([&](State& state) {
            state.point(path_);
            node_->synced = node_->data.size();
        });
    }

  private:
    std::shared_ptr<Guarded<State>> state_;
    NodePtr node_;
    std::string path_;
};

class SimulatedDisk::Reader : public DiskReader {
  public:
    Reader(std::shared_ptr<Guarded<State>> state, NodePtr node, const std::string& path)
        : state_(std::move(state)), node_(std::move(node)), path_(path) {}

    std::size_t read(std::uint64_t offset, std::span<std::uint8_t> out) override {
        return state_->with([&](State& state) {
            state.checkUp();
            const Bytes& data = node_->data;
            const auto from =
                static_cast<std::size_t>(std::min<std::uint64_t>(offset, data.size()));
            const std::size_t size = std::min(out.size(), data.size() - from);
            std::ranges::copy(ByteView(data).subspan(from, size), out.begin());
            return size;
        });
    }

    bool named() override {
        return state_->with([&](State& state) {
            state.checkUp();
            return state.find(path_) == node_;
        });
    }

  private:
    std::shared_ptr<Guarded<State>> state_;
    NodePtr node_;
    std::string path_;
};

SimulatedDisk::SimulatedDisk() : state_(std::make_shared<Guarded<State>>()) {
    state_->with([](State& state) { state.root->folder = true; });
}

void SimulatedDisk::crashAt(std::uint64_t point) {
    state_->with([&](State& state) { state.crashPoint = point; });
}

void SimulatedDisk::failAt(int number, std::uint64_t first, std::uint64_t last) {
    state_->with([&](State& state) {
        state.failure = number;
        state.firstFailure = first;
        state.lastFailure = last;
    });
}

std::uint64_t SimulatedDisk::points() const {
    return state_->with([](const State& state) { return state.points; });
}

void SimulatedDisk::reach(const std::string& path) {
    state_->with([&](State& state) { state.point(path); });
}

/// Copies the tree as it is after a crash. A file with two names stays one file.
class SimulatedDisk::Survival {
  public:
    explicit Survival(CrashMode mode) : mode_(mode) {}

    NodePtr copyOf(const Node& node) {
        const auto [place, added] = copies_.try_emplace(&node, std::make_shared<Node>());
        const NodePtr copy = place->second;
        if (!added) return copy;
        copy->folder = node.folder;
        copy->data = toBytes(ByteView(node.data).first(sizeOf(node)));
        copyEntries(mode_ == CrashMode::lost ? node.syncedEntries : node.entries, copy->entries);
        if (mode_ == CrashMode::killed) {  // the page cache lives on
            copy->synced = node.synced;
            copyEntries(node.syncedEntries, copy->syncedEntries);
        } else {
            copy->synced = copy->data.size();
            copy->syncedEntries = copy->entries;
        }
        return copy;
    }

  private:
    std::size_t sizeOf(const Node& node) const {
        if (mode_ == CrashMode::killed) return node.data.size();
        if (mode_ == CrashMode::torn) return (node.synced + node.data.size() + 1) / 2;
        return node.synced;
    }

    void copyEntries(const std::map<std::string, NodePtr>& from,
                     std::map<std::string, NodePtr>& to) {
        for (const auto& [name, child] : from) to.emplace(name, copyOf(*child));
    }

    const CrashMode mode_;
    std::map<const Node*, NodePtr> copies_;
};

std::unique_ptr<SimulatedDisk> SimulatedDisk::reopen(CrashMode mode) const {
    const NodePtr root =
        state_->with([&](State& state) { return Survival(mode).copyOf(*state.root); });
    auto disk = std::make_unique<SimulatedDisk>();
    disk->state_->with([&](State& state) { state.root = root; });
    return disk;
}

std::unique_ptr<DiskWriter> SimulatedDisk::create(const std::string& path) {
    return state_->with([&](State& state) {
        state.point(path);
        return std::make_unique<Writer>(state_, state.add(path, false), path);
    });
}

std::shared_ptr<DiskReader> SimulatedDisk::open(const std::string& path) {
    return state_->with([&](State& state) {
        state.checkUp();
        return std::make_shared<Reader>(state_, state.file(path), path);
    });
}

void SimulatedDisk::rename(const std::string& from, const std::string& to) {
    move(from, to, true);
}

void SimulatedDisk::publish(const std::string& from, const std::string& to) {
    move(from, to, false);
}

void SimulatedDisk::move(const std::string& from, const std::string& to, bool replace) {
    state_->with([&](State& state) {
        state.point(to);
        const NodePtr node = state.file(from);
        NodePtr& target = state.folder(parentOf(to))->entries[State::nameIn(to)];
        if (target && !replace) throw Error::fromErrno(EEXIST, to);
        if (target && target->folder) throw Error::fromErrno(EISDIR, to);
        target = node;
        state.folder(parentOf(from))->entries.erase(State::nameIn(from));
    });
}

void SimulatedDisk::unlink(const std::string& path) {
    state_->with([&](State& state) {
        state.point(path);
        state.file(path);
        state.folder(parentOf(path))->entries.erase(State::nameIn(path));
    });
}

bool SimulatedDisk::makeFolder(const std::string& path) {
    return state_->with([&](State& state) {
        state.point(path);
        const NodePtr node = state.find(path);
        if (node && node->folder) return false;
        state.add(path, true);
        return true;
    });
}

void SimulatedDisk::syncFolder(const std::string& path) {
    state_->with([&](State& state) {
        state.point(path);
        const NodePtr node = state.folder(path);
        node->syncedEntries = node->entries;
    });
}

std::optional<DiskEntry> SimulatedDisk::stat(const std::string& path) {
    return state_->with([&](State& state) -> std::optional<DiskEntry> {
        state.checkUp();
        const NodePtr node = state.find(path);
        if (!node) return std::nullopt;
        return DiskEntry{State::nameIn(path), node->folder ? DiskKind::folder : DiskKind::file,
                         node->data.size()};
    });
}

std::vector<DiskEntry> SimulatedDisk::list(const std::string& path) {
    return state_->with([&](State& state) {
        state.checkUp();
        std::vector<DiskEntry> entries;
        for (const auto& [name, node] : state.folder(path)->entries) {
            entries.push_back(
                {name, node->folder ? DiskKind::folder : DiskKind::file, node->data.size()});
        }
        return entries;
    });
}

std::optional<std::uint64_t> SimulatedDisk::freeSpace(const std::string&) {
    return state_->with([](const State& state) { return state.freeSpace; });
}

void SimulatedDisk::setFreeSpace(std::uint64_t octets) {
    state_->with([&](State& state) { state.freeSpace = octets; });
}

}  // namespace coffer
