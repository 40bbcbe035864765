#include "tests/core/codec/allocation_watch.h"

#include <algorithm>
#include <cstdlib>
#include <new>

namespace coffer {
std::size_t largestAllocation = 0;
}

void* operator new(std::size_t size) {
    coffer::largestAllocation = std::max(coffer::largestAllocation, size);
    if (void* memory = std::malloc(size)) return memory;
    throw std::bad_alloc();
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
