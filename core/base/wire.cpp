#include "core/base/wire.h"

#include "core/base/error.h"

namespace coffer {

namespace {
[[noreturn]] void corrupt(const std::string& message) {
    throw Error(ErrorCode::corrupt, message);
}
}  // namespace

void WireWriter::fixed(std::uint64_t value, int octets) {
    for (int i = 0; i < octets; ++i) u8(static_cast<std::uint8_t>(value >> (8 * i)));
}

void WireWriter::varint(std::uint64_t value) {
    while (value >= 0x80) {
        u8(static_cast<std::uint8_t>(value | 0x80));
        value >>= 7;
    }
    u8(static_cast<std::uint8_t>(value));
}

void WireWriter::zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ (value < 0 ? ~std::uint64_t{0} : 0));
}

void WireWriter::sized(ByteView data) {
    varint(data.size());
    raw(data);
}

void WireWriter::time(Timestamp time) {
    zigzag(time.seconds);
    varint(time.nanoseconds);
}

std::uint64_t WireReader::fixed(std::size_t octets) {
    const ByteView data = raw(octets);
    std::uint64_t value = 0;
    for (std::size_t i = octets; i-- > 0;) value = value << 8 | data[i];
    return value;
}

std::uint64_t WireReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
        const std::uint8_t octet = u8();
        if (shift == 63 && octet > 1) corrupt("a number over 64 bits");
        value |= static_cast<std::uint64_t>(octet & 0x7f) << shift;
        if (octet < 0x80) {
            if (octet == 0 && shift != 0) corrupt("a number not in its shortest form");
            return value;
        }
    }
}

std::int64_t WireReader::zigzag() {
    const std::uint64_t value = varint();
    return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

ByteView WireReader::raw(std::size_t size) {
    if (size > rest_.size()) corrupt("data ends too early");
    const ByteView data = rest_.first(size);
    rest_ = rest_.subspan(size);
    return data;
}

ByteView WireReader::sized(std::uint64_t limit) {
    const std::uint64_t size = bounded(limit, "length");
    return raw(static_cast<std::size_t>(size));
}

Timestamp WireReader::time() {
    Timestamp time;
    time.seconds = zigzag();
    time.nanoseconds = static_cast<std::uint32_t>(bounded(999'999'999, "nanoseconds"));
    return time;
}

std::uint64_t WireReader::bounded(std::uint64_t limit, std::string_view what) {
    const std::uint64_t value = varint();
    if (value > limit) {
        corrupt(std::string(what) + " " + std::to_string(value) + " is over the limit of " +
                std::to_string(limit));
    }
    return value;
}

std::size_t WireReader::count(std::size_t minimumSize, std::string_view what) {
    const std::uint64_t value = varint();
    if (value > rest_.size() / minimumSize) {
        corrupt(std::string(what) + " " + std::to_string(value) +
                " is more than the data can hold");
    }
    return static_cast<std::size_t>(value);
}

void WireReader::expectEnd() const {
    if (!rest_.empty()) corrupt("unexpected data after the end");
}

}  // namespace coffer
