// The small objects of a repository and of a server's state that have no target of their own.
#include "core/repository/owner.h"
#include "core/repository/repository_config.h"
#include "core/repository/server_state.h"
#include "core/repository/store_mark.h"
#include "core/storage/memory_store.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

namespace {

RepositoryConfig fixedConfig() {
    RepositoryConfig config;
    config.repositoryId = fixedRepository;
    config.rootBox = BoxKeyPair::fromSeed(fixedKey(5)).publicKey;
    config.rootSign = SigningKey::fromSeed(fixedKey(5)).verifyKey();
    config.server = fixedServerKeys().sign.verifyKey();
    return config;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const RepositoryConfig config = fixedConfig();
    if (size == 0) return 0;
    const ByteView octets{data + 1, size - 1};
    MemoryStore store;
    mayRefuse([&] {
        switch (data[0] % 5) {
            case 0:
                checkKeyObject(octets, config);
                break;
            case 1:
                store.put("owner", octets);
                readOwner(store, config.server);
                break;
            case 2: {
                store.put("store", octets);
                const StoreMark mark = readStoreMark(store);
                writeStoreMark(store, mark);
                require(readAll(store, "store", 1'000) == toBytes(octets), "comes back the same");
                break;
            }
            case 3:
                store.put("server-keys", octets);
                ServerState::load(store);
                break;
            default:
                store.put("agent-keys", octets);
                AgentIdentity::load(store);
        }
    });
    return 0;
}
