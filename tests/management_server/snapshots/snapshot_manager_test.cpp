#include "management_server/snapshots/snapshot_manager.h"

#include <gmock/gmock.h>

#include "tests/management_server/snapshots/snapshots_fixture.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class Snapshots : public SnapshotsFixture {
  protected:
    std::vector<std::string> found(const char* pattern, std::uint32_t page = 100,
                                   const std::vector<std::string>& snapshots = {}) {
        const Coffer::FindingIterator_var rest =
            manager->search("main", rpc::toStrings(snapshots), pattern);
        return linesOf(rest, page);
    }

    // Paths, each with the snapshots that hold it, or what is wrong with it.
    std::vector<std::string> linesOf(Coffer::FindingIterator_ptr rest, std::uint32_t page = 100) {
        std::vector<std::string> lines;
        for (bool more = true; more;) {
            Coffer::Findings_var findings;
            more = rest->next(page, findings.out());
            EXPECT_LE(findings->length(), page);
            for (CORBA::ULong i = 0; i < findings->length(); ++i) {
                std::string line = rpc::textOf(findings[i].where);
                const auto about = rpc::toMap(findings[i].attributes.more);
                if (about.contains("problem")) line += " " + about.at("code");
                for (CORBA::ULong at = 0; at < findings[i].snapshots.length(); ++at) {
                    line += findings[i].snapshots[at].in() == first ? " first" : " second";
                }
                lines.push_back(line);
            }
        }
        return lines;
    }

    std::vector<std::string> differences(const std::string& before, const std::string& after,
                                         std::uint32_t page = 100,
                                         const std::string& beforeWhere = "/",
                                         const std::string& afterWhere = "/") {
        const Coffer::DifferenceIterator_var rest =
            manager->compare("main", before.c_str(), rpc::toPath(beforeWhere), after.c_str(),
                             rpc::toPath(afterWhere));
        std::vector<std::string> lines;
        for (bool more = true; more;) {
            Coffer::Differences_var list;
            more = rest->next(page, list.out());
            for (CORBA::ULong i = 0; i < list->length(); ++i) {
                lines.push_back(std::string(list[i].change) + " " + rpc::textOf(list[i].where));
            }
        }
        return lines;
    }
};

TEST_F(Snapshots, AreListedWithTheirAgents) {
    Coffer::SnapshotInfos_var list = manager->list("main");
    ASSERT_EQ(list->length(), 2U);
    EXPECT_EQ(list[0U].id.in(), first);
    EXPECT_EQ(list[1U].id.in(), second);
    EXPECT_STREQ(list[1U].agent, "laptop");
    EXPECT_STREQ(list[1U].repository, "main");
    EXPECT_STREQ(list[1U].host, "test");
    EXPECT_EQ(rpc::textOf(list[1U].what[0]), "/data");
    const auto counts = rpc::toMap(list[0U].counts);
    EXPECT_EQ(counts.at("files"), "3");
    EXPECT_EQ(counts.at("bytes"), "700010");
    EXPECT_EQ(list[1U].excludes.length(), 0U);
    EXPECT_GE(list[1U].ended.seconds, list[1U].started.seconds);
    EXPECT_NE(list[1U].started.seconds, Coffer::unknownSeconds);
    EXPECT_EQ(rpc::toMap(list[0U].more).count("base"), 0U);
}

TEST_F(Snapshots, TellWhenTheirSourceWasProven) {
    proofs.push_back({.repository = "main",
                      .agent = backups.agent.id,
                      .paths = {"/data"},
                      .snapshot = findSnapshotInfo(*backups.repository, first).registration.id,
                      .time = {1'700'000'000, 0},
                      .percent = 10});
    proofs.push_back(proofs[0]);
    proofs[1].time = {};  // an older one
    proofs.push_back(proofs[0]);
    proofs[2].paths = {"/other"};
    Coffer::SnapshotInfos_var list = manager->list("main");
    const Coffer::SnapshotInfo_var one = manager->get("main", second.c_str());
    for (const Coffer::Settings* more : {&list[0U].more, &list[1U].more, &one->more}) {
        const auto facts = rpc::toMap(*more);
        EXPECT_EQ(facts.at("proven"), "2023-11-14T22:13:20Z");
        EXPECT_EQ(facts.at("proven-snapshot"), first);
        EXPECT_EQ(facts.at("proven-percent"), "10");
        EXPECT_EQ(facts.at("proven-whole"), "yes");
    }
    proofs[0].agent = {};
    proofs.resize(1);
    const Coffer::SnapshotInfo_var unproven = manager->get("main", second.c_str());
    EXPECT_EQ(rpc::toMap(unproven->more).count("proven"), 0U);
}

TEST_F(Snapshots, TellTheExactOctetsOfWhatIsNotPrintable) {
    source.addSymlink("/data/odd", "a\xff\\b");
    backups.backupPaths(source, {"/data"});
    const auto more = rpc::toMap(stat("/data/odd").more);
    EXPECT_EQ(more.at("link-target"), "a\\xff\\\\b");
    EXPECT_EQ(more.at("link-target-hex"), "61ff5c62");
    EXPECT_EQ(rpc::toMap(stat("/data/sub/link").more).count("link-target-hex"), 0U);
}

TEST_F(Snapshots, AreWalkedThrough) {
    const auto walk = [&](const std::string& where, std::uint32_t page) {
        const Coffer::FindingIterator_var rest =
            manager->walk("main", "latest", rpc::toPath(where));
        return linesOf(rest, page);
    };
    for (const std::uint32_t page : {1U, 100U}) {
        EXPECT_THAT(walk("/", page), ElementsAre("/data", "/data/big", "/data/new", "/data/sub",
                                                 "/data/sub/c", "/data/sub/link"));
        EXPECT_THAT(walk("/data/sub", page), ElementsAre("/data/sub/c", "/data/sub/link"));
    }
    expectFailed(
        ErrorCode::invalidArgument, [&] { walk("/data/big", 1); }, "no folder");
}

TEST_F(Snapshots, HaveNames) {
    for (const std::string& name : {second, second.substr(0, 8), std::string("latest")}) {
        const Coffer::SnapshotInfo_var info = manager->get("main", name.c_str());
        EXPECT_EQ(info->id.in(), second);
    }
    for (const std::string& name : {std::string(), std::string("xyz"), std::string("12"),
                                    std::string(32, '0'), std::string(1 << 20, 'a')}) {
        expectFailed(ErrorCode::notFound, [&] { manager->get("main", name.c_str()); });
    }
    expectFailed(ErrorCode::notFound, [&] { manager->get("other", "latest"); });
}

TEST_F(Snapshots, ShowEntries) {
    const Coffer::Entry file = stat("/data/big");
    EXPECT_STREQ(file.kind, "file");
    EXPECT_EQ(file.size, 700'000);
    EXPECT_EQ(rpc::textOf(file.name), "big");
    const Coffer::Entry link = stat("/data/sub/link");
    EXPECT_STREQ(link.kind, "symlink");
    EXPECT_EQ(link.size, Coffer::unknownSize);
    EXPECT_EQ(rpc::toMap(link.more).at("link-target"), "../a");
    EXPECT_EQ(rpc::toMap(link.more).count("condition"), 0U);
    EXPECT_STREQ(stat("/").kind, "folder");
    EXPECT_STREQ(stat("/data/a", first).kind, "file");
    expectFailed(
        ErrorCode::notFound, [&] { stat("/data/a"); }, "/data/a");
}

TEST_F(Snapshots, RefuseStrangePaths) {
    for (const std::string& path :
         {std::string(), std::string("data"), std::string("/data/../data"), std::string("/data/"),
          std::string("/da\0ta", 6), std::string(2 << 20, 'a')}) {
        expectFailed(ErrorCode::invalidArgument, [&] { stat(path); });
    }
    expectFailed(ErrorCode::notFound, [&] { stat("/" + std::string(1'000'000, 'a')); });
}

TEST_F(Snapshots, ListFoldersInPages) {
    Coffer::EntryIterator_var rest;
    const Coffer::Entries_var all =
        manager->content("main", "latest", rpc::toPath("/data"), 3, rest.out());
    EXPECT_THAT(namesIn(all), ElementsAre("big", "new", "sub"));
    EXPECT_TRUE(CORBA::is_nil(rest));

    const Coffer::Entries_var one =
        manager->content("main", "latest", rpc::toPath("/data"), 1, rest.out());
    EXPECT_THAT(namesIn(one), ElementsAre("big"));
    ASSERT_FALSE(CORBA::is_nil(rest));
    Coffer::Entries_var page;
    EXPECT_TRUE(rest->next(1, page.out()));
    EXPECT_THAT(namesIn(page), ElementsAre("new"));
    EXPECT_FALSE(rest->next(1, page.out()));
    EXPECT_THAT(namesIn(page), ElementsAre("sub"));
    expectFailed(ErrorCode::gone, [&] { rest->next(1, page.out()); });
}

TEST_F(Snapshots, ListOnlyFoldersAndInPagesThatAreBounded) {
    Coffer::EntryIterator_var rest;
    const auto list = [&](const char* path, CORBA::ULong atMost) {
        manager->content("main", "latest", rpc::toPath(path), atMost, rest.out());
    };
    expectFailed(ErrorCode::invalidArgument, [&] { list("/data", 0); });
    expectFailed(ErrorCode::invalidArgument, [&] { list("/data", 10'001); });
    expectFailed(
        ErrorCode::invalidArgument, [&] { list("/data/big", 10); }, "no folder");
    list("/data", 10'000);
}

TEST_F(Snapshots, GiveStretchesOfFiles) {
    const Bytes content = noise(700'000, 1);
    const std::string all(textOf(content));
    EXPECT_EQ(read("/data/big", 0, 4 << 20), all);
    EXPECT_EQ(read("/data/big", 123'456, 400'000), all.substr(123'456, 400'000));
    EXPECT_EQ(read("/data/big", 699'999, 100), all.substr(699'999));
    EXPECT_EQ(read("/data/big", 700'000, 100), "");
    EXPECT_EQ(read("/data/big", ~std::uint64_t{0}, 100), "");
    EXPECT_EQ(read("/data/a", 0, 100, first), "first");
    EXPECT_EQ(read("/data/sub/c", 0, 100, first), "third");
    EXPECT_EQ(read("/data/sub/c", 0, 100), "changed");
    expectFailed(ErrorCode::invalidArgument, [&] { read("/data/big", 0, (4 << 20) + 1); });
    expectFailed(ErrorCode::invalidArgument, [&] { read("/data", 0, 1); });
    expectFailed(ErrorCode::invalidArgument, [&] { read("/data/sub/link", 0, 1); });
}

TEST_F(Snapshots, AreSearchedTogether) {
    EXPECT_THAT(found("c"), UnorderedElementsAre("/data/sub/c first", "/data/sub/c second"));
    EXPECT_THAT(found("b*"), ElementsAre("/data/big first second"));
    EXPECT_THAT(found("/data/[an]*"), UnorderedElementsAre("/data/a first", "/data/new second"));
    EXPECT_THAT(found("*", 1), testing::SizeIs(10));
    EXPECT_THAT(found("nothing"), ElementsAre());
    expectFailed(ErrorCode::invalidArgument, [&] { manager->search("main", {}, ""); });
    expectFailed(ErrorCode::invalidArgument, [&] { manager->search("main", {}, "a[b"); });
    expectFailed(ErrorCode::invalidArgument,
                 [&] { manager->search("main", {}, std::string(5'000, 'a').c_str()); });
}

TEST_F(Snapshots, AreSearchedOneByOne) {
    EXPECT_THAT(found("*a*", 100, {first}), ElementsAre("/data first", "/data/a first"));
    EXPECT_THAT(found("big", 100, {"latest", first, first.substr(0, 8)}),
                ElementsAre("/data/big first second"));
    expectFailed(ErrorCode::notFound, [&] { found("*", 100, {"nowhere"}); });
}

TEST_F(Snapshots, TellWhatCouldNotBeSearched) {
    const std::string name = "snapshots/" + first;
    backups.store.put(name, Bytes(100));
    EXPECT_EQ(found("big").front(), " corrupt");
    EXPECT_EQ(found("big").back(), "/data/big second");
    damageAll();
    EXPECT_EQ(found("*").back(), "/ not-found");
}

TEST_F(Snapshots, AreCompared) {
    const auto expected =
        UnorderedElementsAre("removed /data/a", "added /data/new", "content /data/sub/c");
    for (const std::uint32_t page : {1U, 2U, 100U}) {
        auto lines = differences(first, "latest", page);
        std::erase_if(lines, [](const std::string& line) { return line.starts_with("attr"); });
        EXPECT_THAT(lines, expected) << page;
    }
    EXPECT_THAT(differences(second, "latest"), ElementsAre());
}

TEST_F(Snapshots, AreComparedFolderByFolder) {
    EXPECT_THAT(differences(first, second, 100, "/data/sub", "/data/sub"),
                ElementsAre("content /data/sub/c"));
    const auto lines = differences(first, first, 100, "/data/sub", "/data");
    EXPECT_THAT(lines, testing::Contains("removed /data/c"));
    EXPECT_THAT(lines, testing::Contains("added /data/big"));
    expectFailed(
        ErrorCode::invalidArgument, [&] { differences(first, second, 1, "/data/big"); },
        "no folder");
}

TEST_F(Snapshots, CanBeForgotten) {
    manager->forget("main", "latest");
    const Coffer::SnapshotInfo_var left = manager->get("main", "latest");
    EXPECT_EQ(left->id.in(), first);
    expectFailed(ErrorCode::notFound, [&] { manager->forget("main", second.c_str()); });
    expectFailed(ErrorCode::notFound, [&] { stat("/", second); });
    const auto told = events.since(0, 10);
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(told[0].kind, "snapshot-forgotten");
    EXPECT_EQ(told[0].subject, second);
}

TEST_F(Snapshots, OneThatCannotBeReadDoesNotHideTheOthers) {
    const std::string name = "snapshots/" + second;
    Bytes object = readAll(backups.store, name, 1 << 20);
    object[object.size() / 2] ^= 1;
    backups.store.put(name, object);
    Coffer::SnapshotInfos_var list = manager->list("main");
    ASSERT_EQ(list->length(), 2U);
    EXPECT_EQ(rpc::toMap(list[0U].counts).count("files"), 1U);
    EXPECT_EQ(list[1U].id.in(), second);
    EXPECT_EQ(rpc::toMap(list[1U].more).count("problem"), 1U);
}

TEST_F(Snapshots, NeedASession) {
    Coffer::EntryIterator_var rest;
    manager->content("main", "latest", rpc::toPath("/data"), 1, rest.out());
    sessions.end(session.id);
    expectFailed(ErrorCode::loginAgain, [&] { manager->list("main"); });
    expectFailed(ErrorCode::loginAgain, [&] { stat("/"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->search("main", {}, "*"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->walk("main", "latest", rpc::toPath("/")); });
    expectFailed(ErrorCode::loginAgain, [&] { differences("latest", "latest"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->forget("main", "latest"); });
    Coffer::Entries_var page;
    expectFailed(ErrorCode::loginAgain, [&] { rest->next(1, page.out()); });
    EXPECT_EQ(iterators->dropOwner(session.owner()), 1U);
    expectFailed(ErrorCode::gone, [&] { rest->next(1, page.out()); });
}

TEST_F(Snapshots, AreReadFromAPoolOfReaders) {
    read("/data/big", 0, 100);
    auto reader = readers.take(repositories.open("main"), backups.repository->keys().domains[0].id);
    readers.giveBack(std::move(reader));
    readers.clear();
    EXPECT_EQ(read("/data/sub/c", 0, 100), "changed");
}

}  // namespace
}  // namespace coffer
