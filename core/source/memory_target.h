#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "core/base/error.h"
#include "core/source/restore_target.h"

namespace coffer {

/// A restore target in memory: shows what a restore brought, and fails on request. It can take
/// every attribute. Its memory is what was written; holes cost nothing until content() fills them.
/// Safe to share between threads. Writers must not outlive it.
class MemoryTarget : public RestoreTarget {
  public:
    explicit MemoryTarget(bool resume = false);  // as in FileSystemTarget
    ~MemoryTarget() override;

    void makeFolder(const std::string& path) override;
    std::unique_ptr<FileWriter> createFile(const std::string& path,
                                           const Attributes& attributes) override;
    std::vector<std::string> makeSpecial(const std::string& path,
                                         const Attributes& attributes) override;
    void link(const std::string& existing, const std::string& path) override;
    void replace(const std::string& made, const std::string& path) override;
    std::vector<std::string> finishFolder(const std::string& path,
                                          const Attributes& attributes) override;
    std::optional<Stat> stat(const std::string& path) override;
    void remove(const std::string& path) override;
    void sync() override;

    /// A write that makes the octets written so far more than `octets` throws Error(noSpace).
    void failWhenFull(std::uint64_t octets);

    /// Whatever is asked of `path` throws Error(code).
    void failAt(const std::string& path, ErrorCode code);

    /// finish(), makeSpecial() and finishFolder() of `path` return this line.
    void refuseAt(const std::string& path, const std::string& line);

    /// What has been restored. Error(notFound) when there is no such entry. The attributes of an
    /// entry are those it was finished with; isFinished tells whether it was.
    std::vector<std::string> paths() const;  // sorted, without the target itself
    bool isFinished(const std::string& path) const;
    Attributes attributes(const std::string& path) const;
    Bytes content(const std::string& path) const;

    /// Octets that were written into a file; holes do not count.
    std::uint64_t written(const std::string& path) const;
    bool isSynced() const;  // nothing was changed since sync()

  private:
    struct Node;
    class Writer;

    const Node& nodeAt(const std::string& path) const;
    void checkScript(const std::string& path) const;
    std::vector<std::string> refusals(const std::string& path) const;
    std::shared_ptr<Node> add(const std::string& path, EntryType type);

    mutable std::mutex mutex_;
    const bool resume_;
    std::map<std::string, std::shared_ptr<Node>> nodes_;  // "" is the target itself
    std::uint64_t nextInode_ = 1;
    std::uint64_t written_ = 0;
    std::optional<std::uint64_t> capacity_;
    std::map<std::string, ErrorCode> failures_;
    std::map<std::string, std::string> refusals_;
    bool synced_ = false;
};

}  // namespace coffer
