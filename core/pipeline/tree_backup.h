#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/base/clock.h"
#include "core/chunk/chunker.h"
#include "core/pipeline/chunk_sink.h"
#include "core/pipeline/file_backup.h"
#include "core/pipeline/folder_journal.h"
#include "core/pipeline/folder_task.h"
#include "core/pipeline/problem_log.h"
#include "core/pipeline/selection.h"
#include "core/source/data_source.h"

namespace coffer {

/// Walks a source and makes trees of it: folders are read by whichever worker is free, compared
/// with the base, and finished from the leaves up. Safe to share between the workers of one backup.
class TreeBackup {
  public:
    struct Parts {
        BackupShared& shared;
        DataSource& source;
        const BackupRequest& request;
        const Selection& selection;
        const Chunker& chunker;
        const std::vector<JournalReader>& bases;  // the best first
        JournalWriter& journal;
        ProblemLog& problems;
        const Clock& clock;
        std::string temporaryFolder;
    };

    explicit TreeBackup(const Parts& parts);

    /// Queues the root; when the queue has run dry, root() has the result.
    void start();

    /// The root folder "/" with its tree.
    const TreeNode& root() const { return root_; }

  private:
    using TaskPointer = std::shared_ptr<FolderTask>;

    void queue(TaskPointer task);
    void readFolder(const TaskPointer& task, BackupWorker& worker);
    std::unique_ptr<Folder> openFolder(FolderTask& task, BackupWorker& worker);
    std::optional<std::vector<std::string>> listNames(const TaskPointer& task, Folder& folder);
    void startSegments(const TaskPointer& task, NameSpool names);
    void nextSegment(const std::shared_ptr<LargeFolder>& large);

    void readEntries(const TaskPointer& task, Folder& folder, std::vector<std::string> names,
                     BackupWorker& worker);
    void readItems(FolderTask& task, Folder& folder, std::vector<std::string> names,
                   BackupWorker& worker);
    std::optional<Stat> look(FolderTask& task, Folder& folder, const std::string& name);
    bool wanted(const FolderTask& task, const std::string& path, const Stat& stat) const;
    bool takeOver(FolderItem& item, const Stat& stat, const JournalEntry* before);
    void readEntry(FolderTask& task, Folder& folder, FolderItem& item, const Stat& stat,
                   BackupWorker& worker);
    LateFile readFile(const std::string& path, Folder& folder, const Stat& stat,
                      BackupWorker& worker);
    bool readContent(LateFile& file, const std::string& path, Folder& folder, const Stat& stat,
                     BackupWorker& worker);
    void settle(FolderTask& task, BackupWorker& worker);
    void moveLargeXattrs(TreeNode& node, BackupWorker& worker);
    void queueSubfolders(const TaskPointer& task, BackupWorker& worker);
    void checkInherited(FolderTask& task, Folder* folder, BackupWorker& worker);

    void childDone(TaskPointer task, BackupWorker& worker);
    TaskPointer finish(FolderTask& task, BackupWorker& worker);
    bool sameAsBase(const FolderTask& task) const;
    ChunkId storeTree(FolderTask& task, BackupWorker& worker);
    TaskPointer deliver(FolderTask& task, const ChunkId& tree, BackupWorker& worker);
    TaskPointer deliverSegment(FolderTask& task, const ChunkId& tree, BackupWorker& worker);
    void count(const Stat& stat);

    Parts parts_;
    FolderJournal journal_;
    TreeNode root_;
    bool suspects_;
    const Timestamp begun_;

    struct LinkedContent {
        EntrySignature signature;
        Content content;
        std::uint8_t condition;
    };
    Guarded<std::map<HardLinkGroup, LinkedContent>> linked_;
};

}  // namespace coffer
