#pragma once

#include <cstdint>

#include "idl/common.hh"

namespace coffer {

/// The oldest protocol level that a program of level `own` serves: two back, but not below 1.
std::int32_t oldestLevel(std::int32_t own = Coffer::protocolLevel);

/// Throws Error(unsupported), saying which side is the old one, unless a peer that speaks `level`
/// and nothing else can be served.
void checkLevel(std::int32_t level, std::int32_t own = Coffer::protocolLevel);

/// The level that two use who can both go back: the lower one. Throws Error(unsupported) when they
/// are more than two apart.
std::int32_t commonLevel(std::int32_t level, std::int32_t own = Coffer::protocolLevel);

}  // namespace coffer
