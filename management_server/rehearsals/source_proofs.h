#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/repository/ids.h"
#include "management_server/database/server_database.h"

namespace coffer {

/// When a source, the paths that an agent backs up together, was last proven by a rehearsal.
struct SourceProof {
    std::string repository;
    AgentId agent;
    std::vector<std::string> paths;
    SnapshotId snapshot;  // that was rehearsed
    Timestamp time;
    unsigned percent = 100;  // of its files
    bool whole = true;       // not just some paths of it
    std::int64_t run = 0;
};

/// The table `source_proofs` of server.db: the last of each source. Safe to share between threads.
class SourceProofs {
  public:
    /// `database` outlives it.
    explicit SourceProofs(ServerDatabase& database) : database_(database) {}

    /// Takes the place of what is known of that source.
    void note(const SourceProof& proof);

    /// The newest first.
    std::vector<SourceProof> ofRepository(const std::string& repository) const;

    /// Of all repositories, in no order.
    std::vector<SourceProof> all() const;

    /// When a source of this agent was last proven, in whatever repository.
    std::optional<Timestamp> lastOf(const AgentId& agent) const;

    /// Within ServerDatabase::change.
    static void forgetRepository(SqlDatabase& database, const std::string& repository);

  private:
    ServerDatabase& database_;
};

/// "2026-11-21T20:15:03Z, 10 % of snapshot 1f3a9c02" for people.
std::string shownProof(const SourceProof& proof);

}  // namespace coffer
