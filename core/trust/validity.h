#pragma once

#include <string>
#include <string_view>

#include "core/base/clock.h"

namespace coffer {

/// From when and until when a certificate holds.
struct Validity {
    Timestamp notBefore;
    Timestamp notAfter;
};

/// Of the first certificate of a PEM text, of whatever kind. Throws Error(corrupt).
Validity validityOf(std::string_view pem);

/// "it holds from … to …", for people.
std::string textOf(const Validity& validity);

}  // namespace coffer
