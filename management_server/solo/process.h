#pragma once

namespace coffer::solo {

/// Whether the program runs as root.
bool isRoot();

}  // namespace coffer::solo
