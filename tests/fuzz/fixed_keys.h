#pragma once

#include "core/repository/server_keys.h"

namespace coffer {

// Keys that are the same in every run, so that what the seed generator has sealed and signed can be
// opened by the fuzz targets.

inline SecretKey fixedKey(std::uint8_t number) {
    return SecretKey::from(Bytes(32, number));
}

inline constexpr RepositoryId fixedRepository{{1}};
inline constexpr PackId fixedPack{{2}};
inline constexpr AgentId fixedAgent{{3}};

inline ServerKeys fixedServerKeys() {
    ServerKeys keys;
    keys.content = BoxKeyPair::fromSeed(fixedKey(1));
    keys.metadata = BoxKeyPair::fromSeed(fixedKey(2));
    keys.sign = SigningKey::fromSeed(fixedKey(3));
    keys.domains = {DedupDomain{}};
    return keys;
}

inline AgentKeys fixedAgentKeys() {
    const ServerKeys keys = fixedServerKeys();
    return {fixedRepository, keys.epoch, keys.content.publicKey,           keys.metadata.publicKey,
            keys.domains[0], fixedAgent, SigningKey::fromSeed(fixedKey(4))};
}

}  // namespace coffer
