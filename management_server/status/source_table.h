#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/repository/sqlite.h"
#include "management_server/status/source_state.h"

namespace coffer {

/// A source as server.db keeps it, longer than its runs.
struct SourceRow {
    SourceFacts facts;  // but for what is known elsewhere: proof, agent, task
    bool oneFileSystem = false;
    std::string snapshot;  // of the last good backup; empty when its run is forgotten
    SourceState announced = SourceState::safe;  // what the events said last
    std::optional<Timestamp> since;             // when; nothing: ever since
};

/// The tables `sources` and `acknowledgements` of server.db, within one transaction of
/// ServerDatabase. What does not parse is Error(corrupt).
class SourceTable {
  public:
    static constexpr std::size_t most = 20'000;

    explicit SourceTable(SqlDatabase& database) : database_(database) {}

    /// Enters what the backups in the table `runs` came to: all of them, or one; not those of a
    /// repository that is gone. A source that is new is announced as safe. Gives false when some
    /// were left out because there are too many.
    bool learn(std::optional<std::int64_t> run = {});

    std::vector<SourceRow> all();  // by name
    void setAnnounced(const SourceName& source, SourceState state, Timestamp since);

    /// Forgets it until it is backed up anew: the runs that it was learned from count no more.
    void drop(const SourceName& source);
    void removeRepository(const std::string& repository);

    /// Its sources, with what is known of them, are those of an agent of another name from now on.
    void renameAgent(const std::string& name, const std::string& fresh);

    std::map<std::string, Acknowledgement> acknowledgements();  // by id
    void acknowledge(const std::string& id, const Acknowledgement& known);

    /// Gives false when there was none.
    bool withdraw(const std::string& id);

    /// Removes those that ended before then.
    void dropEnded(Timestamp before);

  private:
    struct Outcome;
    std::vector<Outcome> outcomes(bool good, const char* which, std::optional<std::int64_t> run);
    bool enter(const Outcome& outcome);
    void takeBack(const Outcome& damaged);
    void takeBackAll();
    bool has(const SourceName& source);
    void forgetDropped();

    SqlDatabase& database_;
};

}  // namespace coffer
