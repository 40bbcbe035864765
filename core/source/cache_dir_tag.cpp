#include "core/source/cache_dir_tag.h"

#include <array>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::string_view signature = "Signature: 8a477f597d28d172789f06886806bc55";

}  // namespace

bool hasCacheDirTag(Folder& folder) {
    try {
        const std::optional<Stat> tag = folder.stat("CACHEDIR.TAG");
        if (!tag || tag->type != EntryType::file || tag->size < signature.size()) return false;
        std::array<std::uint8_t, signature.size()> begin;
        const std::size_t size = folder.open(*tag)->readAt(0, begin);
        return textOf(ByteView(begin).first(size)) == signature;
    } catch (const Error&) {
        return false;  // backed up rather than left out by mistake
    }
}

}  // namespace coffer
