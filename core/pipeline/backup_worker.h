#pragma once

#include "core/chunk/chunker.h"
#include "core/pipeline/chunk_sink.h"

namespace coffer {

/// What one worker of a backup has to itself. Used by one thread.
class BackupWorker {
  public:
    explicit BackupWorker(BackupShared& shared) : sink_(shared) {}

    ChunkSink& sink() { return sink_; }

    /// Room for the window in which a large file is cut.
    Bytes& window() { return window_; }

  private:
    ChunkSink sink_;
    Bytes window_;
};

}  // namespace coffer
