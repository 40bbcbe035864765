#include "core/chunk/paired_hmac.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace coffer {

namespace {

using Block = std::array<std::uint8_t, sha256Block>;

void putBigEndian(std::uint64_t value, std::size_t octets, std::uint8_t* out) {
    for (std::size_t i = octets; i > 0; --i, value >>= 8) {
        out[i - 1] = static_cast<std::uint8_t>(value);
    }
}

Digest digestOf(const Sha256State& state) {
    Digest digest;
    for (std::size_t i = 0; i < state.size(); ++i) {
        putBigEndian(state[i], 4, digest.bytes.data() + 4 * i);
    }
    return digest;
}

Sha256State keyed(ByteView key, std::uint8_t mask) {
    Block block{};
    std::ranges::copy(key, block.begin());
    for (std::uint8_t& octet : block) octet ^= mask;
    Sha256State state = sha256Initial;
    sha256Blocks(state, block.data(), 1);
    return state;
}

/// One message on its way through the blocks of the inner hash and that of the outer one.
class Lane {
  public:
    void begin(const Sha256State& inner, std::uint8_t prefix, ByteView message) {
        state_ = inner;
        octets_ = sha256Block + 1 + message.size();
        edge_[0] = prefix;
        rest_ = message.subspan(fill(1, message));
        const std::size_t used = 1 + message.size() - rest_.size();
        stage_ = used == sha256Block ? Stage::body : Stage::outer;
        used == sha256Block ? run(edge_.data(), 1) : pad(used);
    }

    Sha256State& state() { return state_; }
    const std::uint8_t* blocks() const { return blocks_; }
    std::size_t count() const { return count_; }

    /// So many of the blocks are in the state. False when the last of all is.
    bool took(std::size_t count, const Sha256State& outer) {
        blocks_ += count * sha256Block;
        count_ -= count;
        return count_ > 0 || next(outer);
    }

  private:
    enum class Stage { body, outer, done };

    bool next(const Sha256State& outer) {
        if (stage_ == Stage::done) return false;
        if (stage_ == Stage::outer) {
            const Digest inner = digestOf(std::exchange(state_, outer));
            octets_ = sha256Block + inner.bytes.size();
            std::ranges::copy(inner.bytes, edge_.begin());
            stage_ = Stage::done;
            pad(inner.bytes.size());
        } else if (rest_.size() >= sha256Block) {
            const std::size_t whole = rest_.size() / sha256Block;
            run(rest_.data(), whole);
            rest_ = rest_.subspan(whole * sha256Block);
        } else {
            stage_ = Stage::outer;
            pad(fill(0, rest_));
        }
        return true;
    }

    // Copies what fits into the first block of the edge, from `at` on.
    std::size_t fill(std::size_t at, ByteView data) {
        const std::size_t size = std::min(data.size(), sha256Block - at);
        if (size > 0) std::memcpy(edge_.data() + at, data.data(), size);
        return size;
    }

    // The end of a message: FIPS 180-4, 5.1.1.
    void pad(std::size_t used) {
        const std::size_t blocks = used + 1 + 8 <= sha256Block ? 1 : 2;
        const std::size_t lengthAt = blocks * sha256Block - 8;
        edge_[used] = 0x80;
        std::memset(edge_.data() + used + 1, 0, lengthAt - used - 1);
        putBigEndian(std::uint64_t{octets_} * 8, 8, edge_.data() + lengthAt);
        run(edge_.data(), blocks);
    }

    void run(const std::uint8_t* blocks, std::size_t count) {
        blocks_ = blocks;
        count_ = count;
    }

    Sha256State state_{};
    std::size_t octets_ = 0;  // hashed with this state until the end, the key's block included
    ByteView rest_;
    Stage stage_ = Stage::done;
    std::array<std::uint8_t, 2 * sha256Block> edge_{};  // blocks that are not in the message
    const std::uint8_t* blocks_ = nullptr;
    std::size_t count_ = 0;
};

}  // namespace

PairedHmac::PairedHmac(ByteView key) : inner_(keyed(key, 0x36)), outer_(keyed(key, 0x5c)) {}

void PairedHmac::digests(std::uint8_t prefix, std::span<const ByteView> messages,
                         std::span<Digest> digests) const {
    struct Seat {
        Lane lane;
        std::size_t message = 0;
        bool taken = false;
    };
    std::array<Seat, 2> seats;
    std::size_t waiting = 0;
    const auto seat = [&](Seat& free) {
        free.taken = waiting < messages.size();
        if (!free.taken) return;
        free.message = waiting++;
        free.lane.begin(inner_, prefix, messages[free.message]);
    };
    const auto took = [&](Seat& from, std::size_t count) {
        if (from.lane.took(count, outer_)) return;
        digests[from.message] = digestOf(from.lane.state());
        seat(from);
    };
    for (Seat& each : seats) seat(each);
    while (seats[0].taken && seats[1].taken) {
        Lane& first = seats[0].lane;
        Lane& second = seats[1].lane;
        const std::size_t count = std::min(first.count(), second.count());
        sha256Blocks(first.state(), first.blocks(), second.state(), second.blocks(), count);
        for (Seat& each : seats) took(each, count);
    }
    for (Seat& each : seats) {
        while (each.taken) {
            const std::size_t count = each.lane.count();
            sha256Blocks(each.lane.state(), each.lane.blocks(), count);
            took(each, count);
        }
    }
}

}  // namespace coffer
