#pragma once

#include <functional>

#include "core/rpc/failure.h"
#include "idl/management.hh"
#include "idl/objects.hh"

namespace coffer::client {

/// Entries, findings or differences of a page.
constexpr CORBA::ULong pageLength = 2'000;

/// What an iterator still has, page by page; closes it when it was not read to its end. `rest` may
/// be nil. Both `take` and the calls to the server may throw.
template <class Iterator, class Page>
void forEachPage(const char* doing, typename Iterator::_ptr_type rest,
                 const std::function<void(const Page&)>& take) {
    class Closer {
      public:
        explicit Closer(typename Iterator::_ptr_type rest) : rest_(rest) {}
        ~Closer() {
            if (!open) return;
            try {
                rest_->close();
            } catch (...) {
                // Its lease ends by itself.
            }
        }
        Closer(const Closer&) = delete;
        Closer& operator=(const Closer&) = delete;

        bool open = true;

      private:
        typename Iterator::_ptr_type rest_;
    };

    if (CORBA::is_nil(rest)) return;
    Closer closer(rest);
    for (bool more = true; more;) {
        typename Page::_var_type page;
        more = rpc::call(doing, [&] { return rest->next(pageLength, page.out()); });
        closer.open = more;
        take(page.in());
    }
}

/// All entries of a folder or of a snapshot's folder: the first page and what the iterator has.
inline void forEachEntry(const Coffer::Entries& first, Coffer::EntryIterator_ptr rest,
                         const std::function<void(const Coffer::Entry&)>& take) {
    const auto takeAll = [&](const Coffer::Entries& page) {
        for (CORBA::ULong i = 0; i < page.length(); ++i) take(page[i]);
    };
    takeAll(first);
    forEachPage<Coffer::EntryIterator, Coffer::Entries>("list", rest, takeAll);
}

}  // namespace coffer::client
