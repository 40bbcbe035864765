#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/pipeline/problem_log.h"
#include "core/sync/file_carrier.h"
#include "core/sync/sync_survey.h"

namespace coffer {

/// What a synchronisation has done.
struct SyncCounts {
    std::uint64_t files = 0;  // that were brought
    std::uint64_t links = 0;
    std::uint64_t folders = 0;  // that were made
    std::uint64_t bytes = 0;    // of the files
    std::uint64_t adjusted = 0;
    std::uint64_t removed = 0;
    std::uint64_t conflicts = 0;
    std::uint64_t same = 0;  // files and links that were the same
};

/// Does what a plan says, and remembers it once it is on the disks. Used by one thread.
class SyncPerformer : public SyncVisitor {
  public:
    struct Parts {
        SyncPair& pair;
        const SyncRules& rules;
        SyncStore& store;
        FileCarrier& carrier;
        RunProgress& progress;
        ProblemLog& problems;
        SyncNotes note;
        Timestamp now;                               // in names of what is kept
        std::array<std::uint64_t, 2> mostRemoved{};  // at source and target
        SyncRoots before{};  // a side that had entries then must not be empty now
    };

    /// All that is referred to outlives it.
    explicit SyncPerformer(Parts parts) : parts_(std::move(parts)) {}

    const SyncCounts& counts() const { return counts_; }

    /// What was done is on the disks, and what is remembered of it too.
    void checkpoint();

    /// The run is cut: as checkpoint(), or as much of it as can be done. What is not
    /// `isReachable` is not asked for anything.
    void abandon(bool isReachable) noexcept;

    /// Of those that were there then, the ones that are left.
    SyncRoots left(const SyncRoots& roots) const {
        return {roots.source - removedAtRoot_[0], roots.target - removedAtRoot_[1]};
    }

    void opened(const SyncRoots& roots) override;
    bool act(const SyncAction& action, const std::string& folder) override;
    void enter(const SyncAction& action, const std::string& path) override;
    bool leave(const SyncAction& action, const std::string& folder, bool stays) override;
    void leftover(SyncSide side, const std::string& path) override;
    void problem(SyncSide side, const std::string& path, const Error& error) override;

  private:
    /// A folder that was gone into.
    struct Place {
        std::string path;
        bool changed = false;  // something in it
        bool missing = false;  // the other side does not have it, and may not need it
        SyncSide has = SyncSide::target;
        SyncLook look{};
    };

    bool perform(SyncAction action, const std::string& folder);
    SyncAction settled(SyncAction action, const std::string& path);
    void bring(const SyncAction& action, const std::string& folder);
    void keepBoth(const SyncAction& action, const std::string& folder);
    void adjust(const SyncAction& action, const std::string& folder);
    void remove(const SyncAction& action, const std::string& folder);
    bool removeFolder(const SyncAction& action, const std::string& folder);
    void finishFolder(const SyncAction& action, const std::string& folder, bool changed);
    void makeMissing(SyncSide to);
    void countRemoval(SyncSide side);
    void removed(const SyncAction& action, const std::string& folder);
    void carried(const SyncLook& look);
    void changed(SyncSide side);
    void remember(const std::string& folder, const std::string& name, SyncSide to,
                  const FileCarrier::Carried& looks);
    void forget(const std::string& folder, const std::string& name);
    void forgetFirst(const std::string& folder, const std::string& name);
    void checkpointIfDue();

    Parts parts_;
    SyncCounts counts_;
    std::vector<Place> places_{Place{"/"}};
    std::array<std::uint64_t, 2> removed_{};
    std::array<std::uint64_t, 2> removedAtRoot_{};
    std::array<bool, 2> written_{};
};

}  // namespace coffer
