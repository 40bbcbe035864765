#pragma once

#include <functional>
#include <optional>

#include "core/base/error.h"
#include "core/base/retry.h"
#include "core/repository/repository_contents.h"

namespace coffer {

/// Told of each stretch of octets that went through; may throw to stop.
using OctetsDone = std::function<void(std::uint64_t octets)>;

/// Reads an object whole. Throws Error(corrupt) when it is not the one named, (notFound),
/// (ioError).
void checkObject(ObjectStore& store, const NamedObject& object, const OctetsDone& done);

/// Copies an object, checking what is read on the way, and replaces one of that name. Durable when
/// it returns. Gives what is wrong in `from`; then nothing was changed. Throws what is wrong in
/// `to`, and Error(cancelled). A passing fault makes it begin anew.
std::optional<Error> copyObject(ObjectStore& from, ObjectStore& to, const NamedObject& object,
                                const Retry& retry, const OctetsDone& done);

}  // namespace coffer
