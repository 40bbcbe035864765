#pragma once

#include <fstream>
#include <string>

namespace coffer {

/// Damages a file for sure: a letter written over a random octet would be the same once in 256.
inline void flipBit(const std::string& file, std::streamoff at) {
    std::fstream octets(file, std::ios::in | std::ios::out | std::ios::binary);
    octets.seekg(at);
    const int before = octets.get();
    octets.seekp(at);
    octets.put(static_cast<char>(before ^ 1));
}

}  // namespace coffer
