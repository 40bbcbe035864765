// A repository's life, and every fault at every point of it: the process is killed, the power goes
// with what was not synced lost, torn or written in another order, the disk is full or broken, once
// or for good. What was acknowledged is there afterwards, what fails says why, and life goes on.
#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <functional>
#include <iostream>
#include <iterator>
#include <set>
#include <vector>

#include "core/base/error.h"
#include "core/repository/repository_contents.h"
#include "tests/faults/fault_world.h"

namespace coffer {
namespace {

// What outlives a crash, and what of the chunk indexes: these may be behind the rest or ahead of
// it.
constexpr std::pair<CrashMode, CrashMode> allModes[] = {
    {CrashMode::lost, CrashMode::lost},   {CrashMode::hollow, CrashMode::hollow},
    {CrashMode::torn, CrashMode::torn},   {CrashMode::killed, CrashMode::killed},
    {CrashMode::killed, CrashMode::lost}, {CrashMode::killed, CrashMode::torn},
    {CrashMode::lost, CrashMode::killed},
};
constexpr ChunkerParameters chunker{512, 1024, 4096};
constexpr unsigned laterVersion = 99;

const AgentIdentity& agent() {
    static const AgentIdentity identity = AgentIdentity::random();
    return identity;
}

/// One thing that the user does; it tells what was acknowledged.
struct Step {
    const char* name;
    void (*run)(FaultWorld& world, Acknowledged& known);
    bool isTried = true;  // or only leads to the next
};

void PrintTo(const Step& step, std::ostream* out) {
    *out << step.name;
}

Repository openFirst(FaultWorld& world) {
    return Repository(world.place(), Repository::Access::write);
}

void backUp(Repository& repository, Acknowledged& known, unsigned version) {
    repository.enrol(agent().id, agent().sign.verifyKey());
    known.snapshots.emplace(backUpVersion(repository, agent(), version), version);
}

template <unsigned version>
void backUpFirst(FaultWorld& world, Acknowledged& known) {
    Repository repository = openFirst(world);
    backUp(repository, known, version);
}

void create(FaultWorld& world, Acknowledged& known) {
    Repository::create(world.place(), chunker);
    known.created = true;
}

void confirmKit(FaultWorld& world, Acknowledged& known) {
    Repository repository = openFirst(world);
    known.kit = repository.kit();
    repository.confirmKit(*known.kit);
    known.confirmed = true;
}

void forgetOldest(FaultWorld& world, Acknowledged& known) {
    Repository repository = openFirst(world);
    const SnapshotId oldest = repository.ledger().snapshots().front().registration.id;
    known.snapshots.erase(oldest);
    repository.forget(oldest);
    known.forgotten = oldest;
}

void verify(FaultWorld& world, Acknowledged&) {
    Repository repository = openFirst(world);
    const std::string problems = verifyProblems(repository, true);
    if (!problems.empty()) throw Error(ErrorCode::internal, problems);
}

// What cannot be copied is told and left for the next one.
void prune(FaultWorld& world, Acknowledged&) {
    Repository repository = openFirst(world);
    PruneResult result;
    const std::string problems = pruneProblems(repository, result);
    if (problems.empty() && (result.repacked.packs == 0 || result.deleted.packs == 0)) {
        throw Error(ErrorCode::internal, "there was nothing to prune");
    }
}

void replicate(FaultWorld& world, Acknowledged& known) {
    const std::string problems = replicateProblems(world, false);
    if (!problems.empty()) throw Error(ErrorCode::internal, problems);
    known.replicated = true;
}

void adopt(FaultWorld& world, Acknowledged& known) {
    Repository::adopt(world.secondPlace(), *known.kit);
    const Repository repository(world.secondPlace(), Repository::Access::write);
    known.adopted = true;
}

void backUpSecond(FaultWorld& world, Acknowledged& known) {
    Repository repository(world.secondPlace(), Repository::Access::write);
    backUp(repository, known, 4);
}

void makeOffsite(FaultWorld& world, Acknowledged& known) {
    Repository::create(world.offsitePlace(), chunker);
    Repository there(world.offsitePlace(), Repository::Access::write);
    there.confirmKit(there.kit());
    known.hasOffsite = true;
}

// The newest that was acknowledged, by the server that has taken the repository over.
void copy(FaultWorld& world, Acknowledged& known) {
    Repository here(world.secondPlace(), Repository::Access::write);
    Repository there(world.offsitePlace(), Repository::Access::write);
    const auto all = here.ledger().snapshots();
    const auto newest = std::ranges::find_if(all.rbegin(), all.rend(), [&](const auto& info) {
        return known.snapshots.contains(info.registration.id);
    });
    const SnapshotId made = copySnapshot(here, there, *newest, world.third.databases / "copies.db");
    known.copies.emplace(made, known.snapshots.at(newest->registration.id));
}

void backUpMore(FaultWorld& world, Acknowledged& known) {
    Repository repository(world.secondPlace(), Repository::Access::write);
    backUp(repository, known, 5);
}

const Step steps[] = {{"create", create},
                      {"confirm_kit", confirmKit},
                      {"backup", backUpFirst<1>},
                      {"second_backup", backUpFirst<2>},
                      {"forget", forgetOldest},
                      {"verify", verify},
                      {"prune", prune},
                      {"replicate", replicate},
                      {"third_backup", backUpFirst<3>},
                      {"replicate_again", replicate},
                      {"adopt", adopt},
                      {"backup_after_adopt", backUpSecond},
                      {"make_offsite", makeOffsite, false},
                      {"copy", copy},
                      {"more_to_copy", backUpMore, false},
                      {"copy_again", copy}};

std::vector<Step> triedSteps() {
    std::vector<Step> tried;
    std::ranges::copy_if(steps, std::back_inserter(tried), &Step::isTried);
    return tried;
}

/// The repository for changes, by whoever may change it; taken over when the first server may not.
std::unique_ptr<Repository> openWriter(FaultWorld& world, const Acknowledged& known) {
    for (LocalStore* store :
         {&world.repository, &world.replica, &world.first.state, &world.second.state}) {
        store->clearTemporary();
    }
    if (!known.created && !world.repository.size("config")) {
        Repository::create(world.place(), chunker);
    }
    const auto open = [](const RepositoryPlace& place) {
        return std::make_unique<Repository>(place, Repository::Access::write);
    };
    if (!world.second.state.size("server-keys")) {
        try {
            return open(world.place());
        } catch (const Error& error) {
            if (error.code() != ErrorCode::conflict || known.adopted || !known.kit) throw;
            Repository::adopt(world.secondPlace(), *known.kit);
        }
    }
    return open(world.secondPlace());
}

void checkKit(Repository& repository, const Acknowledged& known) {
    if (known.confirmed) {
        EXPECT_TRUE(repository.kitConfirmed());
    } else if (known.kit && !repository.kitConfirmed()) {
        EXPECT_EQ(toBytes(repository.kit().rootSeed.view()), toBytes(known.kit->rootSeed.view()));
    }
}

void checkSnapshots(Repository& repository, const Acknowledged& known) {
    for (const auto& [id, version] : known.snapshots) {
        EXPECT_EQ(differences(repository, id, version), "") << "version " << version;
    }
    if (known.forgotten) {
        EXPECT_FALSE(repository.ledger().snapshot(*known.forgotten));
    }
    EXPECT_EQ(verifyProblems(repository, false), "");
    EXPECT_EQ(indexProblems(repository), "");
}

// A replica is no repository yet, or a whole one.
void checkReplica(FaultWorld& world, const Acknowledged& known) {
    if (known.replicated) {
        EXPECT_TRUE(world.replica.size("config"));
    }
    if (world.replica.size("config")) {
        const RepositoryContents contents(world.replica);
        for (const NamedObject& object : contents.objects()) {
            EXPECT_TRUE(world.replica.size(object.name)) << object.name;
        }
    }
    if (world.replica.size("store")) {
        EXPECT_EQ(replicateProblems(world, true), "");
    }
}

void checkCopies(FaultWorld& world, const Acknowledged& known) {
    Repository there(world.offsitePlace(), Repository::Access::write);
    for (const auto& [id, version] : known.copies) {
        EXPECT_EQ(differences(there, id, version), "") << "copy of version " << version;
    }
    EXPECT_EQ(verifyProblems(there, false), "");
    EXPECT_EQ(indexProblems(there), "");
}

// What was copied is there, and so is what is copied next, also when the power goes then. Of the
// first repository a copy only reads.
void checkOffsite(FaultWorld& world, Acknowledged known) {
    for (LocalStore* store : {&world.offsite, &world.third.state}) store->clearTemporary();
    checkCopies(world, known);
    backUp(*openWriter(world, known), known, laterVersion);
    copy(world, known);
    checkCopies(*world.after(CrashMode::lost), known);
}

// What was acknowledged is there, and life goes on: one more backup outlasts the power.
void checkSurvivor(FaultWorld& world, Acknowledged known) {
    if (known.hasOffsite) return checkOffsite(world, known);
    {
        const auto repository = openWriter(world, known);
        checkKit(*repository, known);
        checkSnapshots(*repository, known);
        if (!repository->kitConfirmed()) repository->confirmKit(repository->kit());
        backUp(*repository, known, laterVersion);
    }
    checkReplica(world, known);
    const auto later = world.after(CrashMode::lost);
    const auto repository = openWriter(*later, known);
    for (const auto& [id, version] : known.snapshots) {
        EXPECT_EQ(differences(*repository, id, version), "") << "version " << version;
    }
}

/// How much was tried, told at the end.
struct Tally : testing::Environment {
    void TearDown() override {
        std::cout << "faults: " << points << " points, " << attempts << " faults at them, "
                  << survivors << " disks looked at afterwards\n";
    }
    std::uint64_t points = 0;
    std::uint64_t attempts = 0;
    std::uint64_t survivors = 0;
};
Tally& tally = *static_cast<Tally*>(testing::AddGlobalTestEnvironment(new Tally));

struct FaultMatrix : testing::TestWithParam<Step> {
    // Everything before the step has been done and the power has gone since.
    FaultMatrix() {
        FaultWorld world(std::make_unique<SimulatedDisk>());
        for (const Step& step : steps) {
            if (step.name == std::string(GetParam().name)) break;
            step.run(world, before);
        }
        start = world.after(CrashMode::lost);
    }

    std::unique_ptr<FaultWorld> fresh() { return start->after(CrashMode::lost); }

    // Runs the step with the faults the disk was told of; gives its error, a crash being none.
    static std::optional<Error> run(FaultWorld& world, Acknowledged& known) {
        ++tally.attempts;
        try {
            GetParam().run(world, known);
        } catch (const SimulatedCrash&) {
        } catch (const Error& error) {
            return error;
        }
        return std::nullopt;
    }

    static void check(FaultWorld& world, const Acknowledged& known) {
        ++tally.survivors;
        const auto error = [&]() -> std::optional<std::string> {
            try {
                checkSurvivor(world, known);
                return std::nullopt;
            } catch (const Error& thrown) {
                return thrown.what();
            }
        }();
        EXPECT_FALSE(error) << *error;
    }

    void tryCrashes() {
        for (std::uint64_t point = 1;; ++point) {
            const auto world = fresh();
            world->disk->crashAt(point);
            Acknowledged known = before;
            run(*world, known);
            if (world->disk->points() < point) return;
            ++tally.points;
            std::set<Digest> seen;
            for (const auto& [mode, ofIndexes] : allModes) {
                SCOPED_TRACE(testing::Message()
                             << "crash at point " << point << ", mode " << static_cast<int>(mode)
                             << ", of the indexes " << static_cast<int>(ofIndexes));
                const auto survivor = world->after(mode, ofIndexes);
                // A killed one is like no other: what is not synced can still be lost.
                const bool fresh = seen.insert(survivor->fingerprint()).second;
                if (fresh || (mode == CrashMode::killed && ofIndexes == mode)) {
                    check(*survivor, known);
                }
            }
            SCOPED_TRACE(testing::Message() << "crash at point " << point << ", databases lost");
            const auto survivor = world->after(CrashMode::lost);
            survivor->loseDatabases();
            check(*survivor, known);
        }
    }

    void tryFailures(int number, ErrorCode code, bool forGood) {
        for (std::uint64_t point = 1;; ++point) {
            SCOPED_TRACE(testing::Message() << "errno " << number << (forGood ? " from" : " at")
                                            << " point " << point);
            const auto world = fresh();
            world->disk->failAt(number, point, forGood ? ~std::uint64_t{0} : point);
            Acknowledged known = before;
            const auto error = run(*world, known);
            if (world->disk->points() < point) return;
            world->disk->failAt(0, 0);
            if (error) expectClear(*error, code);
            check(*world, known);
        }
    }

    // It says what kind of trouble it is and what it is about.
    static void expectClear(const Error& error, ErrorCode code) {
        const std::string text = error.what();
        // SQLite keeps the system's error of a failed commit to itself, whatever it was.
        if (text.find("database ") != std::string::npos &&
            (text.ends_with(": disk I/O error") || text.ends_with(": database or disk is full"))) {
            return;
        }
        EXPECT_EQ(nameOf(error.code()), nameOf(code)) << text;
        EXPECT_TRUE(text.ends_with(code == ErrorCode::noSpace ? "No space left on device"
                                                              : "Input/output error"))
            << text;
        EXPECT_NE(text.find('/'), std::string::npos) << text;
    }

    Acknowledged before;
    std::unique_ptr<FaultWorld> start;
};

TEST_P(FaultMatrix, LosesNothingInACrash) {
    tryCrashes();
}

TEST_P(FaultMatrix, SaysWhyOnAFullDisk) {
    tryFailures(ENOSPC, ErrorCode::noSpace, false);
    tryFailures(ENOSPC, ErrorCode::noSpace, true);
}

TEST_P(FaultMatrix, SaysWhyOnABrokenDisk) {
    tryFailures(EIO, ErrorCode::ioError, false);
    tryFailures(EIO, ErrorCode::ioError, true);
}

INSTANTIATE_TEST_SUITE_P(Steps, FaultMatrix, testing::ValuesIn(triedSteps()),
                         [](const auto& step) { return std::string(step.param.name); });

}  // namespace
}  // namespace coffer
