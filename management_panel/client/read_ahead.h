#pragma once

#include <cstdint>
#include <functional>

#include "core/base/bytes.h"
#include "core/base/cancel.h"

namespace coffer::client {

/// Octets asked for at a time.
constexpr std::uint32_t pieceLength = 1 << 20;

/// Gives the octets at `offset`: `length` of them, fewer only at the end. Called by two threads.
using Fetch = std::function<Bytes(std::uint64_t offset, std::uint32_t length)>;

/// Reads a file of unknown size from its beginning to its end, two requests in flight, and hands
/// the pieces to `take` in their order, on the caller's thread. What either throws ends it, once
/// the requests under way have come back. Throws Error(cancelled).
void readAhead(const Fetch& fetch, const std::function<void(ByteView)>& take,
               const CancelToken& cancel);

}  // namespace coffer::client
