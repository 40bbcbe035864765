// Every octet of a small repository gets a flipped bit in turn: verify finds it, or it harms
// nobody.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <iostream>
#include <set>

#include "core/repository/recovery_kit.h"
#include "core/source/memory_source.h"
#include "core/source/memory_target.h"
#include "tests/core/pipeline/pipeline_fixture.h"
#include "tests/support/memory_folder.h"

namespace coffer {
namespace {

struct BitFlips : testing::Test {
    BitFlips() {
        source.addFolder("/data");
        source.addFile("/data/a", noise(700, 1));
        fixture.repository->forget(backup().id);
        source.addFile("/data/b", noise(300, 2));
        kept = backup();
        EXPECT_TRUE(fixture.verify().damaged.empty());
        fixture.repository.reset();
    }

    Snapshot backup() { return fixture.backupPaths(source, {"/data"}); }

    // Verifies the repository as it is; gives what was found, empty when nothing was. Config and
    // manifest are read when it is opened, all else by the verification.
    std::string findings(bool openAnew) {
        try {
            if (openAnew || !opened) {
                opened.reset();
                opened.emplace(fixture.place(), Repository::Access::read);
            }
            std::string text;
            ProblemLog log(
                [&](const Problem& problem) { text += problem.path + ": " + problem.message; });
            RunProgress progress;
            const VerifyResult result =
                runVerify(*opened, {1, false, {}}, progress, log, fixture.cancel);
            return result.damaged.empty() ? text : text + " damaged packs";
        } catch (const Error& error) {
            return error.what();
        }
    }

    std::vector<std::string> objects() {
        std::vector<std::string> names;
        fixture.store.list("",
                           [&](std::string_view name, std::uint64_t) { names.emplace_back(name); });
        return names;
    }

    MemorySource source;
    PipelineFixture fixture;
    Snapshot kept;
    std::optional<Repository> opened;
};

// By hand: an id that is drawn by chance, told to people, and compared with nothing.
bool isHarmless(const std::string& name, std::size_t at) {
    constexpr std::size_t storeId = 8 + 2;  // behind magic and version
    return name == "store" && at >= storeId && at < storeId + sizeof(StoreId::bytes);
}

TEST_F(BitFlips, AreFoundByVerifyOrHarmless) {
    ASSERT_EQ(findings(true), "");
    std::size_t octets = 0;
    std::set<std::string> kinds;
    for (const std::string& name : objects()) {
        kinds.insert(name.substr(0, name.find('/')));
        const Bytes sound = readAll(fixture.store, name, 1U << 20);
        const bool atOpening = name == "config" || name.starts_with("manifest/");
        Bytes flipped = sound;
        for (std::size_t at = 0; at < sound.size(); ++at, ++octets) {
            // All bits come up in turn, in all places of a field.
            flipped[at] ^= static_cast<std::uint8_t>(1U << (at + at / 8) % 8);
            fixture.store.put(name, flipped);
            ASSERT_EQ(findings(atOpening).empty(), isHarmless(name, at))
                << name << " octet " << at << ": " << findings(atOpening);
            flipped[at] = sound[at];
        }
        fixture.store.put(name, sound);
        opened.reset();
    }
    ASSERT_EQ(findings(true), "");
    EXPECT_THAT(kinds, testing::ElementsAre("config", "keys", "manifest", "owner", "packs",
                                            "snapshots", "store"));
    std::cout << octets << " octets flipped\n";
}

// The proof that the harmless ones are: with all of them flipped everything still works.
TEST_F(BitFlips, OfTheStoreIdHarmNobody) {
    Bytes mark = readAll(fixture.store, "store", 1'000);
    for (std::size_t at = 0; at < mark.size(); ++at) {
        if (isHarmless("store", at)) mark[at] ^= 0xff;
    }
    fixture.store.put("store", mark);
    fixture.reopen();
    MemoryTarget target;
    fixture.restore(fixture.node(kept, "/data"), target);
    EXPECT_EQ(fixture.problemText(), "");
    EXPECT_EQ(target.content("a"), noise(700, 1));
    backup();
    const MemoryFolder databases;
    MemoryStore state;
    Repository::adopt({fixture.store, state, databases.path(), fixture.clock}, *fixture.kit);
}

}  // namespace
}  // namespace coffer
