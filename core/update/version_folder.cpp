#include "core/update/version_folder.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/update/file_blocks.h"

namespace coffer {

namespace {

constexpr std::size_t largestRecord = 4'096;
constexpr std::uint64_t spare = std::uint64_t{16} << 20;  // left free for everything else

void writeFile(Disk& disk, const std::string& path, ByteView octets) {
    removeIfThere(disk, path);
    const auto writer = disk.create(path);
    writer->write(octets);
    writer->sync();
}

// A folder of another name is none of ours.
bool isNeeded(const VersionRecord& record, const std::string& folder) {
    try {
        return record.needs(Version::parse(folder));
    } catch (const Error&) {
        return true;
    }
}

// Goes on behind where the end should be, so that a longer file is noticed.
void checkFile(Disk& disk, const std::string& path, const UpdateManifest::File& file) {
    Sha256 digest;
    const std::uint64_t size = readBlocks(*disk.open(path), 0, file.size + 1,
                                          [&](ByteView block) { digest.update(block); });
    if (size != file.size || digest.finish() != file.digest) {
        throw Error(ErrorCode::corrupt, path + " is not what the signed manifest says");
    }
}

}  // namespace

VersionRecord VersionFolder::record() const {
    const std::string path = path_ + "/record";
    if (!disk_.stat(path)) return {};
    return VersionRecord::decode(textOf(stretchOf(disk_, path, 0, largestRecord)));
}

void VersionFolder::keep(const VersionRecord& record) {
    makeFolders(disk_, path_);
    const std::string fresh = path_ + "/record.new";
    writeFile(disk_, fresh, bytesOf(record.encode()));
    disk_.rename(fresh, path_ + "/record");
    disk_.syncFolder(path_);
}

std::string VersionFolder::fileOf(const Version& version, const std::string& name) const {
    return folderOf(version) + "/" + name;
}

PackageHead VersionFolder::head(const Version& version,
                                const std::vector<VerifyKey>& trusted) const {
    PackageHead head = readHead(
        stretchOf(disk_, fileOf(version, UpdateManifest::headFile), 0, PackageHead::largest));
    requireSigner(head, trusted);
    if (head.manifest.version == version) return head;
    throw Error(ErrorCode::corrupt, "the manifest is that of " + head.manifest.version.text());
}

Version VersionFolder::newest(const std::vector<VerifyKey>& trusted) const {
    Version newest;
    if (!disk_.stat(path_)) return newest;
    for (const DiskEntry& entry : disk_.list(path_)) {
        if (entry.kind != DiskKind::folder) continue;
        try {
            newest = std::max(newest, head(Version::parse(entry.name), trusted).manifest.version);
        } catch (const Error&) {  // it does not count
        }
    }
    return newest;
}

void VersionFolder::verify(const Version& version, const std::vector<VerifyKey>& trusted) const {
    const PackageHead head = this->head(version, trusted);
    if (head.manifest.platform != ownPlatform()) {
        throw Error(ErrorCode::unsupported, "the programs are for " + head.manifest.platform);
    }
    for (const UpdateManifest::File& file : head.manifest.files) {
        checkFile(disk_, fileOf(version, file.name), file);
    }
}

void VersionFolder::clean(const VersionRecord& record) {
    if (!disk_.stat(path_)) return;
    for (const DiskEntry& entry : disk_.list(path_)) {
        if (entry.kind == DiskKind::folder && !isNeeded(record, entry.name)) {
            removeFiles(path_ + "/" + entry.name);
        }
    }
}

// The folder itself stays, and is empty: there are few of them.
void VersionFolder::removeFiles(const std::string& folder) {
    removeIfThere(disk_, folder + "/" + UpdateManifest::headFile);
    for (const DiskEntry& entry : disk_.list(folder)) {
        if (entry.kind == DiskKind::file) removeIfThere(disk_, folder + "/" + entry.name);
    }
}

VersionFolder::Incoming::Incoming(VersionFolder& folder, ByteView head)
    : folder_(folder), octets_(toBytes(head)), head_(readHead(head)) {
    const std::string place = folder_.folderOf(head_.manifest.version);
    makeFolders(folder_.disk_, place);
    folder_.removeFiles(place);
    const auto free = folder_.disk_.freeSpace(place);
    if (free && *free < size() + spare) {
        throw Error(ErrorCode::noSpace, "an update of " + std::to_string(size()) +
                                            " octets does not fit into " + place);
    }
    next();
}

void VersionFolder::Incoming::next() {
    if (file_ == head_.manifest.files.size()) return;
    const std::string& name = head_.manifest.files[file_].name;
    writer_ = folder_.disk_.create(folder_.fileOf(head_.manifest.version, name));
    digest_ = std::make_unique<Sha256>();
    inFile_ = 0;
}

void VersionFolder::Incoming::endFile() {
    const UpdateManifest::File& file = head_.manifest.files[file_];
    if (digest_->finish() != file.digest) {
        throw Error(ErrorCode::corrupt, file.name + " is not what the signed manifest says");
    }
    writer_->sync();
    writer_.reset();
    ++file_;
    next();
}

void VersionFolder::Incoming::add(ByteView data) {
    while (!data.empty()) {
        if (file_ == head_.manifest.files.size()) {
            throw Error(ErrorCode::corrupt, "the package is longer than its manifest says");
        }
        const std::uint64_t missing = head_.manifest.files[file_].size - inFile_;
        const ByteView part =
            data.first(static_cast<std::size_t>(std::min<std::uint64_t>(missing, data.size())));
        writer_->write(part);
        digest_->update(part);
        inFile_ += part.size();
        position_ += part.size();
        data = data.subspan(part.size());
        if (inFile_ == head_.manifest.files[file_].size) endFile();
    }
}

void VersionFolder::Incoming::finish() {
    if (file_ < head_.manifest.files.size()) {
        throw Error(ErrorCode::corrupt, "the package is shorter than its manifest says");
    }
    const std::string place = folder_.folderOf(head_.manifest.version);
    folder_.disk_.syncFolder(place);
    const ByteView head = ByteView(octets_).first(head_.size);
    writeFile(folder_.disk_, place + "/" + UpdateManifest::headFile, head);
    folder_.disk_.syncFolder(place);
}

}  // namespace coffer
