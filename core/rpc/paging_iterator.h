#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "core/rpc/failure.h"
#include "core/rpc/leases.h"
#include "idl/management.hh"
#include "idl/objects.hh"

namespace coffer::rpc {

/// Most entries of a page, of every operation that gives pages.
constexpr CORBA::ULong longestPage = 10'000;

/// Throws Error(invalidArgument) unless 1 <= atMost <= longestPage.
void checkPageLength(CORBA::ULong atMost);

/// Servant of an iterator: hands out page after page of what `fill` finds. Gone after the last
/// page, by close() or by the end of its lease.
///
/// `fill` puts up to `atMost` further entries into the empty `page` and says whether there are
/// more after them. It runs on the caller's thread, so it can check currentCaller(); one call at a
/// time; what it throws ends nothing. It is destroyed with the servant.
template <class Skeleton, class Page, class PageOut>
class PagingIterator : public Skeleton {
  public:
    using Fill = std::function<bool(unsigned atMost, Page& page)>;

    PagingIterator(const Lease& lease, Fill fill) : lease_(lease), fill_(std::move(fill)) {}

    CORBA::Boolean next(CORBA::ULong atMost, PageOut page) override {
        return serve("next", [&]() -> CORBA::Boolean {
            checkPageLength(atMost);
            const Turn turn(asked_);
            const auto use = lease_.use();
            auto filled = std::make_unique<Page>();
            const bool more = fill_(atMost, *filled);
            page = filled.release();
            if (!more) lease_.drop();
            return more;
        });
    }

    void close() override { lease_.drop(); }

  private:
    /// One call at a time, without waiting for one another.
    class Turn {
      public:
        explicit Turn(std::atomic<bool>& taken) : taken_(taken) {
            if (taken_.exchange(true)) {
                throw Error(ErrorCode::conflict, "another call is asking for a page already");
            }
        }
        ~Turn() { taken_ = false; }
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

      private:
        std::atomic<bool>& taken_;
    };

    const Lease lease_;
    const Fill fill_;
    std::atomic<bool> asked_{false};
};

using EntryPages = PagingIterator<POA_Coffer::EntryIterator, Coffer::Entries, Coffer::Entries_out>;
using FindingPages =
    PagingIterator<POA_Coffer::FindingIterator, Coffer::Findings, Coffer::Findings_out>;
using DifferencePages =
    PagingIterator<POA_Coffer::DifferenceIterator, Coffer::Differences, Coffer::Differences_out>;

/// A reference to a new iterator of `owner`: keepPages<Coffer::EntryIterator, EntryPages>(…).
/// Throws as LeaseKeeper::keep.
template <class Interface, class Servant>
typename Interface::_ptr_type keepPages(LeaseKeeper& keeper, const std::string& owner,
                                        typename Servant::Fill fill) {
    const CORBA::Object_var made =
        keeper.keep(owner, [&](const Lease& lease) { return new Servant(lease, std::move(fill)); });
    return Interface::_narrow(made);
}

}  // namespace coffer::rpc
