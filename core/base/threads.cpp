#include "core/base/threads.h"

#include <algorithm>
#include <utility>

namespace coffer {

ThreadScope::~ThreadScope() {
    waitForAll();
}

void ThreadScope::start(std::function<void()> work, std::function<void()> onFailure) {
    threads_.emplace_back([this, work = std::move(work), onFailure = std::move(onFailure)] {
        try {
            work();
        } catch (...) {
            {
                const std::lock_guard lock(mutex_);
                if (!first_) first_ = std::current_exception();
            }
            if (onFailure) onFailure();
        }
    });
}

void ThreadScope::join() {
    waitForAll();
    if (first_) std::rethrow_exception(std::exchange(first_, nullptr));
}

void ThreadScope::waitForAll() {
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
}

unsigned availableCores() {
    return std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace coffer
