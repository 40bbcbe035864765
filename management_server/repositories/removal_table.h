#pragma once

#include <optional>
#include <string>

#include "core/base/clock.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// That a repository is to go.
struct Removal {
    Timestamp made;
    Timestamp due;            // until then it can be taken back
    std::string user;         // who asked for it; empty when nobody knows any more
    bool deleteData = false;  // what lies in its folder goes, too
    bool begun = false;       // it is being deleted: whatever the clock says, it goes
    bool dataGoes = false;    // of one that has begun: what lies in its folder may be deleted
};

/// The tables `removals` and `repositories_gone` of server.db, within one transaction of
/// ServerDatabase. What does not parse is Error(corrupt).
class RemovalTable {
  public:
    explicit RemovalTable(SqlDatabase& database) : database_(database) {}

    void enter(const std::string& repository, const Removal& removal);
    void withdraw(const std::string& repository);
    void begin(const std::string& repository, bool dataGoes);

    /// The repository is not known any more. What its runs came to says nothing about one that gets
    /// its name.
    void forget(const std::string& repository);

    /// Of a row with made, due, user, delete_data and begun from `column` on; nothing when they are
    /// NULL.
    static std::optional<Removal> at(SqlStatement& row, int column);

  private:
    SqlDatabase& database_;
};

}  // namespace coffer
