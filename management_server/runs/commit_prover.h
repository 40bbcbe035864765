#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "core/base/cancel.h"
#include "core/rpc/store/repository_provider.h"
#include "management_server/repositories/steady_time.h"
#include "management_server/runs/run_book.h"
#include "management_server/runs/run_snapshot.h"

namespace coffer {

/// Ends backups that have committed as soon as it is known whether the packs are sound that their
/// snapshots count on; it verifies none itself. What is to be looked at stands in the book, so a
/// restart loses nothing. Safe to share between threads; started and stopped by one.
class CommitProver {
  public:
    /// For so long a run waits for a verification that does not come; and at least for so long of
    /// a server that is up, whose clock does not jump.
    static constexpr std::int64_t mostSeconds = 86'400;
    static constexpr std::int64_t leastSeconds = 3'600;
    /// So long a repository that failed is left alone.
    static constexpr std::int64_t pauseSeconds = 60;

    /// Both outlive it.
    CommitProver(RunBook& book, rpc::RepositoryProvider& repositories);
    ~CommitProver() { stop(); }
    CommitProver(const CommitProver&) = delete;
    CommitProver& operator=(const CommitProver&) = delete;

    void start() { background_.start(); }
    void stop();

    /// A backup has committed, or packs have been verified. Quick.
    void ask() { background_.ask(); }

    /// Looks at all of them now, on this thread; for tests, without start().
    void round();

    /// Ends a run that is being verified as one of which nobody knows whether it is sound.
    static void endUnproven(RunBook::Page& page, RunRecord& run, const std::string& why);

  private:
    struct Failure {
        Timestamp at;
        std::string why;
    };
    struct Suspected {
        const RunRecord* run = nullptr;
        SnapshotInfo info;
        std::vector<PackInfo> packs;
    };

    bool triedLately(const std::string& repository) const;
    void prove(const std::string& repository, const std::vector<RunRecord>& runs);
    void look(Repository& repository, const std::vector<RunRecord>& runs);
    void judge(Repository& repository, std::vector<Suspected> suspected);
    void waitFor(const RunRecord& run, const std::string& phase, const std::string& why);
    void end(const RunRecord& run, RunProof proof, const std::string& message,
             const std::vector<RunProblemRecord>& lost = {});
    void giveUp(const RunRecord& run, const std::string& why);
    void step(const RunRecord& run, const std::function<void(RunBook::Page&, RunRecord&)>& work);

    RunBook& book_;
    rpc::RepositoryProvider& repositories_;
    std::map<std::string, Failure> failures_;  // by repository; of who is in round()
    SteadyTime steady_;
    std::int64_t steadySeconds_ = 0;  // likewise
    CancelToken cancel_;
    BackgroundWork background_;
};

}  // namespace coffer
