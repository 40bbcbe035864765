#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

/// A path inside a restore target, cut before its last part; borrowed from the path.
struct TargetPath {
    std::string_view folder;  // "" is the target itself
    std::string_view name;    // "" only when the path is "", the target itself
};

/// Cuts `path`. Throws Error(invalidArgument) when a part is empty, "." or "..", or when it has an
/// octet 0, which no system can take.
TargetPath targetPath(std::string_view path);

/// The same for an entry of the target, which must have a name.
TargetPath targetEntry(std::string_view path);

/// Throws Error(invalidArgument) unless both are entries of one folder.
void checkSameFolder(std::string_view one, std::string_view other);

/// Runs `work`; an Error leaving it gains "verb path: " at the front of its trail, which costs
/// nothing as long as all goes well.
template <class Work>
decltype(auto) onPath(const char* verb, std::string_view path, Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const Error& error) {
        throw error.within(std::string(verb) + ' ' + printable(path));
    }
}

}  // namespace coffer
