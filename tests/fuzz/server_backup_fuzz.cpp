// What is sealed as a part of a server's own backup, and the head and lengths around it.
#include "core/repository/server_backup.h"
#include "core/repository/server_backup_keys.h"
#include "core/storage/memory_store.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const ByteView octets{data + 1, size - 1};
    mayRefuse([&] {
        if (data[0] % 2 == 0) {
            Decompressor decompressor;
            const ServerBackupPart part = decodeServerBackupPart(octets, decompressor);
            require(!part.name.empty() && part.content.size() <= 1 << 20, "is bounded");
            return;
        }
        MemoryStore store;
        store.put(serverBackupName(1), octets);
        RepositoryConfig config;
        config.repositoryId = fixedRepository;
        config.server = fixedServerKeys().sign.verifyKey();
        for (const ServerBackupInfo& backup : serverBackups(store)) {
            checkServerBackup(store, backup, config);
        }
    });
    return 0;
}
