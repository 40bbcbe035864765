#include "management_server/access/protocol_level.h"

#include <algorithm>
#include <string>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr std::int32_t levelsBack = 2;

[[noreturn]] void refuse(std::int32_t level, std::int32_t own) {
    const std::string older = level < own ? "it" : "the server";
    throw Error(ErrorCode::unsupported, "the program speaks protocol level " +
                                            std::to_string(level) + ", this server " +
                                            std::to_string(oldestLevel(own)) + " to " +
                                            std::to_string(own) + ": update " + older);
}

}  // namespace

std::int32_t oldestLevel(std::int32_t own) {
    return std::max(1, own - levelsBack);
}

void checkLevel(std::int32_t level, std::int32_t own) {
    if (level < oldestLevel(own) || level > own) refuse(level, own);
}

std::int32_t commonLevel(std::int32_t level, std::int32_t own) {
    if (level < oldestLevel(own) || oldestLevel(level) > own) refuse(level, own);
    return std::min(level, own);
}

}  // namespace coffer
