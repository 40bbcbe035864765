#include "core/rpc/paging_iterator.h"

#include "core/base/error.h"

namespace coffer::rpc {

void checkPageLength(CORBA::ULong atMost) {
    if (atMost >= 1 && atMost <= longestPage) return;
    throw Error(ErrorCode::invalidArgument, "a page has 1 to " + std::to_string(longestPage) +
                                                " entries, not " + std::to_string(atMost));
}

}  // namespace coffer::rpc
