#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <utility>

#include "core/base/error.h"
#include "core/rpc/paging_iterator.h"
#include "management_server/snapshots/snapshot_forms.h"

namespace coffer {

/// Pages of something that is found step by step: no more than a page of it is ever in memory. Used
/// by one thread at a time.
template <class Item, class Page>
class LazyPages {
  public:
    /// What a step has led to.
    enum class Step {
        item,   // the next one
        pause,  // nothing until the time was over: the caller asks again
        end
    };

    /// Finds the next item; gives up looking, with a pause, at `until`. What it throws reaches the
    /// caller behind the items before; asked again, it goes on behind it.
    using Next = std::function<Step(std::chrono::steady_clock::time_point until, Item& item)>;

    explicit LazyPages(Next next) : next_(std::move(next)) {}

    /// As PagingIterator::Fill. `atMost` has been checked.
    bool fill(unsigned atMost, Page& page) {
        if (late_) throw *std::exchange(late_, std::nullopt);
        const auto until = std::chrono::steady_clock::now() + patience;
        page.length(atMost);
        CORBA::ULong count = 0;
        std::size_t octets = 0;
        Step step = Step::item;
        try {
            while (count < atMost && octets < largestPage) {
                step = take(until, page[count]);
                if (step != Step::item) break;
                octets += weightOf(page[count++]);
            }
            if (step == Step::item) step = lookAhead(until);
        } catch (const Error& error) {
            if (count == 0) throw;
            late_ = error;
            step = Step::pause;
        }
        page.length(count);
        return step != Step::end;
    }

  private:
    // Far below the time in which callers want an answer.
    static constexpr std::chrono::seconds patience{2};

    Step take(std::chrono::steady_clock::time_point until, Item& item) {
        if (!ahead_) return next_(until, item);
        item = *std::exchange(ahead_, std::nullopt);
        return Step::item;
    }

    Step lookAhead(std::chrono::steady_clock::time_point until) {
        Item item;
        const Step step = next_(until, item);
        if (step == Step::item) ahead_ = item;
        return step;
    }

    const Next next_;
    std::optional<Item> ahead_;
    std::optional<Error> late_;
};

}  // namespace coffer
