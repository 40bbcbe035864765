#pragma once

#include <optional>
#include <string>

#include "core/base/file_lock.h"
#include "core/repository/ids.h"
#include "management_server/solo/state_folder.h"

namespace coffer::solo {

/// What is known of a restore that has begun and not ended.
struct RestoreMark {
    SnapshotId snapshot;
    std::string path;    // in the snapshot
    std::string bootId;  // of the computer when it was begun

    bool operator==(const RestoreMark&) const = default;
    Bytes encode() const;
    static RestoreMark decode(ByteView data);  // Error(corrupt), (unsupported)
};

/// The mark of a target folder in the state folder: proof that what is in the target comes from a
/// restore of Coffer's and may be gone on with. Only one program restores into a target at a time.
/// Used by one thread.
class RestoreMarker {
  public:
    /// `target` is canonical. Throws Error(busy) while another program restores into it.
    RestoreMarker(StateFolder& state, const std::string& target);

    std::optional<RestoreMark> read();
    void write(const RestoreMark& mark);
    void remove();

  private:
    StateFolder& state_;
    const std::string name_;
    FileLock lock_;
};

}  // namespace coffer::solo
