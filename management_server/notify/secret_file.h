#pragma once

#include <string>

namespace coffer {

/// The secret that stands alone in a file, without the end of its line: 1 to 1,024 octets. Throws
/// Error(permissionDenied) when others than its owner may read the file, (notFound),
/// (invalidArgument) for one that is empty or has more than one line.
std::string readSecretFile(const std::string& path);

}  // namespace coffer
