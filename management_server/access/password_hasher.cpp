#include "management_server/access/password_hasher.h"

#include <sodium.h>

#include <array>

#include "core/base/error.h"
#include "core/codec/sodium_ready.h"

namespace coffer {

namespace {

constexpr unsigned mostWorking = 2;
constexpr unsigned mostWaiting = 16;
constexpr std::uint32_t comeBackMs = 2'000;

}  // namespace

/// One of those who work, as long as it lives.
class Argon2Hasher::Turn {
  public:
    explicit Turn(Guarded<Load>& load) : load_(load) {
        load_.with([](Load& l) {
            if (l.waiting == mostWaiting) {
                throw Error(ErrorCode::limitExceeded, "too many log in at this moment")
                    .withRetryAfter(comeBackMs);
            }
            ++l.waiting;
        });
        load_.when([](const Load& l) { return l.working < mostWorking; },
                   [](Load& l) {
                       --l.waiting;
                       ++l.working;
                   });
    }
    ~Turn() {
        load_.change([](Load& l) { --l.working; });
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    Guarded<Load>& load_;
};

std::string Argon2Hasher::hash(const std::string& password) const {
    sodiumReady();
    const Turn turn(load_);
    std::array<char, crypto_pwhash_STRBYTES> kept{};
    if (crypto_pwhash_str_alg(kept.data(), password.data(), password.size(), cost_.passes,
                              cost_.memory, crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw Error(ErrorCode::limitExceeded, "no memory to hash a password")
            .withRetryAfter(comeBackMs);
    }
    return kept.data();
}

bool Argon2Hasher::matches(const std::string& kept, const std::string& password) const {
    sodiumReady();
    // The library reads an array of fixed length.
    std::array<char, crypto_pwhash_STRBYTES> text{};
    if (kept.size() >= text.size()) {
        throw Error(ErrorCode::corrupt, "a password hash of the wrong length");
    }
    kept.copy(text.data(), kept.size());
    const Turn turn(load_);
    return crypto_pwhash_str_verify(text.data(), password.data(), password.size()) == 0;
}

}  // namespace coffer
