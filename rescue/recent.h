#pragma once

#include <cstddef>
#include <list>
#include <utility>

namespace coffer::rescue {

/// Keeps the values used last, up to `capacity` of them. Used by one thread.
template <class Key, class Value>
class Recent {
  public:
    explicit Recent(std::size_t capacity) : capacity_(capacity) {}

    /// The value of `key`, made by `make` unless it is there; valid until the next call.
    template <class Make>
    Value& get(const Key& key, Make&& make) {
        for (auto slot = slots_.begin(); slot != slots_.end(); ++slot) {
            if (slot->first != key) continue;
            slots_.splice(slots_.begin(), slots_, slot);
            return slots_.front().second;
        }
        // Room first, so that there are never more than `capacity`.
        if (slots_.size() >= capacity_) slots_.pop_back();
        slots_.emplace_front(key, std::forward<Make>(make)());
        return slots_.front().second;
    }

  private:
    const std::size_t capacity_;
    std::list<std::pair<Key, Value>> slots_;  // the one used last in front
};

}  // namespace coffer::rescue
