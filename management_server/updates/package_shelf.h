#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/base/guarded.h"
#include "core/storage/disk.h"
#include "core/update/update_package.h"

namespace coffer {

/// What goes with the slices of a package that comes in.
struct PackageUpload {
    std::string from{};  // who sends it

    /// Asked before it takes the place of another; what it throws prevents that.
    std::function<void(const PackageHead&)> replacing{};
};

/// The packages that a server keeps for its agents, files of a folder. It checks that each is whole
/// and is signed by the key that it names; which key is believed is every agent's own business.
/// Safe to share between threads.
class PackageShelf {
  public:
    static constexpr std::size_t mostPackages = 32;
    static constexpr std::uint32_t longestSlice = 1 << 20;

    /// Nothing is made yet; what an upload has left behind is removed. The disk outlives it.
    PackageShelf(Disk& disk, std::string path);

    /// Takes the next slice of the one package that comes in; offset 0 begins anew. With the last
    /// one the package is checked and kept, in place of one of the same version and platform.
    /// Throws Error(conflict) for another offset or sender; (limitExceeded), (corrupt),
    /// (untrusted): then nothing is left of it.
    void upload(std::uint64_t offset, ByteView data, bool last, const PackageUpload& by = {});

    /// By version and platform. A file whose head cannot be read is passed over, and logged.
    std::vector<PackageHead> list() const;

    /// The octets of a head. Throws Error(notFound).
    Bytes head(const Version& version, const std::string& platform) const;

    /// A stretch, up to longestSlice, shorter only at the end. Throws Error(notFound).
    Bytes read(const Version& version, const std::string& platform, std::uint64_t offset,
               std::uint32_t length) const;

    /// Of every platform, also those that list() passes over. Throws Error(notFound).
    void remove(const Version& version);

  private:
    struct Incoming {
        std::unique_ptr<DiskWriter> writer;
        std::uint64_t position = 0;
        std::string from{};
    };

    void begin(Incoming& incoming, const std::string& from);
    void append(Incoming& incoming, ByteView data);
    void keep(Incoming& incoming, const PackageUpload& by);
    void discard(Incoming& incoming);
    std::vector<std::string> names() const;
    std::string incomingFile() const { return path_ + "/incoming"; }
    std::string fileOf(const Version& version, const std::string& platform) const;

    Disk& disk_;
    const std::string path_;
    Guarded<Incoming> incoming_;
};

}  // namespace coffer
