#include "management_server/updates/package_shelf.h"

#include <algorithm>
#include <tuple>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/service/log.h"
#include "core/update/file_blocks.h"
#include "core/update/package_maker.h"

namespace coffer {

namespace {

constexpr std::uint64_t largestPackage = PackageHead::largest + UpdateManifest::largestContent;
constexpr std::string_view ending = ".package";

}  // namespace

PackageShelf::PackageShelf(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {
    incoming_.with([this](Incoming& incoming) { discard(incoming); });
}

void PackageShelf::upload(std::uint64_t offset, ByteView data, bool last, const PackageUpload& by) {
    if (data.size() > longestSlice) {
        throw Error(ErrorCode::invalidArgument, "a slice of a package has up to 1 MiB");
    }
    incoming_.with([&](Incoming& incoming) {
        if (offset == 0) begin(incoming, by.from);
        if (!incoming.writer || offset != incoming.position || by.from != incoming.from) {
            throw Error(ErrorCode::conflict, "the package that comes in goes on at " +
                                                 std::to_string(incoming.position) + ", not at " +
                                                 std::to_string(offset) + ", or is another's");
        }
        try {
            append(incoming, data);
            if (last) keep(incoming, by);
        } catch (...) {
            discard(incoming);
            throw;
        }
    });
}

void PackageShelf::begin(Incoming& incoming, const std::string& from) {
    discard(incoming);
    makeFolders(disk_, path_);
    incoming = {disk_.create(incomingFile()), 0, from};
}

void PackageShelf::append(Incoming& incoming, ByteView data) {
    if (data.size() > largestPackage - incoming.position) {
        throw Error(ErrorCode::limitExceeded,
                    "a package has at most " + std::to_string(largestPackage) + " octets");
    }
    incoming.writer->write(data);
    incoming.position += data.size();
}

void PackageShelf::keep(Incoming& incoming, const PackageUpload& by) {
    incoming.writer->sync();
    incoming = {};
    const PackageHead head = checkPackage(disk_, incomingFile());
    const std::string file = fileOf(head.manifest.version, head.manifest.platform);
    if (disk_.stat(file)) {
        if (by.replacing) by.replacing(head);
    } else if (names().size() >= mostPackages) {
        throw Error(ErrorCode::limitExceeded,
                    std::to_string(mostPackages) + " packages are kept already: remove some");
    }
    disk_.rename(incomingFile(), file);
    disk_.syncFolder(path_);
}

// It may be large, on a disk that is full.
void PackageShelf::discard(Incoming& incoming) {
    incoming = {};
    try {
        removeIfThere(disk_, incomingFile());
    } catch (const Error& error) {
        log(LogLevel::warning, "update.upload-left", {{"error", error.what()}});
    }
}

// Files of packages, whatever is in them.
std::vector<std::string> PackageShelf::names() const {
    std::vector<std::string> names;
    if (!disk_.stat(path_)) return names;
    for (const DiskEntry& entry : disk_.list(path_)) {
        if (entry.name.ends_with(ending)) names.push_back(entry.name);
    }
    return names;
}

std::vector<PackageHead> PackageShelf::list() const {
    std::vector<PackageHead> heads;
    for (const std::string& name : names()) {
        const std::string file = path_ + "/" + name;
        try {
            heads.push_back(readHead(stretchOf(disk_, file, 0, PackageHead::largest)));
        } catch (const Error& error) {
            log(LogLevel::error, "update.package-unreadable",
                {{"file", file}, {"error", error.what()}});
        }
    }
    std::ranges::sort(heads, {}, [](const PackageHead& head) {
        return std::tuple(head.manifest.version, head.manifest.platform);
    });
    return heads;
}

Bytes PackageShelf::head(const Version& version, const std::string& platform) const {
    Bytes octets = stretchOf(disk_, fileOf(version, platform), 0, PackageHead::largest);
    octets.resize(readHead(octets).size);
    return octets;
}

Bytes PackageShelf::read(const Version& version, const std::string& platform, std::uint64_t offset,
                         std::uint32_t length) const {
    if (length > longestSlice || offset > largestPackage) {
        throw Error(ErrorCode::invalidArgument, "a stretch of a package has up to 1 MiB");
    }
    return stretchOf(disk_, fileOf(version, platform), offset, length);
}

void PackageShelf::remove(const Version& version) {
    bool found = false;
    for (const std::string& name : names()) {
        if (!name.starts_with(version.text() + "_")) continue;
        disk_.unlink(path_ + "/" + name);
        found = true;
    }
    if (!found) {
        throw Error(ErrorCode::notFound, "there is no package of version " + version.text());
    }
}

// A platform that an agent or a user names is not trusted before.
std::string PackageShelf::fileOf(const Version& version, const std::string& platform) const {
    if (platform.empty() || platform.size() > UpdateManifest::longestName ||
        platform.find('/') != platform.npos || platform.find('\0') != platform.npos) {
        throw Error(ErrorCode::invalidArgument,
                    printable(platform.substr(0, 64)) + " is no platform");
    }
    return path_ + "/" + version.text() + "_" + platform + std::string(ending);
}

}  // namespace coffer
