#include "core/codec/sodium_ready.h"

#include <sodium.h>

#include "core/base/error.h"

namespace coffer {

void sodiumReady() {
    static const int result = sodium_init();
    if (result < 0) throw Error(ErrorCode::internal, "libsodium does not start");
}

}  // namespace coffer
