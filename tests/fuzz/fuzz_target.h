#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>

#include "core/base/bytes.h"
#include "core/base/error.h"

// What libFuzzer calls with every input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace coffer {

/// Ends the program, which libFuzzer takes for a finding, unless `holds`.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

/// Runs `work`, which may refuse its input with an Error, but never with one that says that Coffer
/// itself has a defect. Any other exception ends the program.
template <class Work>
void mayRefuse(Work&& work) {
    try {
        work();
    } catch (const Error& error) {
        require(error.code() != ErrorCode::internal, error.what());
    }
}

}  // namespace coffer
