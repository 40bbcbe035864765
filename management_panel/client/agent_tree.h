#pragma once

#include <functional>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "idl/management.hh"
#include "idl/objects.hh"
#include "management_panel/client/read_ahead.h"

namespace coffer::client {

/// The files and folders of one agent, by absolute path. Safe to share. All throw Error as the
/// operations of objects.idl do.
class AgentTree {
  public:
    /// Throws Error(notFound), (unavailable) when the agent is away.
    AgentTree(Coffer::AgentManager_ptr agents, const std::string& agent);

    Coffer::Node_var node(const std::string& path) const;

    /// Throw Error(invalidArgument) when something else is there.
    Coffer::Folder_var folder(const std::string& path) const;
    Coffer::File_var file(const std::string& path) const;

    Coffer::Entry_var stat(const std::string& path) const;

    /// Nothing when there is nothing at the path.
    std::optional<Coffer::Entry_var> look(const std::string& path) const;

    /// Calls `take` for each entry of a folder, in no order.
    void list(const std::string& path, const std::function<void(const Coffer::Entry&)>& take) const;

    /// Both throw Error(alreadyExists); the folder above has to exist.
    Coffer::File_var createFile(const std::string& path) const;
    void createFolder(const std::string& path) const;

  private:
    Coffer::Folder_var root_;
};

/// Up to `length` octets of a file, fewer only at its end; for readAhead.
Piece readPiece(Coffer::File_ptr file, std::uint64_t offset, std::uint32_t length);

/// "/a" of "/a/b", "/" of "/a"; and "b", "a".
std::string parentOf(const std::string& path);
std::string lastPartOf(const std::string& path);

}  // namespace coffer::client
