#include "rescue/tree_walk.h"

#include <deque>
#include <memory>

#include "core/base/printable.h"

namespace coffer::rescue {

namespace {

constexpr std::size_t mostHeld = 64 * 1024 * 1024;

struct Level {
    Node folder;
    std::size_t pathLength = 0;            // of the folder
    std::unique_ptr<FolderReader> reader;  // none when the folder cannot be read
};

class Walk {
  public:
    Walk(ChunkSource& chunks, TreeVisitor& visitor, ProblemReport& report)
        : chunks_(chunks), visitor_(visitor), report_(report) {}

    void run(const Node& folder) {
        push(folder);
        while (!levels_.empty()) step();
    }

  private:
    std::string shownPath() const { return path_.empty() ? "/" : printable(path_); }

    void push(Node folder) {
        if (!visitor_.enter(path_, folder)) return;
        Level level{std::move(folder), path_.size(), nullptr};
        report_.attempt(shownPath(), [&] {
            if (!level.folder.tree) return;
            level.reader = std::make_unique<FolderReader>(
                chunks_, *level.folder.tree,
                [this](const std::string& line) { report_.add(shownPath() + ": " + line); });
        });
        levels_.push_back(std::move(level));
        releaseOuter();
    }

    void step() {
        Level& level = levels_.back();
        path_.resize(level.pathLength);
        auto node = level.reader ? level.reader->next() : std::nullopt;
        if (!node) {
            visitor_.leave(path_, level.folder);
            levels_.pop_back();
            return;
        }
        if (!path_.empty()) path_ += '/';
        path_ += node->name;
        if (node->isFolder()) {
            push(std::move(*node));
        } else {
            visitor_.entry(path_, *node);
        }
    }

    // Deep down, what is far above is not needed for long.
    void releaseOuter() {
        std::size_t held = 0;
        for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
            if (!level->reader) continue;
            held += level->reader->held();
            if (held > mostHeld && level != levels_.rbegin()) level->reader->release();
        }
    }

    ChunkSource& chunks_;
    TreeVisitor& visitor_;
    ProblemReport& report_;
    std::deque<Level> levels_;
    std::string path_;
};

}  // namespace

void walkTree(ChunkSource& chunks, const Node& folder, TreeVisitor& visitor,
              ProblemReport& report) {
    Walk(chunks, visitor, report).run(folder);
}

}  // namespace coffer::rescue
