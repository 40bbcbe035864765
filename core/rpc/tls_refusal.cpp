#include "core/rpc/tls_refusal.h"

#include "core/base/guarded.h"

namespace coffer::rpc {

namespace {

Guarded<std::optional<Error>>& refusal() {
    static Guarded<std::optional<Error>> instance;
    return instance;
}

}  // namespace

void forgetRefusal() {
    refusal().with([](auto& last) { last.reset(); });
}

void noteRefusal(const Error& fresh) {
    refusal().with([&](auto& last) {
        if (!last) last = fresh;
    });
}

std::optional<Error> lastRefusal() {
    return refusal().with([](const auto& last) { return last; });
}

}  // namespace coffer::rpc
