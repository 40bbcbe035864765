#include "core/agent/tree_copy.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::size_t rememberedLinks = 100'000;
constexpr std::size_t bufferSize = std::size_t{1} << 20;

std::string below(const std::string& folder, const std::string& name) {
    return folder == "/" ? folder + name : folder + "/" + name;
}

}  // namespace

/// A folder under way.
struct TreeCopy::Frame {
    std::string from;  // absolute, in the source
    std::string to;    // in the target
    Attributes attributes;
    bool filled = false;
    std::vector<std::string> subfolders{};  // still to be copied
};

/// Where the first name of an inode went. Beyond the bound a further name becomes a copy.
struct TreeCopy::Links {
    std::map<HardLinkGroup, std::string> first{};
    std::optional<HardLinkGroup> target{};  // the folder that is being made
};

void TreeCopy::run(const std::string& folder, const std::string& name, const std::string& to) {
    const auto parent = source_.openFolder(folder);
    const auto entry = parent->stat(name);
    if (!entry) throw Error(ErrorCode::notFound, "there is no " + printable(name));
    if (target_.stat(to))
        throw Error(ErrorCode::alreadyExists, printable(to) + " is there already");
    if (entry->type == EntryType::folder) {
        copyFolders(below(folder, name), to);
    } else {
        Links links;
        copyEntry(*parent, *entry, to, links);
    }
}

// One stack for all depths; a folder gets its attributes when everything in it is there.
void TreeCopy::copyFolders(const std::string& from, const std::string& to) {
    Links links;
    std::vector<Frame> stack;
    const auto enter = [&](const std::string& source, const std::string& target) {
        const auto folder = source_.openFolder(source);
        Frame frame{source, target, attributesOf(folder->statSelf(), folder->detailsSelf())};
        target_.makeFolder(target);
        began_ = true;
        stack.push_back(std::move(frame));
    };
    enter(from, to);
    if (const auto made = target_.stat(to)) links.target = HardLinkGroup{made->device, made->inode};
    while (!stack.empty()) {
        cancel_.check();
        Frame& frame = stack.back();
        if (!frame.filled) fill(frame, links);
        if (frame.subfolders.empty()) {
            target_.finishFolder(frame.to, frame.attributes);
            stack.pop_back();
            continue;
        }
        const std::string name = std::move(frame.subfolders.back());
        frame.subfolders.pop_back();
        enter(below(frame.from, name), frame.to + "/" + name);
    }
}

void TreeCopy::fill(Frame& frame, Links& links) {
    const auto folder = source_.openFolder(frame.from);
    folder->list([&](std::string_view found) {
        const std::string name(found);
        const auto entry = folder->stat(name);
        if (!entry) return;  // vanished meanwhile
        if (entry->type != EntryType::folder) {
            copyEntry(*folder, *entry, frame.to + "/" + name, links);
        } else if (links.target == HardLinkGroup{entry->device, entry->inode}) {
            throw Error(ErrorCode::invalidArgument, "the target lies within what is copied");
        } else {
            frame.subfolders.push_back(name);
        }
    });
    frame.filled = true;
}

void TreeCopy::copyEntry(Folder& folder, const Stat& entry, const std::string& to, Links& links) {
    cancel_.check();
    const HardLinkGroup inode{entry.device, entry.inode};
    if (entry.links > 1) {
        if (const auto first = links.first.find(inode); first != links.first.end()) {
            target_.link(first->second, to);
            return;
        }
    }
    if (entry.type == EntryType::file) {
        copyFile(folder, entry, to);
    } else {
        target_.makeSpecial(to, attributesOf(entry, folder.details(entry)));
        began_ = true;
    }
    if (entry.links > 1 && links.first.size() < rememberedLinks) links.first.emplace(inode, to);
}

void TreeCopy::copyFile(Folder& folder, const Stat& entry, const std::string& to) {
    const auto reader = folder.open(entry);
    Attributes attributes = attributesOf(entry, reader->details());
    const auto writer = target_.createFile(to, attributes);
    began_ = true;
    if (buffer_.empty()) buffer_.resize(bufferSize);
    std::uint64_t offset = 0;
    while (offset < entry.size) {  // no further, however fast it grows
        const Region region = reader->regionAt(offset);
        const std::uint64_t end = offset + std::min(region.length, entry.size - offset);
        if (end == offset) break;
        while (!region.hole && offset < end) {
            cancel_.check();
            const auto wanted = std::min<std::uint64_t>(buffer_.size(), end - offset);
            const std::size_t got =
                reader->readAt(offset, {buffer_.data(), static_cast<std::size_t>(wanted)});
            if (got == 0) break;  // cut short meanwhile
            writer->writeAt(offset, {buffer_.data(), got});
            offset += got;
        }
        if (!region.hole && offset < end) break;
        offset = end;
    }
    attributes.size = offset;  // it may have shrunk
    writer->finish(attributes);
}

}  // namespace coffer
