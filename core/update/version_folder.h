#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/codec/signature.h"
#include "core/storage/disk.h"
#include "core/update/update_package.h"
#include "core/update/version_record.h"

namespace coffer {

/// The versions that an agent has fetched, in its state folder. Used by one thread, but for
/// record(), which others may call as well.
///
///     record                 VersionRecord, replaced in one step
///     1.4.0/head             of the package, written last: without it there is no such version
///     1.4.0/coffer-…         its programs
class VersionFolder {
  public:
    /// Nothing is made yet. The disk outlives it.
    VersionFolder(Disk& disk, std::string path) : disk_(disk), path_(std::move(path)) {}

    /// What stands there; an empty one when nothing does. Throws Error(corrupt).
    VersionRecord record() const;

    /// Durable when it returns.
    void keep(const VersionRecord& record);

    /// Path of a file of a version, whether it is there or not.
    std::string fileOf(const Version& version, const std::string& name) const;

    /// The head of a version. Throws Error(notFound), (untrusted) unless `trusted` have signed it,
    /// (corrupt) when it is another's.
    PackageHead head(const Version& version, const std::vector<VerifyKey>& trusted) const;

    /// The newest version whose head is there and good; 0.0.0 without one.
    Version newest(const std::vector<VerifyKey>& trusted) const;

    /// Throws Error(notFound), (untrusted) unless `trusted` have signed it, (corrupt) when a file
    /// is not what the manifest says, (unsupported) for another platform.
    void verify(const Version& version, const std::vector<VerifyKey>& trusted) const;

    /// Removes all versions but those that the record needs.
    void clean(const VersionRecord& record);

    /// A version that comes in. What was there of it is removed. Used by one thread.
    class Incoming {
      public:
        /// Throws Error(noSpace) when the disk cannot hold it.
        Incoming(VersionFolder& folder, ByteView head);

        /// Octets that have come, and of all files together.
        std::uint64_t position() const { return position_; }
        std::uint64_t size() const { return head_.manifest.contentSize(); }

        /// The next octets of the files. Throws Error(corrupt) as soon as one is not what it should
        /// be, or there are too many.
        void add(ByteView data);

        /// From now on the version is there, also after a power loss. Throws Error(corrupt) when
        /// something is missing.
        void finish();

      private:
        void next();
        void endFile();

        VersionFolder& folder_;
        const Bytes octets_;
        const PackageHead head_;
        std::size_t file_ = 0;      // being written
        std::uint64_t inFile_ = 0;  // octets of it
        std::uint64_t position_ = 0;
        std::unique_ptr<DiskWriter> writer_;
        std::unique_ptr<Sha256> digest_;
    };

  private:
    std::string folderOf(const Version& version) const { return path_ + "/" + version.text(); }
    void removeFiles(const std::string& folder);

    Disk& disk_;
    const std::string path_;
};

}  // namespace coffer
