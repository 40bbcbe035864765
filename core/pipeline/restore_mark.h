#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/file_lock.h"
#include "core/storage/local_store.h"

namespace coffer {

/// What is known of a restore that has begun and not ended.
struct RestoreMark {
    std::string restore;  // which one: octets that only the same restore has
    std::string bootId;   // of the computer when it was begun; empty: not known

    bool operator==(const RestoreMark&) const = default;
    Bytes encode() const;
    static RestoreMark decode(ByteView data);  // Error(corrupt), (unsupported)

    /// Whether the computer was started anew since: what looks finished may never have reached the
    /// disk.
    bool isOlderThan(const std::string& boot) const { return boot.empty() || bootId != boot; }
};

/// The mark of a target folder: proof that what is in the target comes from a restore of Coffer's
/// and may be gone on with. Only one restore works on a target at a time. Used by one thread.
class RestoreMarker {
  public:
    /// Takes the lock at a path, or throws.
    using TakeLock = std::function<FileLock(const std::string& path)>;

    /// Marks are kept in `folder`, which is made; `target` is canonical. The disk outlives it.
    RestoreMarker(Disk& disk, const std::string& folder, const std::string& target,
                  const TakeLock& take);

    std::optional<RestoreMark> read();
    void write(const RestoreMark& mark);
    void remove();

  private:
    LocalStore store_;
    const std::string name_;
    const FileLock lock_;
};

}  // namespace coffer
