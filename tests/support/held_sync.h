#pragma once

#include <functional>

namespace coffer {

/// A disk that can be made to hang: the logs (WAL) of databases that are opened while this exists
/// are synchronised by way of it. One at a time; outlives those databases.
class HeldSync {
  public:
    HeldSync();
    ~HeldSync();
    HeldSync(const HeldSync&) = delete;
    HeldSync& operator=(const HeldSync&) = delete;

    /// Begins `change`, which writes to a database, lets it hang in its synchronisation and does
    /// `ask` meanwhile. False when that waits for the disk, too. Then the disk goes on, and both
    /// have ended.
    bool holdDuring(const std::function<void()>& change, const std::function<void()>& ask);
};

}  // namespace coffer
