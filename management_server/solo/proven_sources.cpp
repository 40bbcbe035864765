#include "management_server/solo/proven_sources.h"

#include "core/base/error.h"

namespace coffer::solo {

std::vector<SourceProof> provenSources(Repository& repository, SnapshotShelf& shelf) {
    std::vector<SourceProof> proofs;
    for (const SnapshotProof& proof : repository.ledger().snapshotProofs()) {
        const auto info = repository.ledger().snapshot(proof.snapshot);
        if (!info || !proof.sound) continue;
        try {
            const auto snapshot = shelf.load(repository, *info);
            proofs.push_back({.repository = {},
                              .agent = snapshot->agent,
                              .paths = snapshot->paths,
                              .snapshot = proof.snapshot,
                              .time = proof.time});
        } catch (const Error& error) {
            if (error.endsRun()) throw;  // of one that cannot be read the list tells
        }
    }
    return proofs;
}

}  // namespace coffer::solo
