#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/repository/pack_reader.h"
#include "core/repository/pack_writer.h"
#include "tests/support/test_repository.h"

namespace coffer {

/// What came through a MemoryUpload; outlives it.
struct Uploaded {
    PackId id = randomId<PackId>();
    Bytes octets;
    std::vector<std::size_t> slices;
    std::optional<PackRegistration> registration;
    std::size_t failingSlice = ~std::size_t{0};  // number of the slice that cannot be written
    bool failingFinish = false;
};

class MemoryUpload : public PackUpload {
  public:
    explicit MemoryUpload(Uploaded& to) : to_(to) {}
    PackId id() const override { return to_.id; }
    void append(ByteView slice) override {
        if (to_.slices.size() == to_.failingSlice) {
            to_.failingSlice = ~std::size_t{0};
            throw Error(ErrorCode::noSpace, "full");
        }
        to_.slices.push_back(slice.size());
        coffer::append(to_.octets, slice);
    }
    void finish(const PackRegistration& registration) override {
        if (to_.failingFinish) {
            to_.failingFinish = false;
            throw Error(ErrorCode::ioError, "not registered");
        }
        to_.registration = registration;
    }

  private:
    Uploaded& to_;
};

/// The keys of both ends, without a repository.
struct PackSetting {
    RepositoryId repository = randomId<RepositoryId>();
    ServerKeys server = ServerKeys::random();
    AgentKeys agent{repository,
                    server.epoch,
                    server.content.publicKey,
                    server.metadata.publicKey,
                    server.domains.front(),
                    randomId<AgentId>(),
                    SigningKey::random()};

    PackWriter writer(Uploaded& to) const {
        return PackWriter(agent, std::make_unique<MemoryUpload>(to));
    }

    /// A pack with a block for each run of chunks.
    Uploaded pack(const std::vector<std::vector<TestChunk>>& blocks) const {
        Uploaded uploaded;
        PackWriter writer(agent, std::make_unique<MemoryUpload>(uploaded));
        for (const auto& chunks : blocks) addBlock(writer, agent, chunks);
        writer.finish();
        return uploaded;
    }

    OpenPack parse(ByteView octets, const PackId& id) const {
        return OpenPack::parse(octets, repository, id, server);
    }
};

inline ByteView sealedBlock(ByteView pack, const BlockPlace& place) {
    return pack.subspan(place.offset, place.sealedLength);
}

/// The raw octets of block `number` of a pack in memory.
inline Bytes rawBlock(const OpenPack& pack, ByteView octets, std::uint32_t number) {
    Decompressor decompressor;
    const BlockPlace& place = pack.directory().blocks.at(number);
    return openBlock(pack.access(number), place, sealedBlock(octets, place), decompressor);
}

/// Opens everything there is in a pack.
inline void readWholePack(const PackSetting& setting, ByteView octets, const PackId& id) {
    const OpenPack pack = setting.parse(octets, id);
    for (std::uint32_t i = 0; i < pack.directory().blocks.size(); ++i) rawBlock(pack, octets, i);
}

}  // namespace coffer
