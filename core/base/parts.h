#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace coffer {

/// What stands between separators, as it is; of an empty text one empty part.
std::vector<std::string> partsOf(std::string_view text, char separator);

}  // namespace coffer
