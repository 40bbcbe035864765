#pragma once

#include <optional>

#include "core/codec/signature.h"
#include "core/repository/manifest_record.h"
#include "core/storage/object_store.h"

namespace coffer {

// The owner object says which server state may write to a repository. Taking over replaces it, so a
// former server that comes back to life finds itself locked out before it can do harm.

void writeOwner(ObjectStore& store, const OwnerRecord& owner, const SigningKey& server);

/// Throws Error(corrupt), (untrusted).
OwnerRecord decodeOwner(ByteView object, const VerifyKey& server);

/// Throws Error(notFound) and what decodeOwner() throws.
OwnerRecord readOwner(ObjectStore& store, const VerifyKey& server);

}  // namespace coffer
