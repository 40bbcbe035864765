#include "core/storage/object_store.h"

#include "core/base/error.h"

namespace coffer {

namespace {

std::uint64_t sizeOf(ObjectStore& store, std::string_view name) {
    if (const std::optional<std::uint64_t> size = store.size(name)) return *size;
    throw Error(ErrorCode::notFound, "no such object: " + std::string(name));
}

}  // namespace

// The object may be replaced between the question for its size and the read, which would then
// yield a part of the new one or fail: the size before and after must be the same.
Bytes readAll(ObjectStore& store, std::string_view name, std::uint64_t limit) {
    for (std::uint64_t size = sizeOf(store, name);;) {
        if (size > limit) {
            throw Error(ErrorCode::limitExceeded,
                        "object " + std::string(name) + " of " + std::to_string(size) +
                            " octets is over the limit of " + std::to_string(limit));
        }
        Bytes data(static_cast<std::size_t>(size));
        try {
            store.read(name, 0, data);
        } catch (const Error& error) {
            if (error.code() != ErrorCode::corrupt || sizeOf(store, name) == size) throw;
        }
        const std::uint64_t sizeAfter = sizeOf(store, name);
        if (sizeAfter == size) return data;
        size = sizeAfter;
    }
}

void putNew(ObjectStore& store, std::string_view name, ByteView data) {
    const std::unique_ptr<ObjectWriter> writer = store.create(name);
    writer->append(data);
    writer->commit();
}

void removeIfThere(ObjectStore& store, std::string_view name) {
    try {
        store.remove(name);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
    }
}

}  // namespace coffer
