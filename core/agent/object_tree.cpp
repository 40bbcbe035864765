#include "core/agent/object_tree.h"

#include "core/agent/object_path.h"
#include "core/base/error.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(const char* what, const std::string& path) {
    checkObjectPath(path);
    throw Error(ErrorCode::unsupported, std::string(what) + " " + shownPath(path) +
                                            ": this source does not take changes of that kind");
}

}  // namespace

void ObjectTree::write(const std::string& path, std::uint64_t, ByteView) {
    refuse("write", path);
}

void ObjectTree::resize(const std::string& path, std::uint64_t) {
    refuse("resize", path);
}

void ObjectTree::createFile(const std::string& path) {
    refuse("create file", path);
}

void ObjectTree::createFolder(const std::string& path) {
    refuse("create folder", path);
}

void ObjectTree::erase(const std::string& path, bool) {
    refuse("erase", path);
}

void ObjectTree::move(const std::string& path, const std::string&) {
    refuse("move", path);
}

void ObjectTree::copy(const std::string& path, const std::string&) {
    refuse("copy", path);
}

void ObjectTree::createLink(const std::string& path, const std::string&) {
    refuse("make link", path);
}

ObjectEntry ObjectTree::settle(const std::string& path, const std::string&, const Look&,
                               const std::optional<ObjectEntry>&) {
    refuse("settle", path);
}

void ObjectTree::eraseAs(const std::string& path, const ObjectEntry&) {
    refuse("erase", path);
}

void ObjectTree::flush(const std::string& path) {
    refuse("flush", path);
}

}  // namespace coffer
