#include "core/pipeline/restore_job.h"

#include <map>
#include <set>

#include "core/base/threads.h"
#include "core/pipeline/block_restore.h"
#include "core/repository/chunk_reader.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/tree_format.h"
#include "core/snapshot/tree_walk.h"

namespace coffer {

namespace {

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
          blocks_(store, domain, settings.workers ? settings.workers : availableCores(), cancel) {}

    void run(const TreeNode& node) {
        if (!node.isFolder()) {
            restore(node.name, node);
            finishContents();
            shared_.target.sync();
            return;
        }
        keeps("", node);
        forEach(node, [&](const std::string& path, const TreeNode& entry, bool leaving) {
            if (!leaving) restore(path, entry);
        });
        finishContents();
        forEach(node, [&](const std::string& path, const TreeNode& entry, bool leaving) {
            if (leaving || (entry.isFolder() && !entry.tree)) finishFolder(path, entry);
        });
        finishFolder("", node);
        shared_.target.sync();
    }

  private:
    template <class Each>
    void forEach(const TreeNode& folder, Each&& each) {
        TreeWalk walk(chunks_, folder);
        while (true) {
            cancel_.check();
            try {
                if (!walk.next()) return;
            } catch (const Error& error) {
                if (endsRestore(error)) throw;
                if (reported_.insert(walk.path()).second) {
                    shared_.problems.add(walk.path(), error.within("folder is damaged"));
                }
                finishFolder(walk.path(), walk.node());
                continue;
            }
            each(walk.path(), walk.node(), walk.leaving());
        }
    }

    void restore(const std::string& path, const TreeNode& node) {
        try {
            if (keeps(path, node)) {
                ++shared_.progress.keptItems;
            } else if (node.isFolder()) {
                shared_.target.makeFolder(path);
                ++shared_.progress.folders;
            } else if (!alreadyThere(path, node) && !linked(path, node)) {
                node.attributes.type == EntryType::file ? restoreFile(path, node)
                                                        : restoreSpecial(path, node);
            }
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            shared_.problems.add(path, error);
        }
    }

    bool keeps(const std::string& path, const TreeNode& node) {
        if (settings_.overwrite == Overwrite::refuse) return false;
        return policy_.keeps(path, node, shared_.target.stat(path));
    }

    // What an interrupted restore has finished: its times are set last.
    bool alreadyThere(const std::string& path, const TreeNode& node) {
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
        if (node.attributes.hardLink) firstNames_.try_emplace(*node.attributes.hardLink, path);
        ++shared_.progress.files;
        shared_.progress.bytes += node.attributes.size;
        return true;
    }

    // The first name of an inode brings the content, the others are linked to it at the end.
    bool linked(const std::string& path, const TreeNode& node) {
        if (!node.attributes.hardLink) return false;
        const auto [first, isFirst] = firstNames_.try_emplace(*node.attributes.hardLink, path);
        if (isFirst) return false;
        links_.push_back({first->second, path, node});
        return true;
    }

    void restoreFile(const std::string& path, const TreeNode& node) {
        if ((node.condition & unreadable) != 0) {
            shared_.problems.add(path, ErrorCode::notFound,
                                 "could not be read when it was backed up, so it is not restored");
            return;
        }
        Attributes attributes = withStreams(path, node);
        auto file = std::make_shared<FileRestore>(shared_, path, std::move(attributes));
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

    void finishFolder(const std::string& path, const TreeNode& node) {
        if (policy_.keptFolder(path)) return;
        try {
            report(path, shared_.target.finishFolder(path, withStreams(path, node)));
        } catch (const Error& error) {
            if (endsRestore(error)) throw;
            shared_.problems.add(path, error);
        }
    }

    void finishContents() {
        blocks_.drain();
        for (const Link& link : links_) {
            cancel_.check();
            try {
                shared_.target.link(link.existing, link.path);
                count(link.node);
            } catch (const Error& error) {
                if (endsRestore(error)) throw;
                // The target cannot link, or the first name failed: a copy is better than nothing.
                shared_.problems.add(link.path, error.within("restored as a file of its own"));
                TreeNode alone = link.node;
                alone.attributes.hardLink.reset();
                restore(link.path, alone);
            }
        }
        links_.clear();
        blocks_.drain();
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

    struct Link {
        std::string existing;
        std::string path;
        TreeNode node;
    };

    WriteBehind writeBehind_;
    RestoreShared shared_;
    const RestoreSettings& settings_;
    OverwritePolicy policy_;
    const CancelToken& cancel_;
    ChunkReader chunks_;
    BlockRestore blocks_;
    std::map<HardLinkGroup, std::string> firstNames_;
    std::vector<Link> links_;
    std::set<std::string> reported_;  // damaged folders, seen by both walks
};

}  // namespace

void runRestore(RestoreStore& store, const DomainKey& domain, const TreeNode& node,
                RestoreTarget& target, const RestoreSettings& settings, RunProgress& progress,
                ProblemLog& problems, const CancelToken& cancel) {
    RestoreRun(store, domain, target, settings, progress, problems, cancel).run(node);
}

}  // namespace coffer
