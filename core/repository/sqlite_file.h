#pragma once

#include <cstdint>
#include <string>
#include <system_error>

namespace coffer {

/// Makes an empty file that only its owner may use, unless there is one: SQLite itself would let
/// everybody read it. Throws Error of errno.
void makeDatabaseFile(const std::string& path);

/// Which file a database is, whatever its name.
struct DatabaseFileId {
    std::uint64_t device = 0;
    std::uint64_t number = 0;

    bool operator==(const DatabaseFileId&) const = default;
};

/// Which file has that name now. It is not opened: closing it would let go of SQLite's locks.
/// Throws Error of errno.
DatabaseFileId databaseFileId(const std::string& path);

/// Removes a database that nobody has open, with what SQLite keeps beside it, as far as that goes.
/// Gives the first failure; that there is none is no failure.
std::error_code removeDatabaseFile(const std::string& path);

/// A file to be filled by SQLite, which is removed again unless it was put in its place. Used by
/// one thread.
class FreshDatabaseFile {
  public:
    /// Makes it, empty and for its owner alone; one of the name that a crash has left is removed.
    explicit FreshDatabaseFile(std::string path);
    ~FreshDatabaseFile();
    FreshDatabaseFile(const FreshDatabaseFile&) = delete;
    FreshDatabaseFile& operator=(const FreshDatabaseFile&) = delete;

    const std::string& path() const { return path_; }

    /// Puts it, synchronised, in the place of whatever has that name, in the same folder.
    void placeAs(const std::string& path) const;

  private:
    const std::string path_;
};

}  // namespace coffer
