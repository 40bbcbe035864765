#include "core/pipeline/kept_run_copy.h"

#include <algorithm>
#include <optional>

#include "core/repository/run_object.h"

namespace coffer {

namespace {

// Nothing when it is damaged or has gone meanwhile.
std::optional<Bytes> soundObject(ObjectStore& store, const RepositoryConfig& config,
                                 std::uint64_t run, const char* where, ProblemLog& problems) {
    try {
        Bytes object = readRunObject(store, run);
        checkRun(object, config, run);
        return object;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) {
            problems.add(runObjectName(run), error.within(where));
        }
        return {};
    }
}

}  // namespace

void copyKeptRuns(ObjectStore& from, ObjectStore& to, const RepositoryConfig& config, bool verify,
                  ProblemLog& problems, const CancelToken& cancel) {
    const std::vector<std::uint64_t> wanted = keptRuns(from);
    for (const std::uint64_t run : wanted) {
        cancel.check();
        const std::string name = runObjectName(run);
        const auto size = to.size(name);
        const bool sound = size && size == from.size(name) &&
                           (!verify || soundObject(to, config, run, "the replica", problems));
        if (sound) continue;
        const auto object = soundObject(from, config, run, "the repository", problems);
        if (object) to.put(name, *object);
    }
    for (const std::uint64_t run : keptRuns(to)) {
        cancel.check();
        if (!std::ranges::binary_search(wanted, run)) removeIfThere(to, runObjectName(run));
    }
}

}  // namespace coffer
