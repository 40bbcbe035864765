#pragma once

#include <string_view>

#include "core/base/bytes.h"
#include "core/base/wire.h"
#include "core/codec/signature.h"

namespace coffer {

// What all small objects of a repository share: an 8-octet magic, a format version, and for signed
// ones an Ed25519 signature over everything before it at the end.

WireWriter beginObject(std::string_view magic, std::uint16_t version);

/// Throws Error(unsupported) unless an object of version `found` is of the one that is known, and
/// says which of the two is the older.
void checkVersion(std::uint64_t found, std::uint64_t known);

/// Checks magic and version; gives a reader behind them. Throws Error(corrupt), or (unsupported)
/// for another version than `version`.
WireReader openObject(ByteView data, std::string_view magic, std::uint16_t version);

/// The written octets with the signature behind them.
Bytes signObject(WireWriter& writer, const SigningKey& key, std::string_view purpose);

/// To be called when `reader` has read all but the signature of `data`.
void checkObjectSignature(ByteView data, WireReader& reader, const VerifyKey& key,
                          std::string_view purpose);

}  // namespace coffer
