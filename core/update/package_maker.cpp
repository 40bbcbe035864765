#include "core/update/package_maker.h"

#include <algorithm>
#include <array>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/update/file_blocks.h"

namespace coffer {

namespace {

UpdateManifest::File fileOf(Disk& disk, const std::string& path, const std::string& name) {
    Sha256 digest;
    const std::uint64_t size = readBlocks(*disk.open(path), 0, UpdateManifest::largestFile + 1,
                                          [&](ByteView block) { digest.update(block); });
    return {name, size, digest.finish()};
}

UpdateManifest manifestOf(Disk& disk, const std::string& folder) {
    UpdateManifest manifest;
    for (const DiskEntry& entry : disk.list(folder)) {
        if (entry.kind != DiskKind::file) {
            throw Error(ErrorCode::invalidArgument,
                        printable(folder + "/" + entry.name) + " is no regular file");
        }
        if (manifest.files.size() == UpdateManifest::mostFiles) {
            throw Error(ErrorCode::limitExceeded, printable(folder) + " has too many files");
        }
        manifest.files.push_back(fileOf(disk, folder + "/" + entry.name, entry.name));
    }
    std::ranges::sort(manifest.files, {}, &UpdateManifest::File::name);
    return manifest;
}

}  // namespace

PackageHead makePackage(Disk& disk, const std::string& folder, const std::string& target,
                        const Version& version, Timestamp made, const SigningKey& key) {
    UpdateManifest manifest = manifestOf(disk, folder);
    manifest.version = version;
    manifest.platform = ownPlatform();
    manifest.made = made;
    const Bytes head = makeHead(manifest, key);
    const auto writer = disk.create(target);
    try {
        writer->write(head);
        for (const UpdateManifest::File& file : manifest.files) {
            readBlocks(*disk.open(folder + "/" + file.name), 0, file.size,
                       [&](ByteView block) { writer->write(block); });
        }
        writer->sync();
        disk.syncFolder(parentOf(target));
        return checkPackage(disk, target);
    } catch (const Error&) {
        removeIfThere(disk, target);
        throw;
    }
}

PackageHead checkPackage(Disk& disk, const std::string& package) {
    const auto reader = disk.open(package);
    Bytes begin(PackageHead::largest);
    begin.resize(reader->read(0, begin));
    const PackageHead head = readHead(begin);
    std::uint64_t at = head.size;
    for (const UpdateManifest::File& file : head.manifest.files) {
        Sha256 digest;
        const std::uint64_t size =
            readBlocks(*reader, at, file.size, [&](ByteView block) { digest.update(block); });
        if (size != file.size || digest.finish() != file.digest) {
            throw Error(ErrorCode::corrupt,
                        "update package: " + file.name + " is not what the signed manifest says");
        }
        at += size;
    }
    std::array<std::uint8_t, 1> more{};
    if (reader->read(at, more) > 0) {
        throw Error(ErrorCode::corrupt, "update package: something follows its last file");
    }
    return head;
}

}  // namespace coffer
