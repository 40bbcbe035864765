#include "core/pipeline/kept_run_copy.h"

#include <map>
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
    const std::map<std::uint64_t, std::uint64_t> wanted = sizesOfKeptRuns(from);
    const std::map<std::uint64_t, std::uint64_t> there = sizesOfKeptRuns(to);
    for (const auto& [run, size] : wanted) {
        cancel.check();
        const auto copied = there.find(run);
        const bool sound = copied != there.end() && copied->second == size &&
                           (!verify || soundObject(to, config, run, "the replica", problems));
        if (sound) continue;
        const auto object = soundObject(from, config, run, "the repository", problems);
        if (object) to.put(runObjectName(run), *object);
    }
    for (const auto& [run, size] : there) {
        cancel.check();
        if (!wanted.contains(run)) removeIfThere(to, runObjectName(run));
    }
}

}  // namespace coffer
