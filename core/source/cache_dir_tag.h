#pragma once

#include "core/source/data_source.h"

namespace coffer {

/// Whether the folder is marked as a cache, which need not be backed up: it holds a regular file
/// CACHEDIR.TAG that begins with the signature of https://bford.info/cachedir/. A tag that cannot
/// be read marks nothing.
bool hasCacheDirTag(Folder& folder);

}  // namespace coffer
