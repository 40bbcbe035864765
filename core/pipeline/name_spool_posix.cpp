#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/pipeline/name_spool.h"
#include "core/snapshot/tree.h"

namespace coffer {

namespace {

constexpr unsigned partBits = 5;
constexpr unsigned hashBits = 32;
constexpr std::size_t partBuffer = 128U * 1024;

}  // namespace

NameSpool::NameSpool(std::string temporaryFolder, std::size_t memoryLimit)
    : temporaryFolder_(std::move(temporaryFolder)), memoryLimit_(memoryLimit) {}

void NameSpool::add(std::string_view name) {
    ++count_;
    if (!parts_.empty()) {
        put(name);
        return;
    }
    names_.emplace_back(segmentOf(name, hashBits), name);
    if (names_.size() > memoryLimit_) spill();
}

void NameSpool::spill() {
    file_ = UniqueFd(::open(temporaryFolder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (!file_) {
        // Not every file system can do without a name.
        std::string path = temporaryFolder_ + "/names-XXXXXX";
        file_ = UniqueFd(::mkostemp(path.data(), O_CLOEXEC));
        if (!file_) throw Error::fromErrno(errno, "temporary file in " + temporaryFolder_);
        ::unlink(path.c_str());
    }
    parts_.resize(std::size_t{1} << partBits);
    for (const auto& [hash, name] : names_) put(name);
    names_ = {};
}

void NameSpool::put(std::string_view name) {
    Part& part = parts_[segmentOf(name, partBits)];
    WireWriter writer;
    writer.sized(name);
    append(part.buffer, writer.bytes());
    if (part.buffer.size() >= partBuffer) flush(part);
}

void NameSpool::flush(Part& part) {
    part.stretches.emplace_back(fileSize_, part.buffer.size());
    for (ByteView rest = part.buffer; !rest.empty();) {
        const ssize_t written =
            ::pwrite(file_.get(), rest.data(), rest.size(), static_cast<off_t>(fileSize_));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw Error::fromErrno(errno, "write temporary file");
        fileSize_ += static_cast<std::uint64_t>(written);
        rest = rest.subspan(static_cast<std::size_t>(written));
    }
    part.buffer.clear();
}

void NameSpool::loadPart(std::size_t number) {
    Part& part = parts_[number];
    flush(part);
    part.buffer.shrink_to_fit();
    names_.clear();
    for (const auto& [offset, length] : part.stretches) {
        Bytes data(static_cast<std::size_t>(length));
        for (std::size_t done = 0; done < data.size();) {
            const ssize_t got = ::pread(file_.get(), data.data() + done, data.size() - done,
                                        static_cast<off_t>(offset + done));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) throw Error::fromErrno(errno, "read temporary file");
            done += static_cast<std::size_t>(got);
        }
        for (WireReader reader(data); !reader.atEnd();) {
            std::string name = reader.text(data.size());
            const std::uint32_t hash = segmentOf(name, hashBits);
            names_.emplace_back(hash, std::move(name));
        }
    }
    sorted_ = false;
}

std::vector<std::string> NameSpool::segment(unsigned bits, std::uint32_t number) {
    if (!parts_.empty()) {
        const std::size_t part = number >> (bits - partBits);
        if (part != loaded_) loadPart(part);
        loaded_ = part;
    }
    if (!sorted_) std::ranges::sort(names_);
    sorted_ = true;
    // Where the names of a segment begin: the hash whose top bits are its number.
    const auto firstOf = [&](std::uint64_t segment) {
        const std::uint64_t hash = segment << (hashBits - bits);
        return std::ranges::lower_bound(
            names_, hash, {}, [](const HashedName& entry) { return std::uint64_t{entry.first}; });
    };
    std::vector<std::string> names;
    const auto end = firstOf(std::uint64_t{number} + 1);
    for (auto it = firstOf(number); it != end; ++it) names.push_back(it->second);
    std::ranges::sort(names);
    // A name that is removed and made again while a folder is listed can come twice.
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

}  // namespace coffer
