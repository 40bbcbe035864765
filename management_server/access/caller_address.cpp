#include "management_server/access/caller_address.h"

#include <utility>

#include "core/rpc/caller.h"

namespace coffer {

namespace {
thread_local std::string served;  // empty: by CORBA
}

std::string callerAddress() {
    return served.empty() ? rpc::currentCaller().address : served;
}

CallerScope::CallerScope(std::string address) {
    served = std::move(address);
}

CallerScope::~CallerScope() {
    served.clear();
}

}  // namespace coffer
