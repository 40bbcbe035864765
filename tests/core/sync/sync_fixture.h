#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/agent/file_tree.h"
#include "core/base/clock.h"
#include "core/base/error.h"
#include "core/sync/sync_job.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"

namespace coffer {

/// What no code of the synchronisation catches: as if its process had been killed.
struct Killed {};

/// A tree that fails at one of its calls and from then on.
class FailingTree : public FileTree {
  public:
    using FileTree::FileTree;

    /// So many calls succeed from now on.
    void allow(int calls) { left_ = calls; }

    ObjectEntry stat(const std::string& path) override { return count(), FileTree::stat(path); }
    std::unique_ptr<EntryCursor> list(const std::string& path) override {
        count();
        if (onList) onList();
        return FileTree::list(path);
    }
    Bytes read(const std::string& path, std::uint64_t offset, std::size_t length) override {
        count();
        if (onRead) onRead(path);
        return FileTree::read(path, offset, length);
    }
    void write(const std::string& path, std::uint64_t offset, ByteView data) override {
        count(), FileTree::write(path, offset, data);
    }
    void createFile(const std::string& path) override { count(), FileTree::createFile(path); }
    void createFolder(const std::string& path) override { count(), FileTree::createFolder(path); }
    void erase(const std::string& path, bool recursive) override {
        count(), FileTree::erase(path, recursive);
    }
    void move(const std::string& path, const std::string& target) override {
        count(), FileTree::move(path, target);
    }
    void createLink(const std::string& path, const std::string& text) override {
        count(), FileTree::createLink(path, text);
    }
    ObjectEntry settle(const std::string& path, const std::string& target, const Look& wanted,
                       const std::optional<ObjectEntry>& replaced) override {
        return count(), FileTree::settle(path, target, wanted, replaced);
    }
    void eraseAs(const std::string& path, const ObjectEntry& seen) override {
        count(), FileTree::eraseAs(path, seen);
    }
    void flush(const std::string&) override {  // the disk is not what is tested
        count();
        if (onFlush) onFlush();
    }

    bool kills = false;
    std::function<void(const std::string& path)> onRead;
    std::function<void()> onList;
    std::function<void()> onFlush;

  private:
    void count() {
        if (left_ == 0 && kills) throw Killed();
        if (left_ == 0) throw Error(ErrorCode::unavailable, "the agent is away");
        --left_;
    }

    int left_ = -1;
};

/// Two folders of this computer and what it takes to make them the same.
class SyncTest : public testing::Test {
  protected:
    SyncTest() {
        std::filesystem::create_directory(scratch_ / "a");
        std::filesystem::create_directory(scratch_ / "b");
        settings_.mostDeleted = 100;
    }

    /// Writes a file with a time of its own, `second`.
    void put(const std::string& name, const std::string& text, std::int64_t second) {
        const std::string path = scratch_ / name;
        std::filesystem::create_directories(std::filesystem::path(path).parent_path());
        std::ofstream(path, std::ios::binary) << text;
        tree_.settle(path, path, {Timestamp{second, 123}, {}}, {});
    }

    std::string content(const std::string& name) {
        std::ifstream file(scratch_ / name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// All that is below a folder: content of files, "->TEXT", "/" of folders.
    std::map<std::string, std::string> all(const std::string& name) {
        std::map<std::string, std::string> found;
        const std::string root = scratch_ / name;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
            const std::string path = entry.path().string().substr(root.size());
            if (entry.is_symlink()) {
                found[path] = "->" + std::filesystem::read_symlink(entry.path()).string();
            } else if (entry.is_directory()) {
                found[path] = "/";
            } else {
                found[path] = content(name + path);
            }
        }
        return found;
    }

    SyncCounts run() {
        SyncStore store(scratch_ / "store.db", "a b");
        SyncPair pair{{a_, scratch_ / "a", "left"}, {b_, scratch_ / "b", "right"}};
        problems_.clear();
        notes_.clear();
        ProblemLog problems([this](const Problem& problem) { problems_.push_back(problem); });
        RunProgress progress;
        CancelToken cancel;
        return synchronise(
            {pair, false, store, [](std::uint64_t) {},
             [this](const SyncNote& note) { notes_.push_back(note.code + " " + note.object); },
             clock_, progress, problems, cancel},
            settings_);
    }

    ScratchFolder scratch_;
    CancelToken cancel_;
    FileTree tree_{cancel_};
    FailingTree a_{cancel_};
    FailingTree b_{cancel_};
    ManualClock clock_{1'800'000'000};
    SyncSettings settings_;
    std::vector<Problem> problems_;
    std::vector<std::string> notes_;
};

}  // namespace coffer
