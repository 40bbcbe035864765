#include "workstation_agent/worker/restore_run.h"

#include <algorithm>

#include "core/agent/object_path.h"
#include "core/base/digest.h"
#include "core/base/paths.h"
#include "core/base/pause.h"
#include "core/base/wire.h"
#include "core/pipeline/file_restore.h"
#include "core/pipeline/restore_job.h"
#include "core/pipeline/restore_mark.h"
#include "core/repository/chunk_reader.h"
#include "core/rpc/store/remote_restore_store.h"
#include "core/service/system_facts.h"
#include "core/snapshot/tree_walk.h"
#include "core/source/file_system_target.h"
#include "core/source/replacing_target.h"
#include "core/storage/disk.h"
#include "workstation_agent/worker/target_views.h"

namespace coffer {

namespace {

using rpc::RestoreEntry;

RestoreSettings settingsOf(const WorkerOrder& order) {
    RestoreSettings settings;
    settings.workers = optionIn(order.options, "workers", 0, 1, 256);
    const auto overwrite = order.options.find("overwrite");
    if (overwrite != order.options.end()) settings.overwrite = overwriteOf(overwrite->second);
    return settings;
}

// The agent's own places as paths in the target.
std::vector<std::string> closedIn(const std::string& target, const std::vector<std::string>& own) {
    std::vector<std::string> closed;
    for (const std::string& place : own) {
        if (isWithin(target, place)) {
            throw Error(ErrorCode::permissionDenied,
                        shownPath(target) + ": the agent's own files are there");
        }
        const std::size_t above = target == "/" ? 1 : target.size() + 1;
        if (isWithin(place, target)) closed.push_back(place.substr(above));
    }
    return closed;
}

/// The target of an order: the folder, but for the agent's own places in it.
class OrderedTarget {
  public:
    OrderedTarget(const WorkerOrder& order, const RestoreSettings& settings)
        : folder_(order.target, optionsFor(settings)),
          replacing_(folder_),
          guardedFolder_(folder_, closedIn(order.target, order.own)),
          guardedReplacing_(replacing_, closedIn(order.target, order.own)),
          replaces_(settings.overwrite != Overwrite::refuse) {}

    /// As it is.
    RestoreTarget& plain() { return guardedFolder_; }

    /// With what is there replaced, if that was ordered.
    RestoreTarget& ordered() { return replaces_ ? guardedReplacing_ : guardedFolder_; }

  private:
    static FileSystemTarget::Options optionsFor(const RestoreSettings& settings) {
        FileSystemTarget::Options options;
        options.resume = settings.resume || settings.overwrite != Overwrite::refuse;
        return options;
    }

    FileSystemTarget folder_;
    ReplacingTarget replacing_;
    GuardedTarget guardedFolder_;
    GuardedTarget guardedReplacing_;
    const bool replaces_;
};

// What a restore of this node may have made at `path`, as far as attributes tell.
bool looksRestored(RestoreTarget& target, const std::string& path, const TreeNode& node,
                   const RestoreSettings& settings) {
    const auto found = target.stat(path);
    if (!found || found->type == EntryType::folder) return false;
    if (settings.overwrite == Overwrite::refuse) return true;
    return found->type == node.attributes.type && found->mtime == node.attributes.mtime &&
           (found->type != EntryType::file || found->size == node.attributes.size);
}

// The parts of the restore of one order.
class Restore {
  public:
    /// `data` is the store, or one around it.
    Restore(const RunWorld& world, rpc::RemoteRestoreStore& store, RestoreStore& data,
            OrderedTarget& target, const RestoreSettings& settings)
        : world_(world),
          store_(store),
          data_(data),
          plain_(target.plain()),
          target_(target.ordered()),
          settings_(settings) {}

    // After a power loss a file may have its size and times but not its content.
    void removeMade() {
        for (const RestoreEntry& entry : store_.entries()) {
            FolderOfTarget place(plain_, placeOf(entry));
            removeMade(place, entry.node);
        }
        settings_.resume = false;
    }

    void run() {
        for (const RestoreEntry& entry : store_.entries()) {
            if (isCovered(entry)) continue;
            try {
                restore(entry);
            } catch (const Error& error) {
                if (endsRestore(error) || single()) throw;
                world_.reporter.problems().add(entry.path, error);
            }
        }
    }

  private:
    bool single() const { return store_.entries().size() == 1; }

    // The content of a single entry comes into the target itself; one of several to where it was
    // in the snapshot, below the target. A file lies in that place, a folder is it.
    std::string placeOf(const RestoreEntry& entry) const {
        if (single() || entry.path == "/") return "";
        const std::string path = entry.node.isFolder() ? entry.path : parentOfObject(entry.path);
        return path.substr(1);
    }

    // It comes with another one, a folder that it lies in.
    bool isCovered(const RestoreEntry& entry) const {
        return std::ranges::any_of(store_.entries(), [&](const RestoreEntry& other) {
            return &other != &entry && other.node.isFolder() &&
                   (other.path != entry.path || &other < &entry) &&
                   isWithin(entry.path, other.path);
        });
    }

    void restore(const RestoreEntry& entry) {
        const std::string place = placeOf(entry);
        const bool made = makePlace(place, entry.node.isFolder());
        FolderOfTarget target(target_, place);
        runRestore(data_, store_.domainKey(), entry.node, target, settings_,
                   world_.reporter.progress(), world_.reporter.problems(), world_.cancel);
        // To the policies of overwriting it is a folder that was there before.
        if (made && entry.node.isFolder() && settings_.overwrite != Overwrite::refuse) {
            target_.finishFolder(place, entry.node.attributes);
        }
    }

    // Makes the folders of a path that are not there; true when that was the last one, too, whose
    // attributes come later if it `isRestored` itself.
    bool makePlace(const std::string& path, bool isRestored) {
        bool made = false;
        for (std::size_t end = 0; end < path.size();) {
            end = std::min(path.find('/', end + 1), path.size());
            const std::string folder = path.substr(0, end);
            made = !target_.stat(folder);
            if (!made) continue;
            target_.makeFolder(folder);
            if (end < path.size() || !isRestored) target_.finishFolder(folder, ordinaryFolder());
        }
        return made;
    }

    // One that nobody has said anything about.
    Attributes ordinaryFolder() const {
        Attributes attributes;
        attributes.type = EntryType::folder;
        attributes.mode = 0755;
        attributes.mtime = world_.clock.now();
        return attributes;
    }

    void removeMade(RestoreTarget& target, const TreeNode& node) {
        const auto remove = [&](const std::string& path, const TreeNode& its) {
            if (looksRestored(target, path, its, settings_)) target.remove(path);
        };
        if (!node.isFolder()) return remove(node.name, node);
        ChunkReader chunks(store_, store_.domainKey());
        TreeWalk walk(chunks, node);
        while (walk.next()) {
            world_.cancel.check();
            if (!walk.node().isFolder()) remove(walk.path(), walk.node());
        }
    }

    const RunWorld& world_;
    rpc::RemoteRestoreStore& store_;
    RestoreStore& data_;
    RestoreTarget& plain_;
    RestoreTarget& target_;
    RestoreSettings settings_;
};

// Numbers of runs begin anew at a server that was made anew.
std::string nameOf(const WorkerOrder& order, const std::vector<RestoreEntry>& entries) {
    WireWriter what;
    for (const RestoreEntry& entry : entries) {
        what.sized(entry.path);
        what.sized(entry.node.encode());
    }
    return "run " + std::to_string(order.run) + " of " + order.agent.id.hex() + ": " +
           sha256(what.take()).hex();
}

}  // namespace

WorkerResult restore(const WorkerOrder& order, const RunWorld& world) {
    RestoreSettings settings = settingsOf(order);
    const Rates rates = ratesIn(order.options);
    const auto disk = makeSystemDisk();
    RestoreMarker marker(*disk, order.cacheFolder + "/restores", order.target,
                         [&](const std::string& path) { return lockFor(world, path); });
    const std::optional<RestoreMark> found = marker.read();
    rpc::RemoteRestoreStore store(world.store, order.token, world.calls());
    const RestoreMark mark{nameOf(order, store.entries()), bootId()};
    settings.resume = found && found->restore == mark.restore;

    OrderedTarget target(order, settings);
    RateLimits limits(rates, world.clock, pauseUnless(world.cancel));
    Restore run(world, store, limits.on(store), target, settings);
    world.reporter.phase("running");
    if (settings.resume && found->isOlderThan(mark.bootId)) run.removeMade();
    marker.write(mark);
    run.run();
    // The mark stays: should the result get lost, the next attempt finds all of it done.
    world.reporter.phase("finishing");
    return {world.reporter.problems().count() > 0 ? "warnings" : "succeeded", "", "",
            world.reporter.counts()};
}

}  // namespace coffer
