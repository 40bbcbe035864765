#include "core/agent/allowed_tree.h"

#include "core/agent/object_path.h"

namespace coffer {

using Right = AllowList::Right;
using Extent = AllowList::Extent;

// Only a normal path can be compared with those of the list.
void AllowedTree::check(Right right, const std::string& path, Extent extent) const {
    checkObjectPath(path);
    allowed_.check(right, path, extent);
}

ObjectEntry AllowedTree::stat(const std::string& path) {
    check(Right::read, path, Extent::entry);
    return inner_.stat(path);
}

std::unique_ptr<EntryCursor> AllowedTree::list(const std::string& path) {
    check(Right::read, path, Extent::entry);
    return inner_.list(path);
}

Bytes AllowedTree::read(const std::string& path, std::uint64_t offset, std::size_t length) {
    check(Right::read, path, Extent::entry);
    return inner_.read(path, offset, length);
}

void AllowedTree::write(const std::string& path, std::uint64_t offset, ByteView data) {
    check(Right::write, path, Extent::entry);
    inner_.write(path, offset, data);
}

void AllowedTree::resize(const std::string& path, std::uint64_t size) {
    check(Right::write, path, Extent::entry);
    inner_.resize(path, size);
}

void AllowedTree::createFile(const std::string& path) {
    check(Right::write, path, Extent::entry);
    inner_.createFile(path);
}

void AllowedTree::createFolder(const std::string& path) {
    check(Right::write, path, Extent::entry);
    inner_.createFolder(path);
}

void AllowedTree::erase(const std::string& path, bool recursive) {
    check(Right::write, path, Extent::whole);
    inner_.erase(path, recursive);
}

// What is moved can be read where it goes, so it has to be readable where it is.
void AllowedTree::move(const std::string& path, const std::string& target) {
    check(Right::read, path, Extent::whole);
    check(Right::write, path, Extent::whole);
    check(Right::write, target, Extent::whole);
    inner_.move(path, target);
}

void AllowedTree::copy(const std::string& path, const std::string& target) {
    check(Right::read, path, Extent::whole);
    check(Right::write, target, Extent::whole);
    inner_.copy(path, target);
}

void AllowedTree::createLink(const std::string& path, const std::string& text) {
    check(Right::write, path, Extent::entry);
    inner_.createLink(path, text);
}

// As move(): what is settled elsewhere can be read there.
ObjectEntry AllowedTree::settle(const std::string& path, const std::string& target,
                                const Look& wanted, const std::optional<ObjectEntry>& replaced) {
    const Extent extent = path == target ? Extent::entry : Extent::whole;
    check(Right::read, path, extent);
    check(Right::write, path, extent);
    check(Right::write, target, extent);
    return inner_.settle(path, target, wanted, replaced);
}

void AllowedTree::eraseAs(const std::string& path, const ObjectEntry& seen) {
    check(Right::write, path, Extent::entry);
    inner_.eraseAs(path, seen);
}

void AllowedTree::flush(const std::string& path) {
    check(Right::write, path, Extent::entry);
    inner_.flush(path);
}

}  // namespace coffer
