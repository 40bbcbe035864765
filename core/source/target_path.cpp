#include "core/source/target_path.h"

#include <algorithm>

namespace coffer {

namespace {

bool isProperPart(std::string_view part) {
    return !part.empty() && part != "." && part != ".." && part.find('\0') == part.npos;
}

}  // namespace

TargetPath targetPath(std::string_view path) {
    if (path.empty()) return {};
    for (std::size_t begin = 0; begin <= path.size();) {
        const auto end = std::min(path.find('/', begin), path.size());
        if (!isProperPart(path.substr(begin, end - begin))) {
            throw Error(ErrorCode::invalidArgument, "not a path in a target: " + printable(path));
        }
        begin = end + 1;
    }
    const auto slash = path.rfind('/');
    if (slash == path.npos) return {{}, path};
    return {path.substr(0, slash), path.substr(slash + 1)};
}

TargetPath targetEntry(std::string_view path) {
    if (path.empty()) throw Error(ErrorCode::invalidArgument, "the target itself is no entry");
    return targetPath(path);
}

void checkSameFolder(std::string_view one, std::string_view other) {
    if (targetEntry(one).folder != targetEntry(other).folder) {
        throw Error(ErrorCode::invalidArgument, "two entries of different folders");
    }
}

}  // namespace coffer
