#pragma once

#include "core/chunk/chunker.h"
#include "core/pipeline/backup_worker.h"
#include "core/pipeline/problem_log.h"
#include "core/snapshot/content_list.h"
#include "core/source/data_source.h"

namespace coffer {

/// What ends the whole backup instead of being a problem of one entry.
bool endsBackup(const Error& error);

/// Cuts an open file's content into chunks and hands them to a worker's sink; holes are passed over
/// without being read. `path` is for messages.
class ContentReader {
  public:
    /// All outlive the reader.
    ContentReader(BackupShared& shared, BackupWorker& worker, const Chunker& chunker)
        : shared_(shared), worker_(worker), chunker_(chunker) {}

    /// Reads from the beginning to where the file ends; an end at `size`, which it had before, is
    /// believed without asking again. Throws what reading throws.
    Content read(FileReader& file, std::uint64_t size);

    /// The id of the only chunk of what the last read() gave, which has zeros in its place, when it
    /// is late; else nothing.
    const LateId& lateId() const { return late_; }

    /// Octets of content seen by the last read(), holes included.
    std::uint64_t length() const { return length_; }

    /// Cuts octets in memory (large extended attributes).
    Content cut(ByteView data);

  private:
    void readRegion(FileReader& file, std::uint64_t offset, std::uint64_t length,
                    ContentBuilder& content);
    bool isSmall(std::uint64_t length) const;
    void readWhole(FileReader& file, std::size_t size, ContentBuilder& content);
    ContentBuilder builder();

    BackupShared& shared_;
    BackupWorker& worker_;
    const Chunker& chunker_;
    std::uint64_t length_ = 0;
    LateId late_;
};

}  // namespace coffer
