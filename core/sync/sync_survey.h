#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "core/sync/sync_walk.h"

namespace coffer {

/// A line for the log of a run: what, which entry ("laptop:/a/b"), and words.
struct SyncNote {
    std::string code;
    std::string object;
    std::string message;
};
using SyncNotes = std::function<void(const SyncNote&)>;

/// What `action` does, for people.
SyncNote noteOf(const SyncAction& action, const std::string& folder, SyncPair& pair);

/// Counts what a plan would do, and does nothing. Used by one thread.
class SyncSurvey : public SyncVisitor {
  public:
    struct Side {
        std::uint64_t entries = 0;  // there now
        std::uint64_t removed = 0;  // of them would go
        std::uint64_t copied = 0;   // would come
        std::uint64_t bytes = 0;    // of those
    };

    /// `note` is told of each change; both outlive it.
    SyncSurvey(SyncPair& pair, SyncNotes note) : pair_(pair), note_(std::move(note)) {}

    const Side& of(SyncSide side) const { return sides_[static_cast<std::size_t>(side)]; }
    std::uint64_t conflicts() const { return conflicts_; }

    bool act(const SyncAction& action, const std::string& folder) override;
    void enter(const SyncAction& action, const std::string& path) override;
    bool leave(const SyncAction& action, const std::string& folder, bool stays) override;
    void problem(SyncSide side, const std::string& path, const Error& error) override;

  private:
    Side& at(SyncSide side) { return sides_[static_cast<std::size_t>(side)]; }
    void count(const SyncAction& action);

    SyncPair& pair_;
    const SyncNotes note_;
    std::array<Side, 2> sides_{};
    std::uint64_t conflicts_ = 0;
};

}  // namespace coffer
