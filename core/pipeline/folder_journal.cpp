#include "core/pipeline/folder_journal.h"

#include <utility>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::int64_t checkpointInterval = 45LL * 60 * 1'000'000'000;
constexpr std::int64_t flushInterval = 1'000'000'000;

}  // namespace

FolderJournal::FolderJournal(BackupShared& shared, const std::vector<JournalReader>& bases,
                             JournalWriter& journal, const Clock& clock)
    : shared_(shared),
      bases_(bases),
      journal_(journal),
      clock_(clock),
      lastFlush_(clock.now()),
      lastCheckpoint_(clock.now()) {}

void FolderJournal::load(FolderTask& task) const {
    for (const JournalReader& base : bases_) {
        std::optional<JournalRecord> found = base.find({task.path, task.bits, task.segment});
        // A folder that has grown over a power of two finds its segments in one twice their size.
        const unsigned before = found ? task.bits : base.segmentBits(task.path);
        const bool grown = before < task.bits;
        if (grown) found = base.find({task.path, before, task.segment >> (task.bits - before)});
        if (!found) continue;
        if (found->isPartial()) {
            task.begun.push_back(std::move(*found));
            continue;
        }
        task.base = std::move(found);
        task.changed = task.changed || grown;
        task.pinned = base.snapshot().has_value() && shared_.store.terms().basePinned;
        return;
    }
    task.changed = true;
}

void FolderJournal::noteBegun(const FolderTask& task) {
    std::vector<JournalEntry> entries;
    for (const FolderItem& item : task.items) {
        if (!item.isFolder) entries.push_back({item.name, item.signature, item.node});
    }
    if (entries.empty()) return;
    try {
        add(task, ChunkId{}, entries);
        journal_.flush();
    } catch (const Error&) {
    }
}

void FolderJournal::noteSegmented(const FolderTask& task, unsigned bits) {
    journal_.addSegmented(task.path, bits);
}

void FolderJournal::noteUnchanged(const FolderTask& task) {
    journal_.add(task.base->data());
}

void FolderJournal::noteFinished(const FolderTask& task, const ChunkId& tree) {
    std::vector<JournalEntry> entries;
    entries.reserve(task.items.size());
    for (const FolderItem& item : task.items) {
        entries.push_back({item.name, item.signature, item.node});
    }
    add(task, tree, entries);
}

void FolderJournal::add(const FolderTask& task, const ChunkId& tree,
                        const std::vector<JournalEntry>& entries) {
    journal_.add(JournalRecord::encode({task.path, task.bits, task.segment}, tree, entries));
}

void FolderJournal::checkpoint(BackupWorker& worker) {
    if (due(lastFlush_, flushInterval)) journal_.flush();
    if (!due(lastCheckpoint_, checkpointInterval)) return;
    worker.sink().flush();
    shared_.dataPacks.finish();
    shared_.treePacks.finish();
    journal_.sync();
}

bool FolderJournal::due(Guarded<Timestamp>& last, std::int64_t interval) const {
    const Timestamp now = clock_.now();
    return last.with([&](Timestamp& before) {
        // A clock that was set back counts from where it is now.
        if (now >= before && now < before + interval) return false;
        before = now;
        return true;
    });
}

}  // namespace coffer
