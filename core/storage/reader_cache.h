#pragma once

#include <list>
#include <memory>
#include <string>
#include <utility>

#include "core/base/guarded.h"
#include "core/storage/disk.h"

namespace coffer {

/// Keeps the files read last open, so that the ranges of one pack do not cost an open each.
/// A file that was removed or replaced, by whomever, is opened anew. Safe to share.
class ReaderCache {
  public:
    explicit ReaderCache(Disk& disk) : disk_(disk) {}

    /// The file at `path`, open. Errors as of Disk::open.
    std::shared_ptr<DiskReader> open(const std::string& path);

    /// Closes the file once its last reader is done: an open file keeps its room on the disk.
    void forget(const std::string& path);

  private:
    using Entry = std::pair<std::string, std::shared_ptr<DiskReader>>;
    std::shared_ptr<DiskReader> find(const std::string& path);

    Disk& disk_;
    Guarded<std::list<Entry>> entries_;  // most recently used first
};

}  // namespace coffer
