#include "management_server/snapshots/snapshot_manager.h"

#include <gmock/gmock.h>

#include "tests/management_server/snapshots/snapshots_fixture.h"

namespace coffer {
namespace {

using testing::ElementsAre;
using testing::UnorderedElementsAre;

class Snapshots : public SnapshotsFixture {
  protected:
    std::vector<std::string> found(const char* pattern, std::uint32_t page = 100) {
        const Coffer::FindingIterator_var rest = manager->search("main", pattern);
        std::vector<std::string> lines;
        for (bool more = true; more;) {
            Coffer::Findings_var findings;
            more = rest->next(page, findings.out());
            EXPECT_LE(findings->length(), page);
            for (CORBA::ULong i = 0; i < findings->length(); ++i) {
                std::string line = rpc::textOf(findings[i].where);
                for (CORBA::ULong at = 0; at < findings[i].snapshots.length(); ++at) {
                    line += findings[i].snapshots[at].in() == first ? " first" : " second";
                }
                lines.push_back(line);
            }
        }
        return lines;
    }

    std::vector<std::string> differences(const std::string& before, const std::string& after,
                                         std::uint32_t page = 100) {
        const Coffer::DifferenceIterator_var rest =
            manager->compare("main", before.c_str(), after.c_str());
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
    expectFailed(ErrorCode::invalidArgument, [&] { manager->search("main", ""); });
    expectFailed(ErrorCode::invalidArgument, [&] { manager->search("main", "a[b"); });
    expectFailed(ErrorCode::invalidArgument,
                 [&] { manager->search("main", std::string(5'000, 'a').c_str()); });
}

TEST_F(Snapshots, TellBehindAllFindingsWhatCouldNotBeSearched) {
    damageAll();
    const Coffer::FindingIterator_var rest = manager->search("main", "*");
    Coffer::Findings_var page;
    expectFailed(
        ErrorCode::corrupt, [&] { rest->next(10, page.out()); }, "could not be searched");
    EXPECT_FALSE(rest->next(10, page.out()));
    EXPECT_EQ(page->length(), 0U);
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
    EXPECT_EQ(rpc::toMap(list[1U].counts).count("problem"), 1U);
}

TEST_F(Snapshots, NeedASession) {
    Coffer::EntryIterator_var rest;
    manager->content("main", "latest", rpc::toPath("/data"), 1, rest.out());
    sessions.end(session.id);
    expectFailed(ErrorCode::loginAgain, [&] { manager->list("main"); });
    expectFailed(ErrorCode::loginAgain, [&] { stat("/"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->search("main", "*"); });
    expectFailed(ErrorCode::loginAgain, [&] { manager->compare("main", "latest", "latest"); });
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
