#pragma once

#include <string>

#include "core/codec/signature.h"

namespace coffer {

// A release key is a text file with the 64 hexadecimal digits of its seed.

/// Makes a new one; a file of mode 0600. Throws Error(alreadyExists).
SigningKey makeReleaseKey(const std::string& path);

/// Throws Error(permissionDenied) when others than its owner may read it, (corrupt), (notFound).
SigningKey readReleaseKey(const std::string& path);

}  // namespace coffer
