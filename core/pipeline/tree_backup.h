#pragma once

#include <functional>
#include <map>
#include <memory>

#include "core/base/clock.h"
#include "core/chunk/chunker.h"
#include "core/pipeline/chunk_sink.h"
#include "core/pipeline/file_backup.h"
#include "core/pipeline/folder_journal.h"
#include "core/pipeline/folder_questions.h"
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

    /// Queues the root; when the queue has run dry and nothing is open any more, root() has the
    /// result.
    void start();

    /// Asks what folders still wait to know, and finishes them: to be called by a worker that finds
    /// nothing else to do.
    void finishOpen(BackupWorker& worker);

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
    void readEntry(FolderTask& task, Folder& folder, std::size_t slot, FolderItem& item,
                   const Stat& stat, BackupWorker& worker);
    LateFile readFile(const std::string& path, Folder& folder, const Stat& stat,
                      BackupWorker& worker);
    bool readContent(LateFile& file, const std::string& path, Folder& folder, const Stat& stat,
                     BackupWorker& worker);
    void settle(FolderTask& task, BackupWorker& worker);
    void moveLargeXattrs(TreeNode& node, BackupWorker& worker);
    void queueSubfolders(const TaskPointer& task, BackupWorker& worker);

    void childDone(TaskPointer task, BackupWorker& worker);
    TaskPointer complete(TaskPointer task, BackupWorker& worker);
    bool sameAsBase(const FolderTask& task) const;
    FolderQuestion questionOf(const TaskPointer& task, bool same) const;
    void ask(std::vector<FolderQuestion> questions, BackupWorker& worker);
    TaskPointer finish(const FolderQuestion& question, const FolderAnswer& answer,
                       BackupWorker& worker);
    void readAgain(FolderTask& task, Folder& folder, std::size_t slot, BackupWorker& worker);
    void readMissing(const FolderQuestion& question, const FolderAnswer& answer,
                     BackupWorker& worker);
    ChunkId storeTree(FolderTask& task, BackupWorker& worker);
    TaskPointer deliver(FolderTask& task, const ChunkId& tree, BackupWorker& worker);
    TaskPointer deliverSegment(FolderTask& task, const ChunkId& tree, BackupWorker& worker);
    void count(const Stat& stat);

    Parts parts_;
    FolderJournal journal_;
    FolderQuestions open_;
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
