#pragma once

#include <string_view>

#include "core/codec/sealed_box.h"
#include "core/codec/signature.h"
#include "rescue/ids.h"

namespace coffer::rescue {

/// What a recovery kit says, and the root keys that follow from it.
struct Kit {
    RepositoryId repository;
    BoxKeyPair rootBox;
    VerifyKey rootVerify;
};

/// A kit has some 1000 octets; a text over this is none.
constexpr std::size_t kitTextLimit = 1024 * 1024;

/// Reads a kit out of a text as people keep it (docs/formats/recovery-kit.md). Throws
/// Error(invalidArgument) naming the line with the typing error, or saying that it is no kit.
Kit readKit(std::string_view text);

}  // namespace coffer::rescue
