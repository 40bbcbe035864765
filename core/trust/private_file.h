#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace coffer {

/// The whole of a small text file (PEM, fingerprint). Throws Error(notFound), (limitExceeded).
std::string readTextFile(const std::string& path, std::size_t mostMiB = 1);

/// Puts a file of mode 0600 in place at once: readers see the old one or the new one, also after a
/// crash.
void writePrivateFile(const std::string& path, std::string_view text);

/// Makes a folder of mode 0700 unless it is there. Its parent has to exist.
void makePrivateFolder(const std::string& path);

}  // namespace coffer
