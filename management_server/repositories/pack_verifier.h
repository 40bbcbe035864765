#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/base/cancel.h"
#include "core/base/guarded.h"
#include "core/base/threads.h"
#include "core/pipeline/pack_check.h"
#include "core/rpc/store/repository_provider.h"

namespace coffer {

/// A received pack that turned out to be damaged.
struct PackDamage {
    std::string repository;
    PackId pack;
    AgentId agent;  // that sent it
    std::string message;
};

/// Verifies received packs behind the commit, read by threads that let all others go first: sound
/// ones become visible to the other agents of their domain, damaged ones suspect, so that the next
/// backup stores their chunks again. What is to be done stands in the repositories themselves, so
/// nothing is lost by a restart; in memory there are only their names. Safe to share.
class PackVerifier {
  public:
    /// `damaged` is called on the thread of the verifier for each pack found damaged, once that is
    /// recorded, and `judged` when some were found sound or not. `repositories` outlives it.
    PackVerifier(
        rpc::RepositoryProvider& repositories, std::function<void(const PackDamage&)> damaged,
        std::function<void()> judged = [] {});

    /// As stop().
    ~PackVerifier();
    PackVerifier(const PackVerifier&) = delete;
    PackVerifier& operator=(const PackVerifier&) = delete;

    /// There may be received packs in this repository. Where it fails nothing more is done before
    /// the next call. Quick.
    void look(const std::string& repository);

    /// Stops within a stretch of a pack; what was found until then is kept.
    void stop();

    /// Waits until nothing is left to do, or a repository has failed.
    void settle();

  private:
    struct State {
        std::deque<std::string> waiting;  // each once
        bool working = false;
        bool stopped = false;
    };

    void work();
    void turn(const std::string& name);
    bool verifySome(Repository& repository, const std::string& name);
    std::vector<std::optional<PackVerdict>> judge(Repository& repository,
                                                  const std::vector<PackInfo>& packs);
    static void noteTime(Repository& repository, const std::vector<PackInfo>& packs,
                         const std::vector<std::optional<PackVerdict>>& verdicts);

    rpc::RepositoryProvider& repositories_;
    const std::function<void(const PackDamage&)> damaged_;
    const std::function<void()> judged_;
    CancelToken cancel_;
    Guarded<State> state_;
    ThreadScope thread_;
};

}  // namespace coffer
