#include "core/agent/object_path.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t shownHead = 160;
constexpr std::size_t shownTail = 80;

bool isProperPart(std::string_view part) {
    return !part.empty() && part != "." && part != "..";
}

bool isNormal(std::string_view path) {
    if (!path.starts_with('/') || path.find('\0') != path.npos) return false;
    if (path == "/") return true;
    for (std::size_t begin = 1; begin <= path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        if (!isProperPart(path.substr(begin, end - begin))) return false;
        begin = end + 1;
    }
    return true;
}

}  // namespace

void checkObjectPath(std::string_view path) {
    if (path.size() > longestObjectPath) {
        throw Error(ErrorCode::invalidArgument,
                    "a path of " + std::to_string(path.size()) + " octets is too long");
    }
    if (!isNormal(path)) {
        throw Error(ErrorCode::invalidArgument,
                    "not an absolute path without empty parts, '.' and '..': " + shownPath(path));
    }
}

std::string parentOfObject(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    if (slash == path.npos || slash == 0) return "/";
    return std::string(path.substr(0, slash));
}

std::string nameOfObject(std::string_view path) {
    return std::string(path.substr(path.rfind('/') + 1));
}

std::string shownPath(std::string_view path) {
    if (path.size() <= shownHead + shownTail) return printable(path);
    return printable(path.substr(0, shownHead)) + "..." +
           printable(path.substr(path.size() - shownTail));
}

}  // namespace coffer
