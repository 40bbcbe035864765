#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

#include "core/base/error.h"
#include "tools/tree_compare/content.h"

namespace coffer::tree_compare {

namespace {

constexpr std::uint64_t blockOfReading = 1 << 18;
constexpr std::uint64_t smallestHole = 1 << 16;

// Where the next data or hole begins; the end of the file when there is none.
std::uint64_t seek(const Entry& file, std::uint64_t offset, int whence) {
    const auto found = ::lseek(file.fd.get(), static_cast<off_t>(offset), whence);
    if (found >= 0) return std::min(static_cast<std::uint64_t>(found), file.size);
    if (errno == ENXIO) return file.size;
    if (errno == EINVAL) return whence == SEEK_DATA ? offset : file.size;  // knows no holes
    throw Error::fromErrno(errno, "look for holes");
}

void readFully(const Entry& file, std::uint64_t offset, std::vector<char>& out) {
    for (std::size_t done = 0; done < out.size();) {
        const auto got = ::pread(file.fd.get(), out.data() + done, out.size() - done,
                                 static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) throw Error::fromErrno(errno, "read");
        if (got == 0) throw Error(ErrorCode::conflict, "became shorter while it was read");
        done += static_cast<std::size_t>(got);
    }
}

}  // namespace

std::optional<std::string> contentDifference(const Entry& a, const Entry& b) {
    std::vector<char> inA;
    std::vector<char> inB;
    for (std::uint64_t offset = 0; offset < a.size;) {
        if (a.size > blockOfReading) {
            offset = std::min(seek(a, offset, SEEK_DATA), seek(b, offset, SEEK_DATA));
        }
        inA.resize(std::min(blockOfReading, a.size - offset));
        inB.resize(inA.size());
        readFully(a, offset, inA);
        readFully(b, offset, inB);
        const auto first = std::mismatch(inA.begin(), inA.end(), inB.begin()).first;
        if (first != inA.end()) {
            const auto at = offset + static_cast<std::uint64_t>(first - inA.begin());
            return "content differs from octet " + std::to_string(at);
        }
        offset += inA.size();
    }
    return std::nullopt;
}

std::optional<std::string> holeDifference(const Entry& a, const Entry& b) {
    if (a.size < smallestHole) return std::nullopt;
    const auto block =
        std::clamp<std::uint64_t>(std::max(a.blockSize, b.blockSize), 1, smallestHole / 2);
    for (std::uint64_t offset = 0; offset < a.size;) {
        const auto begin = seek(a, offset, SEEK_HOLE);
        const auto end = seek(a, begin, SEEK_DATA);
        offset = end;
        if (end - begin < smallestHole) continue;
        const auto innerBegin = (begin + block - 1) / block * block;
        const auto innerEnd = end == a.size ? end : end / block * block;
        const auto data = seek(b, innerBegin, SEEK_DATA);
        if (data < innerEnd) {
            return "hole at " + std::to_string(begin) + ".." + std::to_string(end) +
                   " against data at " + std::to_string(data);
        }
    }
    return std::nullopt;
}

}  // namespace coffer::tree_compare
