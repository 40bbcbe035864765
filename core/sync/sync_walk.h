#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "core/agent/object_tree.h"
#include "core/base/cancel.h"
#include "core/sync/sync_filter.h"
#include "core/sync/sync_plan.h"
#include "core/sync/sync_store.h"

namespace coffer {

/// One of the two folders: a tree, an absolute path in it, and what people call its agent. The tree
/// outlives it.
struct SyncFolder {
    ObjectTree& tree;
    std::string path;
    std::string agent;

    /// Of "/" the folder itself, of "/a/b" what is below it.
    std::string at(const std::string& below) const;

    /// "laptop:/home/a", for people.
    std::string shown(const std::string& below) const;
};

/// Both of them.
struct SyncPair {
    SyncFolder source;
    SyncFolder target;

    SyncFolder& of(SyncSide side) { return side == SyncSide::source ? source : target; }
};

/// Files under way have a name of their own until they are complete; what is left of one that was
/// cut is no entry.
std::string temporaryName(const std::string& name);
bool isTemporaryName(const std::string& name);

/// How many entries the folders themselves have, of those that take part.
struct SyncRoots {
    std::uint64_t source = 0;
    std::uint64_t target = 0;

    std::uint64_t of(SyncSide side) const { return side == SyncSide::source ? source : target; }
};

/// What is done with the actions of a plan, folder by folder. An Error that leaves act() or enter()
/// is about that entry alone, unless it ends the run (endsSync).
class SyncVisitor {
  public:
    virtual ~SyncVisitor() = default;

    /// Both folders have been listed, and nothing has been done yet. What it throws ends the run.
    virtual void opened(const SyncRoots&) {}

    /// Of no folder. True when something stays at that name.
    virtual bool act(const SyncAction& action, const std::string& folder) = 0;

    /// A folder at this path is gone into.
    virtual void enter(const SyncAction& action, const std::string& path) = 0;

    /// All in it has been done; `stays`: something is left in it. True when the folder stays.
    virtual bool leave(const SyncAction& action, const std::string& folder, bool stays) = 0;

    /// What a run that was cut has left.
    virtual void leftover(SyncSide, const std::string& /*path*/) {}

    virtual void problem(SyncSide side, const std::string& path, const Error& error) = 0;
};

/// Not about one entry: going on with the next is no use.
bool endsSync(const Error& error);

/// Walks two folders at the same time and plans one of their folders after the other. Of each
/// folder that it is in it keeps those that it has not been in, so memory grows with the largest
/// folders on one path. Used by one thread.
class SyncWalk {
  public:
    struct Parts {
        SyncPair& pair;
        const SyncRules& rules;
        const SyncFilter& filter;
        SyncStore& store;
        const CancelToken& cancel;
    };

    /// All parts outlive it.
    explicit SyncWalk(const Parts& parts) : parts_(parts) {}

    /// A side that is missing counts as an empty folder. Throws what ends a run, and why one of the
    /// two cannot be listed.
    SyncRoots run(SyncVisitor& visitor, bool hasSource, bool hasTarget);

  private:
    struct Frame {
        SyncAction action;
        std::string folder;  // that it is in
        std::string path;
        bool hasSource = false;
        bool hasTarget = false;
        bool within = false;
        bool stays = false;              // something is left in it
        std::vector<SyncAction> todo{};  // what is about folders, the next one last
    };

    bool open(Frame& frame, SyncRoots* roots);
    SyncEntries list(SyncSide side, Frame& frame);
    void act(Frame& frame, const SyncAction& action);
    void descend(Frame& frame, SyncAction action);
    void guarded(SyncSide side, const std::string& path, bool& stays,
                 const std::function<void()>& work);

    Parts parts_;
    SyncVisitor* visitor_ = nullptr;
    std::vector<Frame> stack_;
};

}  // namespace coffer
