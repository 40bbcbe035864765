#include "core/chunk/sha256_blocks.h"

#include "core/base/error.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

namespace coffer {

namespace {

alignas(16) constexpr std::uint32_t roundConstants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

// The instructions want the words of the state as a, b, e, f and c, d, g, h, the first one on top.
struct Halves {
    __m128i abef;
    __m128i cdgh;
};

__attribute__((target("sse4.1,sha"))) inline Halves load(const Sha256State& state) {
    const auto word = [&](std::size_t i) { return static_cast<int>(state[i]); };
    return {_mm_set_epi32(word(0), word(1), word(4), word(5)),
            _mm_set_epi32(word(2), word(3), word(6), word(7))};
}

__attribute__((target("sse4.1,sha"))) inline void store(const Halves& halves, Sha256State& state) {
    const auto word = [](int value) { return static_cast<std::uint32_t>(value); };
    state = {word(_mm_extract_epi32(halves.abef, 3)), word(_mm_extract_epi32(halves.abef, 2)),
             word(_mm_extract_epi32(halves.cdgh, 3)), word(_mm_extract_epi32(halves.cdgh, 2)),
             word(_mm_extract_epi32(halves.abef, 1)), word(_mm_extract_epi32(halves.abef, 0)),
             word(_mm_extract_epi32(halves.cdgh, 1)), word(_mm_extract_epi32(halves.cdgh, 0))};
}

// Everything is unrolled, so that states and message words stay in registers.
template <std::size_t lanes>
__attribute__((target("sse4.1,sha"))) void compress(const std::array<Sha256State*, lanes>& states,
                                                    std::array<const std::uint8_t*, lanes> blocks,
                                                    std::size_t count) {
    const __m128i bigEndian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    Halves state[lanes];
#pragma GCC unroll 2
    for (std::size_t lane = 0; lane < lanes; ++lane) state[lane] = load(*states[lane]);
    for (; count > 0; --count) {
        Halves before[lanes];
        __m128i words[lanes][4];
#pragma GCC unroll 2
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            before[lane] = state[lane];
            const auto* block = reinterpret_cast<const __m128i*>(blocks[lane]);
#pragma GCC unroll 4
            for (std::size_t i = 0; i < 4; ++i) {
                words[lane][i] = _mm_shuffle_epi8(_mm_loadu_si128(block + i), bigEndian);
            }
            blocks[lane] += sha256Block;
        }
#pragma GCC unroll 16
        for (std::size_t four = 0; four < 16; ++four) {
            const __m128i constants =
                _mm_load_si128(reinterpret_cast<const __m128i*>(roundConstants + 4 * four));
#pragma GCC unroll 2
            for (std::size_t lane = 0; lane < lanes; ++lane) {
                auto& [abef, cdgh] = state[lane];
                __m128i& word = words[lane][four % 4];
                const __m128i next = words[lane][(four + 1) % 4];
                const __m128i last = words[lane][(four + 3) % 4];
                const __m128i sum = _mm_add_epi32(word, constants);
                cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
                abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
                if (four >= 12) continue;
                const __m128i seventh = _mm_alignr_epi8(last, words[lane][(four + 2) % 4], 4);
                word = _mm_sha256msg2_epu32(
                    _mm_add_epi32(_mm_sha256msg1_epu32(word, next), seventh), last);
            }
        }
#pragma GCC unroll 2
        for (std::size_t lane = 0; lane < lanes; ++lane) {
            state[lane].abef = _mm_add_epi32(state[lane].abef, before[lane].abef);
            state[lane].cdgh = _mm_add_epi32(state[lane].cdgh, before[lane].cdgh);
        }
    }
#pragma GCC unroll 2
    for (std::size_t lane = 0; lane < lanes; ++lane) store(state[lane], *states[lane]);
}

bool askProcessor() {
    unsigned a = 0;
    unsigned b = 0;
    unsigned c = 0;
    unsigned d = 0;
    constexpr unsigned sse41 = 1U << 19;
    constexpr unsigned sha = 1U << 29;
    if (!::__get_cpuid(1, &a, &b, &c, &d) || (c & sse41) == 0) return false;
    return ::__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & sha) != 0;
}

}  // namespace

bool haveSha256Instructions() {
    static const bool have = askProcessor();
    return have;
}

void sha256Blocks(Sha256State& state, const std::uint8_t* blocks, std::size_t count) {
    compress<1>({&state}, {blocks}, count);
}

void sha256Blocks(Sha256State& first, const std::uint8_t* blocksOfFirst, Sha256State& second,
                  const std::uint8_t* blocksOfSecond, std::size_t count) {
    compress<2>({&first, &second}, {blocksOfFirst, blocksOfSecond}, count);
}

}  // namespace coffer

#else

namespace coffer {

bool haveSha256Instructions() {
    return false;
}

void sha256Blocks(Sha256State&, const std::uint8_t*, std::size_t) {
    throw Error(ErrorCode::unsupported, "this processor has no instructions for SHA-256");
}

void sha256Blocks(Sha256State&, const std::uint8_t*, Sha256State&, const std::uint8_t*,
                  std::size_t) {
    throw Error(ErrorCode::unsupported, "this processor has no instructions for SHA-256");
}

}  // namespace coffer

#endif
