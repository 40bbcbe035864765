#include "management_panel/client/agent_tree.h"

#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "management_panel/client/pages.h"

namespace coffer::client {

namespace {

// A path below the root folder, as Folder::find wants it.
Coffer::PathOctets below(const std::string& path) {
    return rpc::toPath(std::string_view(path).substr(1));
}

}  // namespace

AgentTree::AgentTree(Coffer::AgentManager_ptr agents, const std::string& agent)
    : root_(rpc::call(printable(agent).c_str(), [&] { return agents->root(agent.c_str()); })) {}

Coffer::Node_var AgentTree::node(const std::string& path) const {
    const std::string shown = printable(path);
    return rpc::call(shown.c_str(), [&] { return Coffer::Node_var(root_->find(below(path))); });
}

Coffer::Folder_var AgentTree::folder(const std::string& path) const {
    const Coffer::Node_var found = node(path);
    Coffer::Folder_var folder =
        rpc::call("look at a folder", [&] { return Coffer::Folder::_narrow(found); });
    if (!CORBA::is_nil(folder)) return folder;
    throw Error(ErrorCode::invalidArgument, printable(path) + ": is no folder");
}

Coffer::File_var AgentTree::file(const std::string& path) const {
    const Coffer::Node_var found = node(path);
    Coffer::File_var file =
        rpc::call("look at a file", [&] { return Coffer::File::_narrow(found); });
    if (!CORBA::is_nil(file)) return file;
    throw Error(ErrorCode::invalidArgument, printable(path) + ": is no regular file");
}

Coffer::Entry_var AgentTree::stat(const std::string& path) const {
    const Coffer::Node_var found = node(path);
    const std::string shown = printable(path);
    return rpc::call(shown.c_str(), [&] { return Coffer::Entry_var(found->attributes()); });
}

std::optional<Coffer::Entry_var> AgentTree::look(const std::string& path) const {
    try {
        return stat(path);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
        return {};
    }
}

void AgentTree::list(const std::string& path,
                     const std::function<void(const Coffer::Entry&)>& take) const {
    const Coffer::Folder_var listed = folder(path);
    const std::string shown = printable(path);
    Coffer::EntryIterator_var rest;
    const Coffer::Entries_var first = rpc::call(
        shown.c_str(), [&] { return Coffer::Entries_var(listed->list(pageLength, rest.out())); });
    during(shown, [&] { forEachEntry(first, rest, take); });
}

Coffer::File_var AgentTree::createFile(const std::string& path) const {
    const Coffer::Folder_var parent = folder(parentOf(path));
    const std::string shown = printable(path);
    return rpc::call(shown.c_str(), [&] {
        return Coffer::File_var(parent->createFile(rpc::toPath(lastPartOf(path))));
    });
}

void AgentTree::createFolder(const std::string& path) const {
    const Coffer::Folder_var parent = folder(parentOf(path));
    const std::string shown = printable(path);
    rpc::call(shown.c_str(), [&] {
        const Coffer::Folder_var made = parent->createFolder(rpc::toPath(lastPartOf(path)));
    });
}

Piece readPiece(Coffer::File_ptr file, std::uint64_t offset, std::uint32_t length) {
    return rpc::call("read", [&] { return Piece(file->read(offset, length)); });
}

std::string parentOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

std::string lastPartOf(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

}  // namespace coffer::client
