#pragma once

namespace coffer {

/// Initialises libsodium once; every file that calls it does this first. Safe to share.
void sodiumReady();

}  // namespace coffer
