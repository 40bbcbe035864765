#include "management_server/check/space_check.h"

#include <algorithm>
#include <filesystem>

#include "core/base/printable.h"
#include "core/console/format.h"

namespace coffer {

namespace {

constexpr std::uint64_t scarce = 1ULL << 30;
constexpr std::uint64_t scarcePart = 20;  // of the whole
constexpr std::uint64_t nothing = 256ULL << 20;

}  // namespace

Space spaceOf(const std::string& folder) {
    std::error_code failure;
    const auto space = std::filesystem::space(folder, failure);
    if (failure) throw Error::fromErrno(failure.value(), "free space of " + printable(folder));
    return {space.available, space.capacity};
}

Finding checkSpace(const std::string& subject, const std::string& folder, const Space& space) {
    Finding finding{FindingLevel::ok, subject,
                    sizeText(space.free) + " of " + sizeText(space.total) + " are free in " +
                        printable(folder)};
    if (space.free >= std::max(scarce, space.total / scarcePart)) return finding;
    finding.level = space.free < nothing ? FindingLevel::error : FindingLevel::warning;
    finding.advice =
        "make room on that disk: 'coffer retention', then 'coffer prune' for a repository; "
        "runs.kept, "
        "runs.log-entries and scratch for the state";
    return finding;
}

}  // namespace coffer
