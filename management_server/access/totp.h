#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/clock.h"

namespace coffer {

// Codes of a second factor as authenticator programs make them: TOTP (RFC 6238) over HMAC-SHA-1,
// six digits, a new one every 30 seconds.

/// The code of a step (HOTP, RFC 4226): `digits` 6 to 8, with leading zeros.
std::string oneTimeCode(ByteView secret, std::uint64_t step, unsigned digits = 6);

/// The step of a moment; times before 1970 count as 1970.
std::uint64_t codeStep(Timestamp now);

/// The step whose code it is: of now, one before or one after it, but later than `used`. Nothing
/// when it is none of them.
std::optional<std::uint64_t> stepOfCode(ByteView secret, const std::string& code, Timestamp now,
                                        std::uint64_t used);

/// RFC 4648, upper case, without padding.
std::string toBase32(ByteView octets);

/// "otpauth://totp/Coffer:ann?secret=…&issuer=Coffer", which authenticators read as a QR code.
std::string codeUri(const std::string& user, ByteView secret);

}  // namespace coffer
