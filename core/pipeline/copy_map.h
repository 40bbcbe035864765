#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/digest.h"
#include "core/repository/ids.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// What has been copied from one repository to another: which trees and contents there stand for
/// which here, and which snapshots. A cache in a file: without it everything is read again, and
/// what the other repository has is not stored twice. Used by one thread.
class CopyMap {
  public:
    /// Rows over this number are all forgotten when it is opened.
    static constexpr std::int64_t mostRows = 8'000'000;

    /// Opens or makes the file; one that was for other repositories, or is damaged, is made anew.
    CopyMap(const std::string& file, const RepositoryId& from, const RepositoryId& to);

    /// A copy that is cut does not take away what the one before it vouches for.
    struct Found {
        Bytes value;
        SnapshotId copy;  // of which it is a part
        SnapshotId next;  // of which it becomes one, or the same
    };
    std::optional<Found> find(const Digest& key);
    void put(const Digest& key, ByteView value, const SnapshotId& copy);

    /// It is a part of `copy` and becomes one of `next`.
    void use(const Digest& key, const SnapshotId& copy, const SnapshotId& next);

    /// That a snapshot was copied is remembered when its copy has been forgotten, too.
    bool wasCopied(const SnapshotId& snapshot);
    void noteCopied(const SnapshotId& snapshot);

    /// What was put is in the file.
    void flush();

  private:
    struct File {
        explicit File(const std::string& path);
        SqlDatabase database;
        std::optional<SqlTransaction> open;  // what was put since the last flush
        std::optional<SqlStatement> find;
        std::optional<SqlStatement> put;
        std::optional<SqlStatement> use;
    };
    static std::unique_ptr<File> opened(const std::string& path, const RepositoryId& from,
                                        const RepositoryId& to);

    void begin();
    void changed();

    std::unique_ptr<File> file_;
    std::size_t waiting_ = 0;
};

}  // namespace coffer
