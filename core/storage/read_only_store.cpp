#include "core/storage/read_only_store.h"

#include <string>

#include "core/base/error.h"

namespace coffer {

namespace {

[[noreturn]] void refuse(std::string_view name) {
    checkObjectName(name);
    throw Error(ErrorCode::permissionDenied,
                "object " + std::string(name) + " is in a store that was opened for reading only");
}

}  // namespace

std::unique_ptr<ObjectWriter> ReadOnlyStore::create(std::string_view name) {
    refuse(name);
}

void ReadOnlyStore::put(std::string_view name, ByteView) {
    refuse(name);
}

void ReadOnlyStore::remove(std::string_view name) {
    refuse(name);
}

}  // namespace coffer
