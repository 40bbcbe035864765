#include "management_server/runs/folder_claims.h"

#include <algorithm>
#include <chrono>
#include <optional>

namespace coffer {

namespace {

constexpr std::chrono::milliseconds lookAfter{200};  // whether a stop was asked for

bool areInTheWay(const FolderClaims::Uses& some, const FolderClaims::Uses& others) {
    return std::ranges::any_of(some, [&](const FolderClaims::Use& one) {
        return std::ranges::any_of(others, [&](const FolderClaims::Use& other) {
            return (one.writes || other.writes) && one.folder.overlaps(other.folder);
        });
    });
}

}  // namespace

FolderClaims::Claim FolderClaims::take(const Uses& uses, const CancelToken& cancel) {
    const auto isFree = [&](const std::list<Uses>& held) {
        return std::ranges::none_of(held,
                                    [&](const Uses& others) { return areInTheWay(uses, others); });
    };
    for (;;) {
        cancel.check();
        const auto end = std::chrono::steady_clock::now() + lookAfter;
        const auto place = held_.whenOrAt(
            end, isFree, [&](std::list<Uses>& held) -> std::optional<std::list<Uses>::iterator> {
                if (!isFree(held)) return {};
                return held.insert(held.end(), uses);
            });
        if (place) return {*this, *place};
    }
}

}  // namespace coffer
