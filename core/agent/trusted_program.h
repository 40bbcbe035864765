#pragma once

#include <string>

namespace coffer {

/// Throws Error(permissionDenied) that says why, unless `path` is a regular file that may be
/// executed, and nobody but root and this process's user can change or replace it: they own it and
/// every folder on the way, none of these is writable for group or others (a folder may be when it
/// is sticky, as /tmp), and no symbolic link is on the way. Throws Error(notFound).
void checkTrustedProgram(const std::string& path);

}  // namespace coffer
