#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/background_work.h"
#include "core/base/cancel.h"
#include "core/base/error.h"
#include "core/rpc/store/repository_provider.h"
#include "management_server/runs/run_book.h"
#include "management_server/runs/run_snapshot.h"

namespace coffer {

/// Ends backups that have committed as soon as it is known whether the packs are sound that their
/// snapshots count on; it verifies none itself. What is to be looked at stands in the book, so a
/// restart loses nothing. Safe to share between threads; started and stopped by one.
class CommitProver {
  public:
    /// For so long a run waits for a verification that does not come.
    static constexpr std::int64_t mostSeconds = 86'400;

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
    struct Opening {
        std::shared_ptr<Repository> repository;
        std::optional<Error> failure;
    };
    using Opened = std::map<std::string, Opening>;

    std::shared_ptr<Repository> open(const RunRecord& run, Opened& opened);
    void look(const RunRecord& run, Repository& repository);
    void judge(const RunRecord& run, Repository& repository, const std::vector<PackInfo>& damaged);
    void waitFor(const RunRecord& run, const std::string& phase, const std::string& why);
    void end(const RunRecord& run, RunProof proof, const std::string& message,
             const std::vector<RunProblemRecord>& lost = {});
    void giveUp(const RunRecord& run, const std::string& why);
    void step(const RunRecord& run, const std::function<void(RunBook::Page&, RunRecord&)>& work);

    RunBook& book_;
    rpc::RepositoryProvider& repositories_;
    CancelToken cancel_;
    BackgroundWork background_;
};

}  // namespace coffer
