#include "core/storage/object_name.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"
#include "core/storage/object_store.h"

namespace coffer {

namespace {

constexpr std::size_t longestName = 200;

bool isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

bool isNamePart(std::string_view part) {
    return !part.empty() && part.front() != '.' && std::ranges::all_of(part, isNameCharacter);
}

}  // namespace

bool isObjectName(std::string_view name) {
    if (name.size() > longestName) return false;
    std::size_t slash = name.find('/');
    if (name.substr(0, slash) == "tmp") return false;
    for (; slash != std::string_view::npos; slash = name.find('/')) {
        if (!isNamePart(name.substr(0, slash))) return false;
        name.remove_prefix(slash + 1);
    }
    return isNamePart(name);
}

void checkObjectPrefix(std::string_view prefix) {
    if (prefix.empty() ||
        (prefix.ends_with('/') && isObjectName(prefix.substr(0, prefix.size() - 1)))) {
        return;
    }
    throw Error(ErrorCode::invalidArgument, "not a prefix of object names: " + std::string(prefix));
}

void checkObjectName(std::string_view name) {
    if (isObjectName(name)) return;
    throw Error(ErrorCode::invalidArgument, "not an object name: " + std::string(name));
}

}  // namespace coffer
