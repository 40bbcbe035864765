#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/bytes.h"
#include "core/base/clock.h"
#include "core/base/digest.h"

namespace coffer {

/// Writes the primitive encodings all formats are made of (docs/formats/primitives.md):
/// little-endian fixed integers, LEB128 varints, length-prefixed octets. Used by one thread.
class WireWriter {
  public:
    void u8(std::uint8_t value) { bytes_.push_back(value); }
    void u16(std::uint16_t value) { fixed(value, 2); }
    void u32(std::uint32_t value) { fixed(value, 4); }
    void u64(std::uint64_t value) { fixed(value, 8); }
    void varint(std::uint64_t value);
    void zigzag(std::int64_t value);  // signed varint
    void raw(ByteView data) { append(bytes_, data); }
    void sized(ByteView data);  // varint length, then the octets
    void sized(std::string_view text) { sized(bytesOf(text)); }
    void time(Timestamp time);  // zigzag seconds, varint nanoseconds

    std::size_t size() const { return bytes_.size(); }
    const Bytes& bytes() const { return bytes_; }
    Bytes take() { return std::move(bytes_); }

  private:
    void fixed(std::uint64_t value, int octets);
    Bytes bytes_;
};

/// Reads what WireWriter wrote, out of bytes nobody vouches for: every read is bounds-checked and
/// throws Error(corrupt); varints must be canonical (shortest form). Borrows its input.
class WireReader {
  public:
    explicit WireReader(ByteView data) : rest_(data) {}

    std::uint8_t u8() { return static_cast<std::uint8_t>(fixed(1)); }
    std::uint16_t u16() { return static_cast<std::uint16_t>(fixed(2)); }
    std::uint32_t u32() { return static_cast<std::uint32_t>(fixed(4)); }
    std::uint64_t u64() { return fixed(8); }
    std::uint64_t varint();
    std::int64_t zigzag();
    ByteView raw(std::size_t size);
    ByteView sized(std::uint64_t limit);  // Error(corrupt) when the length is over `limit`
    std::string text(std::uint64_t limit) { return std::string(textOf(sized(limit))); }
    Timestamp time();

    template <class IdType>
    IdType id() {
        return IdType::from(raw(sizeof(IdType::bytes)));
    }

    /// A varint that must not be over `limit`.
    std::uint64_t bounded(std::uint64_t limit, std::string_view what);

    /// A count of items of at least `minimumSize` octets each: refused when the rest of the input
    /// cannot hold them, so that nothing is allocated for a count that lies.
    std::size_t count(std::size_t minimumSize, std::string_view what);

    std::size_t remaining() const { return rest_.size(); }
    bool atEnd() const { return rest_.empty(); }
    void expectEnd() const;

  private:
    std::uint64_t fixed(std::size_t octets);
    ByteView rest_;
};

}  // namespace coffer
