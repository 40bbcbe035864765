#include "core/pipeline/overwrite_policy.h"

#include "core/base/error.h"

namespace coffer {

namespace {

// Folders are made so, and get their attributes when all in them is done.
constexpr std::uint32_t unfinishedFolder = 0700;

}  // namespace

Overwrite overwriteOf(std::string_view word) {
    if (word == "never") return Overwrite::never;
    if (word == "older") return Overwrite::older;
    if (word == "always") return Overwrite::always;
    throw Error(ErrorCode::invalidArgument, "overwrite is one of never, older, always");
}

bool OverwritePolicy::keeps(const TreeNode& node, const std::optional<Stat>& found) const {
    if (overwrite_ == Overwrite::refuse || !found) return false;
    const bool isFolder = found->type == EntryType::folder;
    if (isFolder && !node.isFolder()) {
        throw Error(ErrorCode::alreadyExists, "a folder is in its place");
    }
    if (overwrite_ == Overwrite::always) return false;
    if (node.isFolder()) {
        if (!isFolder) throw Error(ErrorCode::alreadyExists, "something else is in its place");
        return !resume_ || found->mode != unfinishedFolder;
    }
    return overwrite_ == Overwrite::never || found->mtime >= node.attributes.mtime;
}

}  // namespace coffer
