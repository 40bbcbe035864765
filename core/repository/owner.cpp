#include "core/repository/owner.h"

#include "core/repository/config_format.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace format = config_format;

void writeOwner(ObjectStore& store, const OwnerRecord& owner, const SigningKey& server) {
    WireWriter writer = beginObject(format::ownerMagic, format::formatVersion);
    writer.raw(owner.owner.view());
    writer.u64(owner.epoch);
    store.put(format::ownerName, signObject(writer, server, format::ownerPurpose));
}

OwnerRecord decodeOwner(ByteView object, const VerifyKey& server) {
    WireReader reader = openObject(object, format::ownerMagic, format::formatVersion);
    OwnerRecord owner;
    owner.owner = reader.id<OwnerId>();
    owner.epoch = reader.u64();
    checkObjectSignature(object, reader, server, format::ownerPurpose);
    return owner;
}

OwnerRecord readOwner(ObjectStore& store, const VerifyKey& server) {
    return decodeOwner(readAll(store, format::ownerName, format::configLimit), server);
}

}  // namespace coffer
