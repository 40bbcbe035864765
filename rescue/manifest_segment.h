#pragma once

#include <functional>
#include <string>

#include "core/codec/signature.h"
#include "rescue/problem_report.h"

namespace coffer::rescue {

constexpr std::size_t segmentLimit = 1024 * 1024;

/// Calls `each` with the body of every record of a manifest segment whose signature by `server`
/// holds, in order. Where one does not hold it looks for the next one that does, octet by octet,
/// and reports the octets between as damaged.
void readSegment(ByteView segment, const VerifyKey& server, ProblemReport& report,
                 const std::function<void(ByteView body)>& each);

}  // namespace coffer::rescue
