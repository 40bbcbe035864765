#include "core/pipeline/restore_job.h"

#include "core/base/threads.h"
#include "core/pipeline/block_restore.h"
#include "core/pipeline/folder_restore.h"
#include "core/pipeline/link_register.h"
#include "core/repository/chunk_reader.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/tree_format.h"
#include "core/snapshot/tree_walk.h"

namespace coffer {

namespace {

// Further names that wait for the first ones to be written.
constexpr std::size_t mostPendingLinks = 4'096;

class RestoreRun {
  public:
    RestoreRun(RestoreStore& store, const DomainKey& domain, RestoreTarget& target,
               const RestoreSettings& settings, RunProgress& progress, ProblemLog& problems,
               const CancelToken& cancel)
        : writeBehind_(target),
          shared_{target, progress, problems, writeBehind_},
          settings_(settings),
          policy_(settings.overwrite, settings.resume),
          cancel_(cancel),
          chunks_(store, domain),
          blocks_(store, domain, settings.workers ? settings.workers : availableCores(), cancel),
          names_(settings.linkMemory) {}

    void run(const TreeNode& node) {
        if (node.isFolder()) {
            const bool stays = keeps("", node);
            enter("", node, stays);
            walk(node);
        } else {
            enter("", {}, true);  // the target itself
            restore(folders_.back(), node.name, node);
        }
        while (!folders_.empty()) leave();
        finishContents();
        shared_.target.sync();
    }

  private:
    using FolderPtr = std::shared_ptr<FolderRestore>;
    struct Link {
        FolderPtr folder;
        std::string path;
        TreeNode node;
    };

    void walk(const TreeNode& folder) {
        TreeWalk walk(chunks_, folder);
        while (true) {
            cancel_.check();
            try {
                if (!walk.next()) return;
            } catch (const Error& error) {
                if (endsRestore(error)) throw;
                shared_.problems.add(walk.path(), error.within("folder is damaged"));
                continue;
            }
            if (!walk.leaving()) restore(folderOf(walk.path()), walk.path(), walk.node());
        }
    }

    void enter(const std::string& path, const TreeNode& node, bool stays) {
        const FolderPtr parent = folders_.empty() ? nullptr : folders_.back();
        folders_.push_back(std::make_shared<FolderRestore>(
            shared_, parent, path, stays ? Attributes() : withStreams(path, node), stays));
    }

    void leave() {
        const FolderPtr left = std::move(folders_.back());
        folders_.pop_back();
        left->done();
    }

    // Leaves what the walk has left.
    const FolderPtr& folderOf(const std::string& path) {
        const std::size_t slash = path.rfind('/');
        const std::string_view folder =
            std::string_view(path).substr(0, slash == path.npos ? 0 : slash);
        while (folders_.back()->path() != folder) leave();
        return folders_.back();
    }

    void restore(const FolderPtr& folder, const std::string& path, const TreeNode& node) {
        if (node.isFolder()) return restoreFolder(path, node);
        if (settings_.chosen && !settings_.chosen(path, node)) return;
        try {
            if (keeps(path, node)) {
                ++shared_.progress.keptItems;
            } else if (!alreadyThere(folder, path, node) && !linked(folder, path, node)) {
                node.attributes.type == EntryType::file ? restoreFile(folder, path, node)
                                                        : restoreSpecial(path, node);
            }
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            shared_.problems.add(path, error);
        }
    }

    void restoreFolder(const std::string& path, const TreeNode& node) {
        bool stays = true;  // as one that cannot be made does
        try {
            stays = keeps(path, node);
            if (stays) {
                ++shared_.progress.keptItems;
            } else {
                shared_.target.makeFolder(path);
                ++shared_.progress.folders;
            }
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            shared_.problems.add(path, error);
            stays = true;
        }
        enter(path, node, stays);
    }

    bool keeps(const std::string& path, const TreeNode& node) {
        if (settings_.overwrite == Overwrite::refuse) return false;
        return policy_.keeps(node, shared_.target.stat(path));
    }

    // What an interrupted restore has finished: its times are set last.
    bool alreadyThere(const FolderPtr& folder, const std::string& path, const TreeNode& node) {
        if (!settings_.resume || settings_.overwrite != Overwrite::refuse) return false;
        const std::optional<Stat> found = shared_.target.stat(path);
        if (!found) return false;
        const bool complete =
            node.attributes.type == EntryType::file && found->type == EntryType::file &&
            found->size == node.attributes.size && found->mtime == node.attributes.mtime;
        if (!complete) {
            shared_.target.remove(path);
            return false;
        }
        if (node.attributes.hardLink) see(folder, path, *node.attributes.hardLink);
        ++shared_.progress.files;
        shared_.progress.bytes += node.attributes.size;
        return true;
    }

    // The first name of an inode brings the content, the others are linked to it when that is
    // there.
    bool linked(const FolderPtr& folder, const std::string& path, const TreeNode& node) {
        if (!node.attributes.hardLink) return false;
        if (see(folder, path, *node.attributes.hardLink) != LinkRegister::Role::further) {
            return false;
        }
        folder->expect();
        links_.push_back({folder, path, node});
        if (links_.size() >= mostPendingLinks) makeLinks();
        return true;
    }

    LinkRegister::Role see(const FolderPtr& folder, const std::string& path,
                           const HardLinkGroup& group) {
        const LinkRegister::Role role = names_.see(group, folder, path);
        if (role == LinkRegister::Role::unknown && !std::exchange(toldOfNames_, true)) {
            shared_.problems.add(path, ErrorCode::limitExceeded,
                                 "there are too many files with several names to remember: from "
                                 "here on each name is restored as a file of its own");
        }
        return role;
    }

    void restoreFile(const FolderPtr& folder, const std::string& path, const TreeNode& node) {
        if ((node.condition & unreadable) != 0) {
            shared_.problems.add(path, ErrorCode::notFound,
                                 "could not be read when it was backed up, so it is not restored");
            return;
        }
        Attributes attributes = withStreams(path, node);
        auto file = std::make_shared<FileRestore>(shared_, folder, path, std::move(attributes));
        try {
            forEachExtent(node.content, chunks_, [&](std::uint64_t offset, const Extent& extent) {
                if (offset + extent.length > node.attributes.size) {
                    throw Error(ErrorCode::corrupt, "its content is longer than the file");
                }
                if (extent.chunk) blocks_.add(*extent.chunk, file, offset, extent.length);
                return true;
            });
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            file->fail(error);
            return;
        }
        file->announced();
    }

    void restoreSpecial(const std::string& path, const TreeNode& node) {
        report(path, shared_.target.makeSpecial(path, withStreams(path, node)));
        ++shared_.progress.others;
    }

    void finishContents() {
        makeLinks();
        blocks_.drain();
        names_.finish();
    }

    void makeLinks() {
        blocks_.drain();
        for (const Link& link : std::exchange(links_, {})) {
            cancel_.check();
            makeLink(link);
            link.folder->done();
        }
    }

    void makeLink(const Link& link) {
        try {
            shared_.target.link(names_.firstOf(*link.node.attributes.hardLink), link.path);
            count(link.node);
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            // The target cannot link, or the first name failed: a copy is better than nothing.
            shared_.problems.add(link.path, error.within("restored as a file of its own"));
            TreeNode alone = link.node;
            alone.attributes.hardLink.reset();
            restore(link.folder, link.path, alone);
        }
    }

    void count(const TreeNode& node) {
        if (node.attributes.type == EntryType::file) {
            ++shared_.progress.files;
            shared_.progress.bytes += node.attributes.size;
        } else {
            ++shared_.progress.others;
        }
    }

    // Large extended attributes were stored beside the node.
    Attributes withStreams(const std::string& path, const TreeNode& node) {
        Attributes attributes = node.attributes;
        for (const NamedStream& stream : node.streams) {
            if (stream.kind != NamedStream::Kind::xattr) continue;
            try {
                attributes.xattrs.push_back({stream.name, readStream(stream)});
            } catch (const Error& error) {
                if (endsRestore(error)) throw;
                shared_.problems.add(path, error.within("attribute " + stream.name));
            }
        }
        return attributes;
    }

    Bytes readStream(const NamedStream& stream) {
        if (stream.size > tree_format::xattrValueLimit) {
            throw Error(ErrorCode::limitExceeded, "it is too large");
        }
        Bytes value;
        forEachExtent(stream.content, chunks_, [&](std::uint64_t, const Extent& extent) {
            if (extent.length > stream.size - value.size()) {
                throw Error(ErrorCode::corrupt, "its content is too long");
            }
            if (extent.chunk) append(value, chunks_.read(*extent.chunk));
            if (!extent.chunk) value.resize(value.size() + extent.length);
            return value.size() <= stream.size;
        });
        if (value.size() != stream.size) throw Error(ErrorCode::corrupt, "its length is wrong");
        return value;
    }

    void report(const std::string& path, std::vector<std::string> lines) {
        for (std::string& line : lines) {
            shared_.problems.add(path, ErrorCode::permissionDenied, std::move(line));
        }
    }

    WriteBehind writeBehind_;
    RestoreShared shared_;
    const RestoreSettings& settings_;
    const OverwritePolicy policy_;
    const CancelToken& cancel_;
    ChunkReader chunks_;
    BlockRestore blocks_;
    std::vector<FolderPtr> folders_;  // from the target to where the walk is
    LinkRegister names_;
    bool toldOfNames_ = false;
    std::vector<Link> links_;
};

}  // namespace

void runRestore(RestoreStore& store, const DomainKey& domain, const TreeNode& node,
                RestoreTarget& target, const RestoreSettings& settings, RunProgress& progress,
                ProblemLog& problems, const CancelToken& cancel) {
    RestoreRun(store, domain, target, settings, progress, problems, cancel).run(node);
}

}  // namespace coffer
