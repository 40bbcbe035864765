#pragma once

#include <deque>
#include <optional>
#include <utility>

#include "core/base/guarded.h"

namespace coffer {

/// A queue between threads that holds at most `capacity` items. Safe to share.
template <class T>
class BoundedQueue {
  public:
    explicit BoundedQueue(std::size_t capacity) : capacity_(capacity) {}

    /// Waits for room. False when the queue was closed: the item is dropped.
    bool push(T item) {
        return state_.when(
            [&](const State& state) { return state.closed || state.items.size() < capacity_; },
            [&](State& state) {
                if (state.closed) return false;
                state.items.push_back(std::move(item));
                return true;
            },
            Wake::all);
    }

    /// Waits for an item. Nothing when the queue was closed and is empty.
    std::optional<T> pop() {
        return state_.when([](const State& state) { return state.closed || !state.items.empty(); },
                           [](State& state) -> std::optional<T> {
                               if (state.items.empty()) return {};
                               std::optional<T> item = std::move(state.items.front());
                               state.items.pop_front();
                               return item;
                           },
                           Wake::all);
    }

    /// No more items come; what is in the queue is still given out.
    void close() {
        state_.change([](State& state) { state.closed = true; });
    }

    /// Closes and drops what is in the queue.
    void cancel() {
        state_.change([](State& state) {
            state.closed = true;
            state.items.clear();
        });
    }

  private:
    struct State {
        std::deque<T> items;
        bool closed = false;
    };
    const std::size_t capacity_;
    Guarded<State> state_;
};

}  // namespace coffer
