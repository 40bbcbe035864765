// Backups, forgetting, reading, verifying and pruning at the same time, with sessions that are cut
// and a server that is killed; then every snapshot that should exist is there, and garbage is
// bounded.
#include "tests/support/prune_stress.h"

#include "core/base/random.h"

namespace coffer {
namespace {

constexpr std::uint32_t seed = 20'260;
constexpr int rounds = 3;

TEST(PruneStress, LosesNothingAndLeavesLittle) {
    SCOPED_TRACE(testing::Message() << "seed " << seed);
    TestRepository setting;
    const auto repository = [&]() -> Repository& { return *setting; };
    PruneStress stress({seed, 12, 150, 25}, setting.agent, repository, repository);
    for (int round = 0; round < rounds; ++round) {
        stress.runRound(round);
        // Killed: a session's row stays, an object that was not registered, too.
        setting->ledger().beginSession({randomId<SessionId>(), setting.agent.id, 1});
        setting.store.put(packName(randomId<PackId>()), noise(300, 7));
        if (round == 1) setting.removeLedger();
        setting.open();
        stress.expectAllThere();
    }
    stress.expectLittleLeft();
    stress.expectAllThere();
}

}  // namespace
}  // namespace coffer
