#include "core/base/random.h"

#include <openssl/rand.h>

#include "core/base/error.h"

namespace coffer {

void fillRandom(std::span<std::uint8_t> out) {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
        throw Error(ErrorCode::internal, "no random numbers from the system");
    }
}

}  // namespace coffer
