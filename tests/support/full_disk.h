#pragma once

#include <atomic>
#include <optional>

#include "core/storage/disk.h"

namespace coffer {

/// Another disk, with as much free space as a test says. Safe to share between threads.
class FullDisk : public Disk {
  public:
    explicit FullDisk(Disk& inner) : inner_(inner) {}

    void setFree(std::uint64_t octets) { free_ = octets; }

    std::string canonical(const std::string& path) override { return inner_.canonical(path); }
    std::unique_ptr<DiskWriter> create(const std::string& path) override {
        return inner_.create(path);
    }
    std::shared_ptr<DiskReader> open(const std::string& path) override { return inner_.open(path); }
    void rename(const std::string& from, const std::string& to) override {
        inner_.rename(from, to);
    }
    void publish(const std::string& from, const std::string& to) override {
        inner_.publish(from, to);
    }
    void unlink(const std::string& path) override { inner_.unlink(path); }
    bool makeFolder(const std::string& path) override { return inner_.makeFolder(path); }
    void syncFolder(const std::string& path) override { inner_.syncFolder(path); }
    std::optional<DiskEntry> stat(const std::string& path) override { return inner_.stat(path); }
    std::vector<DiskEntry> list(const std::string& path) override { return inner_.list(path); }
    std::optional<std::uint64_t> freeSpace(const std::string&) override { return free_.load(); }

  private:
    Disk& inner_;
    std::atomic<std::uint64_t> free_ = 1ULL << 40;
};

}  // namespace coffer
