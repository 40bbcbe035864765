#include "core/repository/store_mark.h"

#include "core/base/error.h"
#include "core/repository/config_format.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace format = config_format;

void writeStoreMark(ObjectStore& store, const StoreMark& mark) {
    WireWriter writer = beginObject(format::storeMagic, format::formatVersion);
    writer.raw(mark.store.view());
    writer.raw(mark.repository.view());
    writer.u8(static_cast<std::uint8_t>(mark.kind));
    store.put(format::storeName, writer.bytes());
}

StoreMark readStoreMark(ObjectStore& store) {
    const Bytes object = readAll(store, format::storeName, format::configLimit);
    return during(format::storeName, [&] {
        WireReader reader = openObject(object, format::storeMagic, format::formatVersion);
        StoreMark mark;
        mark.store = reader.id<StoreId>();
        mark.repository = reader.id<RepositoryId>();
        mark.kind = static_cast<StoreMark::Kind>(reader.u8());
        if (mark.kind != StoreMark::Kind::original && mark.kind != StoreMark::Kind::replica) {
            throw Error(ErrorCode::corrupt, "a kind of store that there is not");
        }
        reader.expectEnd();
        return mark;
    });
}

bool isReplica(ObjectStore& store) {
    try {
        return readStoreMark(store).kind == StoreMark::Kind::replica;
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound && error.code() != ErrorCode::corrupt) throw;
        return false;
    }
}

}  // namespace coffer
