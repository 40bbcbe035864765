#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/source/data_source.h"
#include "core/source/memory_entry.h"

namespace coffer {

struct MemoryTree;

/// A source in memory, for tests: a tree that is built by hand and fails as scripted.
/// Paths are absolute, parents must exist, names keep to the rules of FileSystemSource.
/// Safe to share; hooks run under its lock and must not call it.
class MemorySource : public DataSource {
  public:
    MemorySource();

    /// Each returns the new entry's inode number. Error(alreadyExists) when the path is taken.
    std::uint64_t addFolder(const std::string& path);
    std::uint64_t addFile(const std::string& path, ByteView content);
    std::uint64_t addSymlink(const std::string& path, const std::string& target);
    std::uint64_t addSpecial(const std::string& path, EntryType type);

    /// One more name for the inode at `existing`.
    void addLink(const std::string& existing, const std::string& path);

    /// Removes the entry and all below it. Who has it open still reads it.
    void remove(const std::string& path);

    /// Changes the entry at `path` under the lock.
    void change(const std::string& path, const std::function<void(MemoryEntry&)>& work);

    std::unique_ptr<Folder> openFolder(const std::string& path) override;

    /// How often a file was opened; an unchanged one should not be.
    std::uint64_t filesOpened() const;

  private:
    std::uint64_t add(const std::string& path, MemoryEntry entry);

    std::shared_ptr<Guarded<MemoryTree>> tree_;  // shared with what was opened
};

}  // namespace coffer
