#pragma once

#include <string>

#include "core/base/clock.h"
#include "core/codec/signature.h"
#include "core/storage/disk.h"
#include "core/update/update_package.h"

namespace coffer {

/// Makes the signed package `target` out of all files of a folder. Gives its head. Throws
/// Error(notFound) without the folder, (alreadyExists) when the target is there, and for what a
/// manifest does not take; what it has begun to write is removed then.
PackageHead makePackage(Disk& disk, const std::string& folder, const std::string& target,
                        const Version& version, Timestamp made, const SigningKey& key);

/// Reads a package from its beginning to its end. Throws Error(corrupt) and as readHead when
/// anything is not what its manifest says.
PackageHead checkPackage(Disk& disk, const std::string& package);

}  // namespace coffer
