#include "core/pipeline/entry_check.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/pipeline/rehearsal_target.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/tree_format.h"

namespace coffer {

namespace {

constexpr std::size_t holeStep = 1 << 20;
constexpr std::uint64_t longestChunk = 8 << 20;  // of any repository

std::string nameIn(const std::string& path) {
    return path.substr(path.rfind('/') + 1);
}

std::string folderOf(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::optional<EntryCheck::Found> EntryCheck::find(const std::string& path) {
    const std::string parent = folderOf(path);
    if (!folder_ || openPath_ != parent) {
        folder_.reset();
        try {
            folder_ = source_.openFolder(parent);
        } catch (const Error& error) {
            if (error.code() == ErrorCode::notFound) return {};
            throw;
        }
        openPath_ = parent;
    }
    auto stat = folder_->stat(nameIn(path));
    if (!stat) return {};
    return Found{folder_.get(), std::move(*stat)};
}

bool EntryCheck::exists(const std::string& path) {
    return find(path).has_value();
}

std::string EntryCheck::attributeDifference(const std::string& path, const TreeNode& node) {
    const auto found = find(path);
    if (!found) return "is missing";
    const Attributes wanted = rehearsed(node.attributes);
    const Stat& stat = found->stat;
    if (stat.type != wanted.type) return "its type";
    if (wanted.type == EntryType::file && stat.size != wanted.size) return "its size";
    if (wanted.type != EntryType::symlink && stat.mode != (wanted.mode & 07777)) return "its mode";
    if (owners_ && (stat.uid != wanted.uid || stat.gid != wanted.gid)) return "its owner";
    if (stat.mtime != wanted.mtime) return "its time of change";
    if (stat.deviceMajor != wanted.deviceMajor || stat.deviceMinor != wanted.deviceMinor) {
        return "its device numbers";
    }
    const Details details = found->folder->details(stat);
    if (details.linkTarget != wanted.linkTarget) return "where it leads to";
    if (wanted.hardLink) {
        const HardLinkGroup here{stat.device, stat.inode};
        if (groups_.try_emplace(*wanted.hardLink, here).first->second != here) {
            return "it is no other name of the same file";
        }
    }
    return xattrDifference(node, details);
}

// What the system adds by itself is no difference.
std::string EntryCheck::xattrDifference(const TreeNode& node, const Details& details) {
    const auto holds = [&](const std::string& name, ByteView value) {
        const auto at = std::ranges::find(details.xattrs, name, &Xattr::name);
        return at != details.xattrs.end() && std::ranges::equal(at->value, value);
    };
    for (const Xattr& wanted : node.attributes.xattrs) {
        if (!holds(wanted.name, wanted.value)) return "attribute " + printable(wanted.name);
    }
    for (const NamedStream& stream : node.streams) {
        if (stream.kind != NamedStream::Kind::xattr) continue;
        if (stream.size > tree_format::xattrValueLimit) return "attribute too large";
        Bytes wanted(static_cast<std::size_t>(stream.size));
        readContent(stream.content, chunks_, 0, wanted);
        if (!holds(stream.name, wanted)) return "attribute " + printable(stream.name);
    }
    return {};
}

std::uint64_t EntryCheck::checkContent(const std::string& path, const TreeNode& node) {
    const auto found = find(path);
    if (!found) throw Error(ErrorCode::notFound, "is missing");
    const std::unique_ptr<FileReader> reader = found->folder->open(found->stat);
    std::uint64_t end = 0;
    forEachExtent(node.content, chunks_, [&](std::uint64_t offset, const Extent& extent) {
        cancel_.check();
        if (extent.chunk) {
            checkChunk(*reader, offset, extent);
        } else {
            checkHole(*reader, offset, extent.length);
        }
        end = offset + extent.length;
        return true;
    });
    checkHole(*reader, end, node.attributes.size - std::min(node.attributes.size, end));
    return node.attributes.size;
}

void EntryCheck::checkChunk(FileReader& reader, std::uint64_t offset, const Extent& extent) {
    if (extent.length > longestChunk) {
        throw Error(ErrorCode::corrupt, "a chunk that is too large");
    }
    const ByteView octets = readExactly(reader, offset, static_cast<std::size_t>(extent.length));
    if (hasher_.id(ChunkKind::data, octets) != *extent.chunk) {
        throw Error(ErrorCode::corrupt,
                    "its content is another one from octet " + std::to_string(offset) + " on");
    }
}

void EntryCheck::checkHole(FileReader& reader, std::uint64_t offset, std::uint64_t length) {
    while (length > 0) {
        cancel_.check();
        const Region region = reader.regionAt(offset);
        std::uint64_t step = std::min(length, region.length);
        if (step == 0) throw Error(ErrorCode::corrupt, "it is too short");
        if (!region.hole) {
            step = std::min<std::uint64_t>(step, holeStep);
            const ByteView octets = readExactly(reader, offset, static_cast<std::size_t>(step));
            if (std::ranges::any_of(octets, [](std::uint8_t octet) { return octet != 0; })) {
                throw Error(ErrorCode::corrupt, "its content is another one");
            }
        }
        offset += step;
        length -= step;
    }
}

ByteView EntryCheck::readExactly(FileReader& reader, std::uint64_t offset, std::size_t length) {
    buffer_.resize(length);
    std::size_t have = 0;
    while (have < length) {
        const std::size_t got = reader.readAt(offset + have, std::span(buffer_).subspan(have));
        if (got == 0) throw Error(ErrorCode::corrupt, "it is too short");
        have += got;
    }
    return buffer_;
}

}  // namespace coffer
