#include "core/repository/server_state.h"

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace {

constexpr std::string_view serverName = "server-keys";
constexpr std::string_view serverMagic = "CofferSs";
constexpr std::string_view agentName = "agent-keys";
constexpr std::string_view agentMagic = "CofferAg";
constexpr std::uint16_t formatVersion = 1;
constexpr std::uint64_t sizeLimit = 64 * 1024;

}  // namespace

void ServerState::save(ObjectStore& state) const {
    WireWriter writer = beginObject(serverMagic, formatVersion);
    writer.raw(repositoryId.view());
    writer.raw(owner.view());
    Bytes plain = keys.encode();
    writer.sized(plain);
    wipe(plain);
    writer.u8(rootSeed ? 1 : 0);
    if (rootSeed) writer.raw(rootSeed->view());
    Bytes object = writer.take();
    state.put(serverName, object);
    wipe(object);
}

ServerState ServerState::load(ObjectStore& state) {
    Bytes object = readAll(state, serverName, sizeLimit);
    WireReader reader = openObject(object, serverMagic, formatVersion);
    ServerState loaded;
    loaded.repositoryId = reader.id<RepositoryId>();
    loaded.owner = reader.id<OwnerId>();
    loaded.keys = ServerKeys::decode(reader.sized(sizeLimit));
    if (reader.u8() == 1) loaded.rootSeed = SecretKey::from(reader.raw(32));
    reader.expectEnd();
    wipe(object);
    return loaded;
}

AgentIdentity AgentIdentity::random() {
    return {randomId<AgentId>(), SigningKey::random()};
}

void AgentIdentity::save(ObjectStore& state) const {
    WireWriter writer = beginObject(agentMagic, formatVersion);
    writer.raw(id.view());
    writer.raw(sign.seed().view());
    Bytes object = writer.take();
    state.put(agentName, object);
    wipe(object);
}

std::optional<AgentIdentity> AgentIdentity::load(ObjectStore& state) {
    if (!state.size(agentName)) return {};
    Bytes object = readAll(state, agentName, sizeLimit);
    WireReader reader = openObject(object, agentMagic, formatVersion);
    AgentIdentity identity;
    identity.id = reader.id<AgentId>();
    identity.sign = SigningKey::fromSeed(SecretKey::from(reader.raw(32)));
    reader.expectEnd();
    wipe(object);
    return identity;
}

}  // namespace coffer
