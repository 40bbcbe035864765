#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace coffer {

/// From when and until when a certificate holds.
struct Validity {
    Timestamp notBefore;
    Timestamp notAfter;
};

/// How long the certificate of an agent holds from when it is issued.
inline constexpr std::chrono::hours agentValidity{365 * 24};

/// A certificate holds so long before it is issued, for clocks that are behind.
inline constexpr std::chrono::hours validBefore{1};

/// Of the first certificate of a PEM text, of whatever kind. Throws Error(corrupt).
Validity validityOf(std::string_view pem);

/// "it holds from … to …", for people.
std::string textOf(const Validity& validity);

}  // namespace coffer
