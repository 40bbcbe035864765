#pragma once

#include <string>

namespace coffer {

/// An empty folder of its own for a test, in memory where the system has a place for that: SQLite
/// waits for the disk after each transaction, which is most of the time of a test that uses a real
/// one. Removed with all in it.
class MemoryFolder {
  public:
    MemoryFolder();
    ~MemoryFolder();
    MemoryFolder(const MemoryFolder&) = delete;
    MemoryFolder& operator=(const MemoryFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  private:
    std::string path_;
};

}  // namespace coffer
