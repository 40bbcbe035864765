#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/file_lock.h"
#include "core/storage/local_store.h"
#include "workstation_agent/worker/run_world.h"

namespace coffer {

/// What is known of a restore that has begun and not ended.
struct RestoreMark {
    std::int64_t run = 0;
    std::string bootId;  // of the computer when it was begun

    Bytes encode() const;
    static RestoreMark decode(ByteView data);  // Error(corrupt), (unsupported)
};

/// The mark of a target folder: proof that what is in the target comes from this run and may be
/// gone on with. Only one restore works on a target at a time. Used by one thread.
class RestoreMarker {
  public:
    /// `folder` is where the agent keeps its marks, `target` canonical. Waits for another restore
    /// into the same target. The disk outlives it.
    RestoreMarker(Disk& disk, const std::string& folder, const std::string& target,
                  const RunWorld& world);

    std::optional<RestoreMark> read();
    void write(const RestoreMark& mark);
    void remove();

  private:
    LocalStore store_;
    const std::string name_;
    const FileLock lock_;
};

}  // namespace coffer
