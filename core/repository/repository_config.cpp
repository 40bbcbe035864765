#include "core/repository/repository_config.h"

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/repository/config_format.h"
#include "core/repository/envelope.h"
#include "core/storage/object_store.h"

namespace coffer {

namespace format = config_format;

Bytes RepositoryConfig::encode(const RootKey& root) const {
    WireWriter writer = beginObject(format::configMagic, format::formatVersion);
    writer.u64(flags.incompatible);
    writer.u64(flags.readOnlyCompatible);
    writer.u64(flags.compatible);
    writer.raw(repositoryId.view());
    writer.time(created);
    writer.u32(chunker.minimumSize);
    writer.u32(chunker.averageSize);
    writer.u32(chunker.maximumSize);
    writer.raw(rootBox.view());
    writer.raw(rootSign.view());
    writer.raw(content.view());
    writer.raw(metadata.view());
    writer.raw(server.view());
    return signObject(writer, root.sign, format::configPurpose);
}

RepositoryConfig RepositoryConfig::read(ObjectStore& store) {
    return decode(readAll(store, format::configName, format::configLimit));
}

void RepositoryConfig::requireWritable() const {
    if (flags.readOnlyCompatible == 0) return;
    throw Error(ErrorCode::unsupported,
                "the repository uses features that this version can only read");
}

RepositoryConfig RepositoryConfig::decode(ByteView data) {
    return during("repository config", [&] {
        WireReader reader = openObject(data, format::configMagic, format::formatVersion);
        RepositoryConfig config;
        config.flags.incompatible = reader.u64();
        if (config.flags.incompatible != 0) {
            throw Error(ErrorCode::unsupported,
                        "the repository uses features that this version does not know");
        }
        config.flags.readOnlyCompatible = reader.u64();
        config.flags.compatible = reader.u64();
        config.repositoryId = reader.id<RepositoryId>();
        config.created = reader.time();
        config.chunker.minimumSize = reader.u32();
        config.chunker.averageSize = reader.u32();
        config.chunker.maximumSize = reader.u32();
        config.chunker.check();
        config.rootBox = reader.id<BoxPublicKey>();
        config.rootSign = reader.id<VerifyKey>();
        config.content = reader.id<BoxPublicKey>();
        config.metadata = reader.id<BoxPublicKey>();
        config.server = reader.id<VerifyKey>();
        checkObjectSignature(data, reader, config.rootSign, format::configPurpose);
        return config;
    });
}

}  // namespace coffer
