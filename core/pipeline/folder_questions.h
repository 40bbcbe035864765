#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/base/guarded.h"
#include "core/pipeline/folder_task.h"

namespace coffer {

/// What a folder has to know of the repository before it can be finished: whether these chunks are
/// there.
struct FolderQuestion {
    std::shared_ptr<FolderTask> task;
    std::vector<ChunkId> ids;        // taken over with an item, then others
    std::vector<std::size_t> slots;  // whose the first ones are
};

/// The part of a joint answer that belongs to one question. Borrows.
class FolderAnswer {
  public:
    FolderAnswer() = default;
    FolderAnswer(const std::vector<bool>& missing, std::size_t first)
        : missing_(&missing), first_(first) {}

    bool missing(std::size_t number) const { return missing_->at(first_ + number); }

  private:
    const std::vector<bool>* missing_ = nullptr;  // none: nothing was asked
    std::size_t first_ = 0;
};

/// The questions of many folders, gathered so that they cross the network together. Safe to share
/// between the workers of one backup.
class FolderQuestions {
  public:
    void add(FolderQuestion question) {
        state_.with([&](State& state) {
            state.size += question.ids.size() + question.task->items.size();
            state.questions.push_back(std::move(question));
        });
    }

    /// As many as should wait: so many that more at a time would gain little, and what waits stays
    /// small.
    bool many() const {
        return state_.with([](const State& state) { return state.size >= limit; });
    }

    std::vector<FolderQuestion> take() {
        return state_.with([](State& state) { return std::exchange(state, {}).questions; });
    }

  private:
    static constexpr std::size_t limit = 8'192;  // ids, and items of the folders that wait

    struct State {
        std::vector<FolderQuestion> questions;
        std::size_t size = 0;
    };
    Guarded<State> state_;
};

}  // namespace coffer
