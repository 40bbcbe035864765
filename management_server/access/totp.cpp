#include "management_server/access/totp.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::int64_t stepSeconds = 30;
constexpr std::size_t digestSize = 20;

std::array<std::uint8_t, digestSize> hmacSha1(ByteView key, ByteView text) {
    std::array<std::uint8_t, digestSize> digest{};
    unsigned length = 0;
    if (!HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), text.data(), text.size(),
              digest.data(), &length) ||
        length != digestSize) {
        throw Error(ErrorCode::internal, "HMAC-SHA-1 failed");
    }
    return digest;
}

// Takes the same time whatever differs.
bool isSame(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        difference |= static_cast<unsigned>(a[i] ^ b[i]);
    }
    return difference == 0;
}

}  // namespace

std::string oneTimeCode(ByteView secret, std::uint64_t step, unsigned digits) {
    std::array<std::uint8_t, 8> counter{};
    for (std::size_t i = 0; i < counter.size(); ++i) {
        counter.at(i) = static_cast<std::uint8_t>(step >> (56 - 8 * i));
    }
    const auto digest = hmacSha1(secret, counter);
    const std::size_t at = digest.back() & 0x0FU;
    std::uint32_t number = digest.at(at) & 0x7FU;
    for (std::size_t i = 1; i < 4; ++i) number = (number << 8) | digest.at(at + i);
    std::string code(digits, '0');
    for (auto digit = code.rbegin(); digit != code.rend(); ++digit, number /= 10) {
        *digit = static_cast<char>('0' + number % 10);
    }
    return code;
}

std::uint64_t codeStep(Timestamp now) {
    return static_cast<std::uint64_t>(std::max<std::int64_t>(0, now.seconds)) / stepSeconds;
}

std::optional<std::uint64_t> stepOfCode(ByteView secret, const std::string& code, Timestamp now,
                                        std::uint64_t used) {
    const std::uint64_t present = codeStep(now);
    std::optional<std::uint64_t> found;
    for (std::uint64_t step = present == 0 ? 0 : present - 1; step <= present + 1; ++step) {
        if (isSame(oneTimeCode(secret, step), code) && step > used) found = step;
    }
    return found;
}

std::string toBase32(ByteView octets) {
    constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    std::string text;
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const std::uint8_t octet : octets) {
        bits = (bits << 8) | octet;
        for (count += 8; count >= 5; count -= 5) text += letters[(bits >> (count - 5)) & 31U];
    }
    if (count > 0) text += letters[(bits << (5 - count)) & 31U];
    return text;
}

std::string codeUri(const std::string& user, ByteView secret) {
    return "otpauth://totp/Coffer:" + user + "?secret=" + toBase32(secret) + "&issuer=Coffer";
}

}  // namespace coffer
