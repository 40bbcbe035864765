#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/run_progress.h"
#include "core/pipeline/write_behind.h"
#include "core/source/restore_target.h"

namespace coffer {

/// What the parts of one restore share.
struct RestoreShared {
    RestoreTarget& target;
    RunProgress& progress;
    ProblemLog& problems;
    WriteBehind& writeBehind;
};

class FolderRestore;

/// A full or failing target, or a request to stop: no use in going on with the next entry.
bool endsRestore(const Error& error);

/// One file being restored: created with its first stretch, finished after its last one, removed
/// again when any of it could not be had. Safe to share between threads.
class FileRestore {
  public:
    /// Its `folder` is held back until the file is done.
    FileRestore(RestoreShared& shared, std::shared_ptr<FolderRestore> folder, std::string path,
                Attributes attributes);

    /// Announces a stretch that will be written or failed.
    void expect() { ++outstanding_; }

    /// Writes an announced stretch.
    void write(std::uint64_t offset, ByteView data);

    /// An announced stretch cannot be had.
    void fail(const Error& error);

    /// All stretches have been announced.
    void announced() { done(); }

  private:
    void done();
    void finish();

    RestoreShared& shared_;
    const std::shared_ptr<FolderRestore> folder_;
    const std::string path_;
    const Attributes attributes_;
    struct State {
        std::unique_ptr<FileWriter> writer;
        bool failed = false;
    };
    Guarded<State> state_;
    std::atomic<std::uint64_t> outstanding_{1};  // one for whoever announces
};

}  // namespace coffer
