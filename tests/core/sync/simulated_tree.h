#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "core/agent/object_tree.h"
#include "tests/support/simulated_disk.h"

namespace coffer {

/// The files of a computer, in memory, which go down with a simulated disk: every change is a point
/// of that disk, and crashes or fails as it is told. Who calls a computer that is down finds it
/// unavailable. A crash takes changes away from the last one on, as a journal of a file system
/// does, and may leave names of files without the content that was written to them, but of those
/// that settle() gave a name. The root is there. For one thread.
class SimulatedTree : public ObjectTree {
  public:
    struct Item {
        std::string kind;  // "file", "folder", "symlink"
        std::string text;  // content, or where it leads to
        Timestamp modified{};
        std::uint32_t mode = 0600;
        bool isWritten = false;  // and the content not yet on the disk

        bool operator==(const Item& other) const {
            return kind == other.kind && text == other.text;
        }
    };
    using Items = std::map<std::string, Item>;  // by path

    SimulatedTree(SimulatedDisk& disk, Items items) : disk_(disk), items_(std::move(items)) {
        synced_ = items_;
    }

    /// As somebody else changes them; on the disk at once.
    void put(const std::string& path, const Item& item);
    void takeAway(const std::string& path);

    /// From that change on, counted from 1, the computer is away.
    void leaveAt(std::uint64_t change) { leavesAt_ = change; }
    std::uint64_t changes() const { return changes_; }

    const Items& items() const { return items_; }

    /// What is there after the computer went down and came up again.
    Items after(CrashMode mode) const;

    ObjectEntry stat(const std::string& path) override;
    std::unique_ptr<EntryCursor> list(const std::string& path) override;
    Bytes read(const std::string& path, std::uint64_t offset, std::size_t length) override;
    void write(const std::string& path, std::uint64_t offset, ByteView data) override;
    void createFile(const std::string& path) override;
    void createFolder(const std::string& path) override;
    void erase(const std::string& path, bool recursive) override;
    void move(const std::string& path, const std::string& target) override;
    void createLink(const std::string& path, const std::string& text) override;
    ObjectEntry settle(const std::string& path, const std::string& target, const Look& wanted,
                       const std::optional<ObjectEntry>& replaced) override;
    void eraseAs(const std::string& path, const ObjectEntry& seen) override;
    void flush(const std::string& path) override;

  private:
    void change(const std::string& path);
    void changed();
    Item& at(const std::string& path);
    void make(const std::string& path, Item item);
    void requireLike(const std::string& path, const ObjectEntry& seen);

    SimulatedDisk& disk_;
    Items items_;
    Items synced_;
    std::vector<Items> since_;  // as they were after each change since the last flush
    std::uint64_t changes_ = 0;
    std::uint64_t leavesAt_ = 0;
};

}  // namespace coffer
