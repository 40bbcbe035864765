#include "management_server/snapshots/snapshot_pages.h"

#include <deque>
#include <optional>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/snapshot/snapshot_diff.h"
#include "core/snapshot/snapshot_search.h"
#include "core/snapshot/tree_walk.h"
#include "management_server/snapshots/lazy_pages.h"

namespace coffer {

namespace {

using Until = std::chrono::steady_clock::time_point;

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

class DifferenceFinder {
  public:
    using Step = LazyPages<Coffer::Difference, Coffer::Differences>::Step;

    DifferenceFinder(std::unique_ptr<ChunkSource> chunks, const TreeNode& before,
                     const TreeNode& after)
        : chunks_(std::move(chunks)), diff_(*chunks_, before, after) {}

    Step next(Until, Coffer::Difference& difference) {
        if (!diff_.next()) return Step::end;
        difference.change = std::string(nameOf(diff_.change())).c_str();
        difference.where = rpc::toPath("/" + diff_.path());
        difference.attributes = toEntry(diff_.node());
        return Step::item;
    }

  private:
    const std::unique_ptr<ChunkSource> chunks_;
    SnapshotDiff diff_;
};

class Finder {
  public:
    using Step = LazyPages<Coffer::Finding, Coffer::Findings>::Step;

    Finder(std::vector<SearchGroup> groups, ExcludeRules pattern,
           std::vector<std::string> unreadable)
        : groups_(std::move(groups)),
          pattern_(std::move(pattern)),
          unreadable_(unreadable.size()),
          first_(unreadable.empty() ? "" : unreadable.front()) {}

    Step next(Until until, Coffer::Finding& finding) {
        while (found_.empty()) {
            if (at_ == groups_.size()) return end();
            if (!search_) begin();
            if (!search_->step()) {
                search_.reset();
                ++at_;
            } else if (found_.empty() && std::chrono::steady_clock::now() >= until) {
                return Step::pause;
            }
        }
        FoundEntry& entry = found_.front();
        finding = findingOf(entry.path, entry.versions[version_]);
        if (++version_ == entry.versions.size()) {
            found_.pop_front();
            version_ = 0;
        }
        return Step::item;
    }

  private:
    void begin() {
        const SearchGroup& group = groups_[at_];
        std::vector<TreeNode> roots;
        for (const auto& snapshot : group.snapshots) roots.push_back(snapshot->root);
        search_.emplace(
            *group.chunks, roots,
            SearchCalls{[this](const std::string& path, bool isFolder) {
                            return pattern_.excludes(path, isFolder);
                        },
                        [this](FoundEntry&& entry) { found_.push_back(std::move(entry)); },
                        [this](const std::string& path, const Error& error) {
                            if (unreadable_++ == 0) first_ = printable(path) + ": " + error.what();
                        }});
    }

    // Told behind everything that was found, and once.
    Step end() {
        const std::size_t unreadable = std::exchange(unreadable_, 0);
        if (unreadable == 0) return Step::end;
        throw Error(
            ErrorCode::corrupt,
            std::to_string(unreadable) + " folders or snapshots could not be searched: " + first_);
    }

    Coffer::Finding findingOf(const std::string& path, const FoundVersion& version) const {
        // Of the group that is being searched: it is left only when nothing of it waits.
        const auto& snapshots = groups_[at_].snapshots;
        Coffer::Finding finding;
        finding.where = rpc::toPath(path);
        finding.attributes = toEntry(version.node);
        finding.snapshots.length(static_cast<CORBA::ULong>(version.snapshots.size()));
        for (CORBA::ULong i = 0; i < finding.snapshots.length(); ++i) {
            finding.snapshots[i] = snapshots[version.snapshots[i]]->id.hex().c_str();
        }
        return finding;
    }

    const std::vector<SearchGroup> groups_;
    const ExcludeRules pattern_;
    std::size_t unreadable_;
    std::string first_;
    std::size_t at_ = 0;  // the group
    std::optional<SnapshotSearch> search_;
    std::deque<FoundEntry> found_;  // in one folder, or a part of one
    std::size_t version_ = 0;       // of the first of them
};

}  // namespace

rpc::EntryPages::Fill folderPages(std::unique_ptr<ChunkSource> chunks, const TreeNode& folder) {
    return pagesOf<Coffer::Entry, Coffer::Entries>(
        std::make_shared<FolderFinder>(std::move(chunks), folder));
}

rpc::DifferencePages::Fill differencePages(std::unique_ptr<ChunkSource> chunks,
                                           const TreeNode& before, const TreeNode& after) {
    return pagesOf<Coffer::Difference, Coffer::Differences>(
        std::make_shared<DifferenceFinder>(std::move(chunks), before, after));
}

rpc::FindingPages::Fill findingPages(std::vector<SearchGroup> groups, ExcludeRules pattern,
                                     std::vector<std::string> unreadable) {
    return pagesOf<Coffer::Finding, Coffer::Findings>(
        std::make_shared<Finder>(std::move(groups), std::move(pattern), std::move(unreadable)));
}

}  // namespace coffer
