#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "tools/tree_compare/attribute_differences.h"
#include "tools/tree_compare/content.h"
#include "tools/tree_compare/entry.h"
#include "tools/tree_compare/hard_links.h"
#include "tools/tree_compare/tree_compare.h"

namespace coffer {

namespace {

using namespace tree_compare;

// A folder of both trees. Only the folder being visited is open, so that any depth will do.
struct Level {
    InodeId inodeA;
    InodeId inodeB;
    std::size_t pathLength = 0;            // of the path of its parent
    std::vector<std::string> unvisited{};  // folders in it, the next one last
};

// From a folder to its parent, which must still be the one that was passed on the way down.
void goUp(UniqueFd& folder, const InodeId& expected) {
    UniqueFd parent(::openat(folder.get(), "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!parent) throw Error::fromErrno(errno, "go back to the parent");
    struct stat found {};
    if (::fstat(parent.get(), &found) != 0) throw Error::fromErrno(errno, "look at the parent");
    if (InodeId{found.st_dev, found.st_ino} != expected) {
        throw Error(ErrorCode::conflict, "moved while it was compared");
    }
    folder = std::move(parent);
}

class Comparison {
  public:
    Comparison(const TreeCompareOptions& options,
               const std::function<void(const std::string&)>& report)
        : options_(options), report_(report) {}

    TreeCompareResult run(const std::string& a, const std::string& b) {
        auto rootA = during("open " + printable(a), [&] { return openRoot(a); });
        auto rootB = during("open " + printable(b), [&] { return openRoot(b); });
        compareEntry(rootA, rootB, !options_.ignoreMtimeOfRoot);
        enter(rootA, rootB, "");
        while (!levels_.empty()) {
            if (levels_.back().unvisited.empty()) {
                leave();
            } else {
                const auto name = std::move(levels_.back().unvisited.back());
                levels_.back().unvisited.pop_back();
                visit(name);
            }
        }
        return result_;
    }

  private:
    void visit(const std::string& name) {
        during(pathOf(name), [&] {
            auto a = readEntry(folderA_.get(), name);
            auto b = readEntry(folderB_.get(), name);
            if (a.type == 'd' && b.type == 'd') enter(a, b, name);
        });
    }

    // Opens a folder of both trees and compares what is in it, but not what is further down.
    void enter(Entry& a, Entry& b, const std::string& name) {
        levels_.push_back({a.inode, b.inode, path_.size()});
        if (!name.empty()) path_ += (path_.empty() ? "" : "/") + name;
        folderA_ = std::move(a.fd);
        folderB_ = std::move(b.fd);
        const auto namesA = listFolder(folderA_.get());
        const auto namesB = listFolder(folderB_.get());
        reportMissing(namesA, namesB, "only in A");
        reportMissing(namesB, namesA, "only in B");
        std::vector<std::string> both;
        std::set_intersection(namesA.begin(), namesA.end(), namesB.begin(), namesB.end(),
                              std::back_inserter(both));
        for (const auto& each : both) compareName(each);
        auto& unvisited = levels_.back().unvisited;
        std::reverse(unvisited.begin(), unvisited.end());
    }

    void leave() {
        path_.resize(levels_.back().pathLength);
        levels_.pop_back();
        if (levels_.empty()) return;
        goUp(folderA_, levels_.back().inodeA);
        goUp(folderB_, levels_.back().inodeB);
    }

    void reportMissing(const std::vector<std::string>& from, const std::vector<std::string>& in,
                       const char* what) {
        std::vector<std::string> missing;
        std::set_difference(from.begin(), from.end(), in.begin(), in.end(),
                            std::back_inserter(missing));
        for (const auto& name : missing) {
            currentName_ = name;
            add(what);
        }
    }

    void compareName(const std::string& name) {
        currentName_ = name;
        during(pathOf(name), [&] {
            const auto a = readEntry(folderA_.get(), name);
            const auto b = readEntry(folderB_.get(), name);
            compareEntry(a, b, true);
            if (a.type == 'd' && b.type == 'd') levels_.back().unvisited.push_back(name);
        });
    }

    void compareEntry(const Entry& a, const Entry& b, bool withMtime) {
        ++result_.entries;
        for (const auto& text : attributeDifferences(a, b, withMtime)) add(text);
        if (a.type != 'd' && b.type != 'd' && (a.links > 1 || b.links > 1) &&
            !hardLinks_.pair(a.inode, b.inode)) {
            add("hard link of another set of names");
        }
        if (a.type != '-' || b.type != '-' || a.size != b.size) return;
        if (const auto text = contentDifference(a, b)) add(*text);
        if (const auto text = holeDifference(a, b)) add(*text);
    }

    void add(const std::string& text) {
        ++result_.differences;
        report_(pathOf(currentName_) + ": " + text);
    }

    std::string pathOf(const std::string& name) const {
        if (name.empty()) return ".";
        return printable(path_.empty() ? name : path_ + '/' + name);
    }

    const TreeCompareOptions options_;
    const std::function<void(const std::string&)>& report_;
    TreeCompareResult result_;
    HardLinks hardLinks_;
    std::vector<Level> levels_;
    UniqueFd folderA_;
    UniqueFd folderB_;
    std::string path_;         // of the open folders
    std::string currentName_;  // of the entry in it that is compared; "" for the roots
};

}  // namespace

TreeCompareResult compareTrees(const std::string& a, const std::string& b,
                               const TreeCompareOptions& options,
                               const std::function<void(const std::string& line)>& report) {
    return Comparison(options, report).run(a, b);
}

}  // namespace coffer
