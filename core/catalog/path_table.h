#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/repository/sqlite.h"

namespace coffer {

/// Paths of a catalogue by number. A folder's is less than those of what is in it. Used by one
/// thread, no longer than the transactions in which it makes numbers hold.
class PathTable {
  public:
    static constexpr std::int64_t root = 0;
    static constexpr std::size_t longestPath = std::size_t{64} << 10;  // of a snapshot, octets

    explicit PathTable(SqlDatabase& database);

    struct Made {
        std::int64_t number = root;
        bool isNew = false;
    };

    /// The number of an absolute path, as normal as paths of snapshots; a new one if need be.
    Made make(const std::string& path);

    std::optional<std::int64_t> find(std::string_view path);

    /// The path of a name in a folder; nothing when the folder does not lead to the root.
    std::optional<std::string> pathOf(std::int64_t folder, std::string_view name);

  private:
    template <class Step>
    std::optional<std::int64_t> descend(std::string_view path, Step step);
    std::optional<std::int64_t> nameOf(std::string_view name);
    std::optional<std::int64_t> child(std::int64_t folder, std::string_view name);
    Made makeChild(std::int64_t folder, std::string_view name);
    std::int64_t addedNumber();
    const std::string* folderText(std::int64_t folder);
    void keep(std::size_t octets);

    SqlDatabase& database_;
    SqlStatement findName_;
    SqlStatement addName_;
    SqlStatement findPath_;
    SqlStatement addPath_;
    SqlStatement added_;
    SqlStatement parent_;
    std::unordered_map<std::string, std::int64_t> folders_;  // some of them
    std::unordered_map<std::int64_t, std::string> texts_;    // of some folders
    std::size_t kept_ = 0;                                   // octets in both, about
};

}  // namespace coffer
