#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/base/digest.h"
#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/pipeline/journal.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "CofferJ0";
constexpr std::string_view endMagic = "CofferJe";
constexpr std::size_t headerSize = 8 + 16;
constexpr std::size_t frameSize = 4 + 8;                // length, check
constexpr std::size_t footerSize = 8 + 8 + 16 + 8 + 8;  // offset, count, snapshot, check, magic
constexpr std::uint64_t recordLimit = 64U << 20;
constexpr std::size_t bufferSize = 128U << 10;  // so much is lost when the process is killed

std::uint64_t shortHash(ByteView data) {
    std::uint64_t value;
    const Digest digest = sha256(data);
    std::memcpy(&value, digest.bytes.data(), sizeof value);
    return value;
}

std::uint64_t hashOf(const std::string& path, unsigned bits, std::uint32_t segment) {
    WireWriter writer;
    writer.raw(bytesOf(path));
    writer.u8(0);
    writer.u8(static_cast<std::uint8_t>(bits));
    writer.u32(segment);
    return shortHash(writer.bytes());
}

// A note about a segmented folder stands under a segment number that no record has.
constexpr unsigned noteBits = 255;

void writeAll(int fd, ByteView data) {
    while (!data.empty()) {
        const ssize_t written = ::write(fd, data.data(), data.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw Error::fromErrno(errno, "write journal");
        data = data.subspan(static_cast<std::size_t>(written));
    }
}

bool readExactly(int fd, std::uint64_t offset, std::span<std::uint8_t> out) {
    while (!out.empty()) {
        const ssize_t count = ::pread(fd, out.data(), out.size(), static_cast<off_t>(offset));
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return false;
        out = out.subspan(static_cast<std::size_t>(count));
        offset += static_cast<std::uint64_t>(count);
    }
    return true;
}

}  // namespace

JournalWriter::JournalWriter(const std::string& path, const RepositoryId& repository) {
    state_.with([&](State& state) {
        state.file = UniqueFd(::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
        if (!state.file) throw Error::fromErrno(errno, "create journal " + path);
        coffer::append(state.buffer, bytesOf(magic));
        coffer::append(state.buffer, repository.view());
        state.size = state.buffer.size();
    });
}

void JournalWriter::append(State& state, std::uint64_t hash, ByteView record) {
    WireWriter frame;
    frame.u32(static_cast<std::uint32_t>(record.size()));
    frame.u64(shortHash(record));
    state.index.emplace_back(hash, state.size);
    coffer::append(state.buffer, frame.bytes());
    coffer::append(state.buffer, record);
    state.size += frame.size() + record.size();
    if (state.buffer.size() >= bufferSize) write(state);
}

void JournalWriter::write(State& state) {
    writeAll(state.file.get(), state.buffer);
    state.buffer.clear();
}

void JournalWriter::add(ByteView record) {
    WireReader reader(record);
    const std::string path = reader.text(recordLimit);
    const unsigned bits = reader.u8();
    const std::uint64_t hash = hashOf(path, bits, reader.u32());
    state_.with([&](State& state) { append(state, hash, record); });
}

void JournalWriter::addSegmented(const std::string& path, unsigned bits) {
    WireWriter writer;
    writer.sized(path);
    writer.u8(noteBits);
    writer.u32(bits);
    const std::uint64_t hash = hashOf(path, noteBits, 0);
    state_.with([&](State& state) { append(state, hash, writer.bytes()); });
}

void JournalWriter::flush() {
    state_.with(write);
}

void JournalWriter::sync() {
    state_.with([](State& state) {
        write(state);
        if (::fdatasync(state.file.get()) != 0) throw Error::fromErrno(errno, "sync journal");
    });
}

void JournalWriter::finish(const SnapshotId& snapshot) {
    state_.with([&](State& state) {
        std::ranges::sort(state.index);
        WireWriter index;
        for (const auto& [hash, offset] : state.index) {
            index.u64(hash);
            index.u64(offset);
        }
        WireWriter footer;
        footer.u64(state.size);
        footer.u64(state.index.size());
        footer.raw(snapshot.view());
        footer.u64(shortHash(index.bytes()));
        footer.raw(bytesOf(endMagic));
        coffer::append(state.buffer, index.bytes());
        coffer::append(state.buffer, footer.bytes());
    });
    sync();
}

std::optional<JournalReader> JournalReader::open(const std::string& path,
                                                 const RepositoryId& repository) {
    JournalReader journal;
    journal.file_ = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!journal.file_ || !journal.load(repository)) return {};
    return journal;
}

bool JournalReader::load(const RepositoryId& repository) {
    struct stat info {};
    if (::fstat(file_.get(), &info) != 0) return false;
    const auto size = static_cast<std::uint64_t>(info.st_size);
    Bytes header(headerSize);
    if (size < headerSize || !readExactly(file_.get(), 0, header)) return false;
    if (textOf(ByteView(header).first(8)) != magic ||
        !std::ranges::equal(ByteView(header).subspan(8), repository.view())) {
        return false;
    }
    if (!loadIndex(size)) scan(size);
    return true;
}

bool JournalReader::loadIndex(std::uint64_t size) {
    Bytes footer(footerSize);
    if (size < headerSize + footerSize || !readExactly(file_.get(), size - footerSize, footer)) {
        return false;
    }
    WireReader reader(footer);
    const std::uint64_t offset = reader.u64();
    const std::uint64_t count = reader.u64();
    const auto snapshot = reader.id<SnapshotId>();
    const std::uint64_t check = reader.u64();
    if (textOf(reader.raw(8)) != endMagic || count > size / 16 ||
        offset + count * 16 + footerSize != size) {
        return false;
    }
    Bytes index(static_cast<std::size_t>(count * 16));
    if (!readExactly(file_.get(), offset, index) || shortHash(index) != check) return false;
    WireReader entries(index);
    index_.reserve(static_cast<std::size_t>(count));
    while (!entries.atEnd()) {
        const std::uint64_t hash = entries.u64();
        index_.emplace_back(hash, entries.u64());
    }
    snapshot_ = snapshot;
    return true;
}

// A journal without an end: takes the records up to the first that is not whole.
void JournalReader::scan(std::uint64_t size) {
    std::uint64_t offset = headerSize;
    while (offset < size) {
        const std::optional<Bytes> record = readRecord(offset);
        if (!record) break;
        try {
            WireReader reader(*record);
            const std::string path = reader.text(recordLimit);
            const unsigned bits = reader.u8();
            const std::uint32_t segment = reader.u32();
            index_.emplace_back(hashOf(path, bits, bits == noteBits ? 0 : segment), offset);
        } catch (const Error&) {
            break;
        }
        offset += frameSize + record->size();
    }
    std::ranges::sort(index_);
}

std::optional<Bytes> JournalReader::readRecord(std::uint64_t offset) const {
    Bytes frame(frameSize);
    if (!readExactly(file_.get(), offset, frame)) return {};
    WireReader reader(frame);
    const std::uint32_t size = reader.u32();
    const std::uint64_t check = reader.u64();
    if (size > recordLimit) return {};
    Bytes record(size);
    if (!readExactly(file_.get(), offset + frameSize, record) || shortHash(record) != check) {
        return {};
    }
    return record;
}

std::optional<JournalRecord> JournalReader::find(const JournalKey& key) const {
    const std::uint64_t hash = hashOf(key.path, key.bits, key.segment);
    // The last one counts: a folder that was looked at twice has changed in between.
    auto at = std::ranges::upper_bound(index_, std::pair(hash, ~std::uint64_t{0}));
    while (at != index_.begin() && (--at)->first == hash) {
        std::optional<Bytes> data = readRecord(at->second);
        if (!data) continue;
        try {
            JournalRecord record(std::move(*data));
            if (record.isFor(key)) return record;
        } catch (const Error&) {
            continue;
        }
    }
    return {};
}

unsigned JournalReader::segmentBits(const std::string& path) const {
    const std::uint64_t hash = hashOf(path, noteBits, 0);
    for (auto at = std::ranges::lower_bound(index_, std::pair(hash, std::uint64_t{0}));
         at != index_.end() && at->first == hash; ++at) {
        const std::optional<Bytes> data = readRecord(at->second);
        if (!data) continue;
        WireReader reader(*data);
        if (textOf(reader.sized(recordLimit)) != path || reader.u8() != noteBits) continue;
        const std::uint32_t bits = reader.u32();
        if (bits <= 32) return bits;
    }
    return 0;
}

}  // namespace coffer
