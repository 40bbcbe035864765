#include "core/source/xattrs_posix.h"

#include <sys/xattr.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

/// Reads something of unknown size by `ask(buffer, room)`, which answers like getxattr(2): -1 and
/// ERANGE when it does not fit, the size needed when room is 0. Nothing, and errno, when it fails.
template <class Ask>
std::optional<Bytes> readGrowing(Ask&& ask) {
    std::array<std::uint8_t, 1024> usual;
    ssize_t size = ask(usual.data(), usual.size());
    if (size >= 0) return Bytes(usual.begin(), usual.begin() + size);
    Bytes large;
    while (size < 0 && errno == ERANGE) {
        size = ask(nullptr, std::size_t{0});
        if (size < 0) break;
        large.resize(static_cast<std::size_t>(size) + 1);  // never 0, which would only ask again
        size = ask(large.data(), large.size());
    }
    if (size < 0) return std::nullopt;
    large.resize(static_cast<std::size_t>(size));
    return large;
}

/// `list(buffer, room)` and `get(name, buffer, room)` are listxattr(2) and getxattr(2) of an entry.
template <class List, class Get>
std::vector<Xattr> readAllXattrs(const std::string& entry, List&& list, Get&& get) {
    const std::optional<Bytes> names = readGrowing(list);
    if (!names) {
        if (errno == EOPNOTSUPP || errno == ENOSYS) return {};
        throw Error::fromErrno(errno, "list extended attributes of " + printable(entry));
    }
    std::vector<Xattr> all;
    for (std::string_view rest = textOf(*names); !rest.empty();) {
        const std::string name(rest.substr(0, rest.find('\0')));
        rest.remove_prefix(std::min(name.size() + 1, rest.size()));
        std::optional<Bytes> value = readGrowing([&](std::uint8_t* buffer, std::size_t room) {
            return get(name.c_str(), buffer, room);
        });
        if (value) {
            all.push_back({name, std::move(*value)});
        } else if (errno != ENODATA && errno != EOPNOTSUPP) {
            throw Error::fromErrno(
                errno, "read extended attribute " + printable(name) + " of " + printable(entry));
        }
    }
    std::ranges::sort(all, {}, &Xattr::name);
    return all;
}

}  // namespace

std::vector<Xattr> readXattrs(int fd, const std::string& name) {
    return readAllXattrs(
        name,
        [&](std::uint8_t* buffer, std::size_t room) {
            return ::flistxattr(fd, reinterpret_cast<char*>(buffer), room);
        },
        [&](const char* attribute, std::uint8_t* buffer, std::size_t room) {
            return ::fgetxattr(fd, attribute, buffer, room);
        });
}

std::vector<Xattr> readXattrsOfPinned(int fd, const std::string& name) {
    // The magic link leads to the pinned inode and no further, even if that is a symlink.
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    return readAllXattrs(
        name,
        [&](std::uint8_t* buffer, std::size_t room) {
            return ::listxattr(path.c_str(), reinterpret_cast<char*>(buffer), room);
        },
        [&](const char* attribute, std::uint8_t* buffer, std::size_t room) {
            return ::getxattr(path.c_str(), attribute, buffer, room);
        });
}

}  // namespace coffer
