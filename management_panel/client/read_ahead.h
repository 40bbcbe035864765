#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/cancel.h"
#include "idl/common.hh"

namespace coffer::client {

/// Octets asked for at a time.
constexpr std::uint32_t pieceLength = 1 << 20;

/// Octets as they came.
using Piece = std::unique_ptr<const Coffer::Octets>;

/// Gives the octets at `offset`: `length` of them, fewer only at the end. Called by as many threads
/// as requests are to be in flight.
using Fetch = std::function<Piece(std::uint64_t offset, std::uint32_t length)>;

/// Reads a file of unknown size from its beginning to its end and hands the pieces to `take` in
/// their order, on the caller's thread. More than one of the `requests` in flight pay when answers
/// are long on their way. What `fetch` or `take` throws ends it, once the requests under way have
/// come back. Throws Error(cancelled).
void readAhead(const Fetch& fetch, const std::function<void(ByteView)>& take,
               const CancelToken& cancel, unsigned requests = 2);

}  // namespace coffer::client
