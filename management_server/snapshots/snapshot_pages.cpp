#include "management_server/snapshots/snapshot_pages.h"

#include <deque>
#include <iterator>
#include <optional>

#include "core/base/error.h"
#include "core/rpc/convert.h"
#include "core/snapshot/snapshot_diff.h"
#include "core/snapshot/snapshot_search.h"
#include "core/snapshot/tree_walk.h"
#include "management_server/snapshots/lazy_pages.h"

namespace coffer {

namespace {

using Until = std::chrono::steady_clock::time_point;

std::string below(const std::string& folder, const std::string& path) {
    return folder.ends_with('/') ? folder + path : folder + "/" + path;
}

/// Finds the items of pages, in order. `Page` is a sequence of `Item`.
template <class Item, class Page, class Finder>
std::function<bool(unsigned, Page&)> pagesOf(std::shared_ptr<Finder> finder) {
    const auto pages = std::make_shared<LazyPages<Item, Page>>(
        [finder](Until until, Item& item) { return finder->next(until, item); });
    return [pages](unsigned atMost, Page& page) { return pages->fill(atMost, page); };
}

class FolderFinder {
  public:
    using Step = LazyPages<Coffer::Entry, Coffer::Entries>::Step;

    FolderFinder(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder)
        : chunks_(std::move(chunks)), walk_(*chunks_, folder) {}

    Step next(Until, Coffer::Entry& entry) {
        if (!walk_.next()) return Step::end;
        walk_.skip();
        entry = toEntry(walk_.node());
        return Step::item;
    }

  private:
    const std::unique_ptr<ChunkSource> chunks_;
    TreeWalk walk_;
};

class WalkFinder {
  public:
    using Step = LazyPages<Coffer::Finding, Coffer::Findings>::Step;

    WalkFinder(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder, std::string where)
        : chunks_(std::move(chunks)), where_(std::move(where)), walk_(*chunks_, folder) {}

    Step next(Until until, Coffer::Finding& finding) {
        if (std::chrono::steady_clock::now() >= until) return Step::pause;
        do {
            try {
                if (!walk_.next()) return Step::end;
            } catch (const Error& error) {
                finding =
                    toProblem(walk_.path().empty() ? where_ : below(where_, walk_.path()), error);
                return Step::item;
            }
        } while (walk_.leaving());
        finding.where = rpc::toPath(below(where_, walk_.path()));
        finding.attributes = toEntry(walk_.node());
        finding.snapshots.length(0);
        return Step::item;
    }

  private:
    const std::unique_ptr<ChunkSource> chunks_;
    const std::string where_;
    TreeWalk walk_;
};

class DifferenceFinder {
  public:
    using Step = LazyPages<Coffer::Difference, Coffer::Differences>::Step;

    DifferenceFinder(std::unique_ptr<ChunkSource> chunks, const TreeNode& before,
                     const TreeNode& after, std::string where)
        : chunks_(std::move(chunks)), where_(std::move(where)), diff_(*chunks_, before, after) {}

    Step next(Until, Coffer::Difference& difference) {
        if (!diff_.next()) return Step::end;
        difference.change = std::string(nameOf(diff_.change())).c_str();
        difference.where = rpc::toPath(below(where_, diff_.path()));
        difference.attributes = toEntry(diff_.node());
        return Step::item;
    }

  private:
    const std::unique_ptr<ChunkSource> chunks_;
    const std::string where_;
    SnapshotDiff diff_;
};

class SearchFinder {
  public:
    using Step = LazyPages<Coffer::Finding, Coffer::Findings>::Step;

    SearchFinder(std::vector<SearchGroup> groups, ExcludeRules pattern,
                 std::vector<Coffer::Finding> unreadable)
        : groups_(std::move(groups)),
          pattern_(std::move(pattern)),
          waiting_(std::make_move_iterator(unreadable.begin()),
                   std::make_move_iterator(unreadable.end())) {}

    Step next(Until until, Coffer::Finding& finding) {
        while (waiting_.empty()) {
            if (at_ == groups_.size()) return Step::end;
            if (!search_) begin();
            if (!search_->step()) {
                search_.reset();
                ++at_;
            } else if (waiting_.empty() && std::chrono::steady_clock::now() >= until) {
                return Step::pause;
            }
        }
        finding = std::move(waiting_.front());
        waiting_.pop_front();
        return Step::item;
    }

  private:
    void begin() {
        const SearchGroup& group = groups_[at_];
        std::vector<TreeNode> roots;
        for (const auto& snapshot : group.snapshots) roots.push_back(snapshot->root);
        search_.emplace(*group.chunks, roots,
                        SearchCalls{[this](const std::string& path, bool isFolder) {
                                        return pattern_.excludes(path, isFolder);
                                    },
                                    [this](const FoundEntry& entry) { add(entry); },
                                    [this](const std::string& path, const Error& error) {
                                        waiting_.push_back(toProblem(path, error));
                                    }});
    }

    void add(const FoundEntry& entry) {
        const auto& snapshots = groups_[at_].snapshots;
        for (const FoundVersion& version : entry.versions) {
            Coffer::Finding finding;
            finding.where = rpc::toPath(entry.path);
            finding.attributes = toEntry(version.node);
            finding.snapshots.length(static_cast<CORBA::ULong>(version.snapshots.size()));
            for (CORBA::ULong i = 0; i < finding.snapshots.length(); ++i) {
                finding.snapshots[i] = snapshots[version.snapshots[i]]->id.hex().c_str();
            }
            waiting_.push_back(std::move(finding));
        }
    }

    const std::vector<SearchGroup> groups_;
    const ExcludeRules pattern_;
    std::size_t at_ = 0;  // the group
    std::optional<SnapshotSearch> search_;
    std::deque<Coffer::Finding> waiting_;  // of one folder, or a part of one
};

}  // namespace

rpc::EntryPages::Fill folderPages(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder) {
    return pagesOf<Coffer::Entry, Coffer::Entries>(
        std::make_shared<FolderFinder>(std::move(chunks), folder));
}

rpc::FindingPages::Fill walkPages(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder,
                                  std::string where) {
    return pagesOf<Coffer::Finding, Coffer::Findings>(
        std::make_shared<WalkFinder>(std::move(chunks), folder, std::move(where)));
}

rpc::DifferencePages::Fill differencePages(std::unique_ptr<ChunkSource> chunks,
                                           const TreeNode& before, const TreeNode& after,
                                           std::string where) {
    return pagesOf<Coffer::Difference, Coffer::Differences>(
        std::make_shared<DifferenceFinder>(std::move(chunks), before, after, std::move(where)));
}

rpc::FindingPages::Fill searchPages(std::vector<SearchGroup> groups, ExcludeRules pattern,
                                    std::vector<Coffer::Finding> unreadable) {
    return pagesOf<Coffer::Finding, Coffer::Findings>(std::make_shared<SearchFinder>(
        std::move(groups), std::move(pattern), std::move(unreadable)));
}

}  // namespace coffer
