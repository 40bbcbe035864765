#include "management_panel/client/read_ahead.h"

#include <gtest/gtest.h>

#include "core/rpc/convert.h"
#include "tests/support/expect_error.h"

namespace coffer::client {
namespace {

// A file whose octets tell where they stand.
Bytes contentOf(std::size_t size) {
    Bytes data(size);
    for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<std::uint8_t>(i / 1'000 + i);
    return data;
}

Piece pieceOf(ByteView data) {
    return std::make_unique<Coffer::Octets>(rpc::toOctets(data));
}

Fetch fetchFrom(const Bytes& content) {
    return [&content](std::uint64_t offset, std::uint32_t length) {
        const std::size_t first = std::min<std::size_t>(offset, content.size());
        return pieceOf(ByteView(content).subspan(
            first, std::min<std::size_t>(length, content.size() - first)));
    };
}

class ReadAhead : public testing::TestWithParam<std::size_t> {};

TEST_P(ReadAhead, givesPiecesInOrder) {
    const Bytes content = contentOf(GetParam());
    const CancelToken cancel;
    for (const unsigned requests : {1U, 2U, 3U}) {
        Bytes got;
        readAhead(
            fetchFrom(content), [&](ByteView data) { append(got, data); }, cancel, requests);
        EXPECT_EQ(got, content) << requests;
    }
}

INSTANTIATE_TEST_SUITE_P(Sizes, ReadAhead,
                         testing::Values(0, 1, pieceLength - 1, pieceLength, pieceLength + 1,
                                         2 * pieceLength, 5 * pieceLength + 17));

TEST(ReadAheadFailures, whatFetchThrowsArrives) {
    const CancelToken cancel;
    const auto fetch = [](std::uint64_t offset, std::uint32_t length) {
        if (offset >= 3 * pieceLength) throw Error(ErrorCode::unavailable, "the agent went away");
        return pieceOf(Bytes(length));
    };
    std::size_t taken = 0;
    expectError(
        ErrorCode::unavailable,
        [&] {
            readAhead(
                fetch, [&](ByteView data) { taken += data.size(); }, cancel);
        },
        "the agent went away");
    EXPECT_LE(taken, 3 * pieceLength);
}

TEST(ReadAheadFailures, whatTakeThrowsArrives) {
    const CancelToken cancel;
    const auto fetch = [](std::uint64_t, std::uint32_t length) { return pieceOf(Bytes(length)); };
    const auto take = [](ByteView) { throw Error(ErrorCode::noSpace, "full"); };
    expectError(ErrorCode::noSpace, [&] { readAhead(fetch, take, cancel); });
}

TEST(ReadAheadFailures, stopsWhenAsked) {
    CancelToken cancel;
    const auto fetch = [](std::uint64_t, std::uint32_t length) { return pieceOf(Bytes(length)); };
    expectError(ErrorCode::cancelled, [&] {
        readAhead(
            fetch, [&](ByteView) { cancel.request(); }, cancel);
    });
}

}  // namespace
}  // namespace coffer::client
