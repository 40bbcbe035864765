#include "core/sync/file_carrier.h"

#include <algorithm>

#include "core/agent/object_path.h"
#include "core/base/error.h"
#include "core/pipeline/selection.h"

namespace coffer {

namespace {

constexpr std::size_t piece = std::size_t{1} << 20;
constexpr int mostReads = 3;

// What an agent copies by itself cannot be stopped, so it is no more than takes a second or two.
constexpr std::uint64_t mostCopiedThere = std::uint64_t{64} << 20;

std::string besides(const std::string& path) {
    return joinPath(parentOfObject(path), temporaryName(nameOfObject(path)));
}

ObjectTree::Look wantedOf(const SyncLook& look) {
    if (look.kind == SyncKind::symlink) return {look.modified, {}};
    return {look.modified, look.mode};
}

}  // namespace

SyncLook lookAt(const SyncFolder& folder, const std::string& path) {
    return syncEntryOf(folder.tree.stat(folder.at(path))).look;
}

FileCarrier::Carried FileCarrier::carry(SyncSide to, const std::string& from,
                                        const std::string& path,
                                        const std::optional<SyncLook>& replaced) {
    SyncFolder& there = parts_.pair.of(to);
    const std::string temporary = besides(path);
    try {
        Carried carried;
        carried.from = fill(to, from, temporary);
        std::optional<ObjectEntry> before;
        if (replaced) before = objectOf(SyncEntry{"", *replaced});
        carried.to = syncEntryOf(there.tree.settle(there.at(temporary), there.at(path),
                                                   wantedOf(carried.from), before))
                         .look;
        return carried;
    } catch (const Error& error) {
        // One that is away would be waited for once more: what is left goes with the next run.
        if (error.code() != ErrorCode::unavailable) clear(to, temporary);
        throw;
    }
}

// Gives how the entry looked before and after it was read.
SyncLook FileCarrier::fill(SyncSide to, const std::string& from, const std::string& temporary) {
    SyncFolder& here = parts_.pair.of(otherThan(to));
    SyncFolder& there = parts_.pair.of(to);
    for (int reads = 1;; ++reads) {
        const SyncLook look = lookAt(here, from);
        if (look.kind == SyncKind::symlink) {
            makeAnew(to, temporary, [&] { there.tree.createLink(there.at(temporary), look.link); });
            return look;
        }
        if (look.kind != SyncKind::file) {
            throw Error(ErrorCode::conflict, here.shown(from) + " is no file any more");
        }
        if (parts_.oneTree && look.size <= mostCopiedThere) {
            clear(to, temporary);
            here.tree.copy(here.at(from), there.at(temporary));
        } else {
            copyPieces(to, from, temporary, look.size);
        }
        if (lookAt(here, from) == look) return look;
        if (reads == mostReads) {
            throw Error(ErrorCode::conflict, here.shown(from) + " changes while it is read");
        }
    }
}

void FileCarrier::copyPieces(SyncSide to, const std::string& from, const std::string& temporary,
                             std::uint64_t size) {
    SyncFolder& here = parts_.pair.of(otherThan(to));
    SyncFolder& there = parts_.pair.of(to);
    const std::string made = there.at(temporary);
    makeAnew(to, temporary, [&] { there.tree.createFile(made); });
    std::uint64_t offset = 0;
    while (offset < size) {
        parts_.cancel.check();
        const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(piece, size - offset));
        const Bytes data = here.tree.read(here.at(from), offset, wanted);
        if (data.empty()) return;  // cut short meanwhile, which is noticed
        parts_.throttle(data.size());
        there.tree.write(made, offset, data);
        offset += data.size();
        parts_.progress.readBytes += data.size();
    }
}

// What a run that was cut has left there goes first.
void FileCarrier::makeAnew(SyncSide to, const std::string& temporary,
                           const std::function<void()>& make) {
    try {
        make();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::alreadyExists) throw;
        clear(to, temporary);
        make();
    }
}

// What is there of a file under way; that it is not there is no matter.
void FileCarrier::clear(SyncSide to, const std::string& temporary) {
    SyncFolder& there = parts_.pair.of(to);
    try {
        there.tree.erase(there.at(temporary), false);
    } catch (const Error&) {
        // The next run takes it away.
    }
}

void FileCarrier::makeFolder(SyncSide to, const std::string& path, const SyncLook& look) {
    constexpr std::uint32_t ownersAll = 0700;
    SyncFolder& there = parts_.pair.of(to);
    const std::string temporary = besides(path);
    makeAnew(to, temporary, [&] { there.tree.createFolder(there.at(temporary)); });
    there.tree.settle(there.at(temporary), there.at(path), {{}, look.mode | ownersAll}, {});
}

bool FileCarrier::areEqual(const std::string& path, std::uint64_t size) {
    const SyncFolder& source = parts_.pair.source;
    const SyncFolder& target = parts_.pair.target;
    for (std::uint64_t offset = 0; offset < size; offset += piece) {
        parts_.cancel.check();
        const Bytes here = source.tree.read(source.at(path), offset, piece);
        const Bytes there = target.tree.read(target.at(path), offset, piece);
        parts_.throttle(here.size() + there.size());
        parts_.progress.readBytes += here.size();
        if (here != there) return false;
    }
    return true;
}

}  // namespace coffer
