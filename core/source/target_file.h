#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/source/restore_target.h"
#include "core/source/target_folders.h"

namespace coffer {

struct TargetFileOptions {
    bool restoreOwner = false;
    std::optional<std::uint32_t> umask;  // of the process, when it is known
};

/// Creates the file `name`, which must not exist, in the open folder. It has its final permission
/// bits from the start where nobody else can get in, and is closed to others elsewhere.
/// `path` is for error texts. Safe to call from any thread.
std::unique_ptr<FileWriter> createTargetFile(const TargetFolder& folder, const std::string& name,
                                             const std::string& path, const Attributes& attributes,
                                             const TargetFileOptions& options);

}  // namespace coffer
