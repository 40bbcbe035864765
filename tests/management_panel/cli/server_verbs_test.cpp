// agents, enrol-token, revoke, passwd, snapshots, ls-snapshot, find, diff, forget, repo, events.

#include <boost/filesystem.hpp>

#include "core/rpc/convert.h"
#include "core/trust/private_file.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class ServerVerbs : public CliFixture {
  protected:
    void addSnapshot(const char* id) {
        server_.snapshots.length(server_.snapshots.length() + 1);
        Coffer::SnapshotInfo& info = server_.snapshots[server_.snapshots.length() - 1];
        info.id = id;
        info.agent = "laptop";
        info.started = info.committed = rpc::toMoment({1'700'000'000, 0});
        info.what = rpc::toPaths({"/home"});
        info.counts = rpc::toSettings({{"files", "12"}, {"bytes", "2048"}});
    }
};

TEST_F(ServerVerbs, agentsAreListed) {
    EXPECT_EQ(run({"agents"}), exitSuccess);
    EXPECT_NE(out_.find("laptop"), std::string::npos) << out_;
    const Json array = json({"agents"});
    EXPECT_EQ(array[0]["state"], "attached");
    EXPECT_EQ(array[0]["facts"]["system"], "Linux");
    server_.agentInfos.length(0);
    EXPECT_EQ(json({"agents"}), Json::array());
    EXPECT_EQ(run({"agents"}), exitSuccess);
    EXPECT_NE(out_.find("enrol-token"), std::string::npos) << out_;
}

TEST_F(ServerVerbs, aTokenGoesToTheTerminalOrIntoANewFile) {
    EXPECT_EQ(run({"enrol-token", "desk"}), exitSuccess);
    EXPECT_EQ(out_, "cft1-aa-bb\n");
    const std::string file = scratch_ / "token";
    EXPECT_EQ(run({"enrol-token", "desk", "--valid", "15m", "--out", file}), exitSuccess);
    EXPECT_EQ(out_, "");
    EXPECT_EQ(server_.calls, (Calls{"makeToken desk 86400", "makeToken desk 900"}));
    EXPECT_EQ(readTextFile(file), "cft1-aa-bb\n");
    namespace fs = boost::filesystem;
    EXPECT_EQ(fs::status(file).permissions(), fs::owner_read | fs::owner_write);
    EXPECT_EQ(run({"enrol-token", "desk", "--out", file}), exitFailed);
    EXPECT_EQ(run({"enrol-token", "desk", "--valid", "soon"}), exitUsage);
}

TEST_F(ServerVerbs, revokeAndPasswd) {
    EXPECT_EQ(run({"revoke", "laptop"}), exitSuccess);
    EXPECT_EQ(run({"passwd", "--password-file", "-"}, "old\nnew\n"), exitSuccess) << err_;
    EXPECT_EQ(server_.calls, (Calls{"revoke laptop", "changePassword old new"}));
    EXPECT_EQ(run({"passwd", "--password-file", "-"}, "old\n"), exitFailed);
    EXPECT_EQ(server_.calls.size(), 2U);
}

TEST_F(ServerVerbs, anEndedSessionSaysHowToGoOn) {
    server_.sessionEnded = true;
    EXPECT_EQ(run({"agents"}), exitFailed);
    EXPECT_NE(err_.find("coffer login"), std::string::npos) << err_;
    EXPECT_EQ(run({"--json", "agents"}), exitFailed);
    EXPECT_EQ(Json::parse(err_)["error"]["code"], "log-in-again");
}

TEST_F(ServerVerbs, snapshotsAndWhatIsInThem) {
    EXPECT_EQ(run({"snapshots"}), exitSuccess);
    EXPECT_EQ(out_, "No snapshots yet.\n");
    addSnapshot("1f3a9c0200000000000000000000cafe");
    server_.snapshotTree.addFolder("/home");
    server_.snapshotTree.addFile("/home/a", "1");
    EXPECT_EQ(run({"snapshots"}), exitSuccess);
    EXPECT_NE(out_.find("1f3a9c02  "), std::string::npos) << out_;
    EXPECT_EQ(json({"snapshots"})[0]["statistics"]["bytes"], 2048);
    EXPECT_EQ(run({"ls-snapshot", "latest"}), exitSuccess);
    EXPECT_EQ(out_, "home/\n");
    EXPECT_EQ(run({"ls-snapshot", "latest:/home"}), exitSuccess);
    EXPECT_EQ(out_, "a\n");
    EXPECT_EQ(json({"ls-snapshot", "latest:/home/a"})[0]["path"], "/home/a");
    EXPECT_EQ(run({"ls-snapshot", "latest:/none"}), exitFailed);
}

TEST_F(ServerVerbs, snapshotsTellWhenTheirSourcesWereProven) {
    addSnapshot("1111000000000000000000000000cafe");
    addSnapshot("2222000000000000000000000000cafe");
    EXPECT_EQ(run({"snapshots"}), exitSuccess);
    EXPECT_EQ(out_.find("last proven"), std::string::npos) << out_;
    EXPECT_TRUE(json({"snapshots"})[0]["lastProven"].is_null());
    for (CORBA::ULong i = 0; i < 2; ++i) {
        server_.snapshots[i].more =
            rpc::toSettings({{"proven", "2026-11-21T20:15:03Z"},
                             {"proven-snapshot", "1111000000000000000000000000cafe"},
                             {"proven-percent", "10"},
                             {"proven-whole", "no"}});
    }
    addSnapshot("3333000000000000000000000000cafe");
    server_.snapshots[2].what = rpc::toPaths({"/etc"});
    EXPECT_EQ(run({"snapshots"}), exitSuccess);
    EXPECT_NE(out_.find("laptop: /home  2026-11-21T20:15:03Z, 10 % of parts of snapshot 1111"),
              std::string::npos)
        << out_;
    EXPECT_NE(out_.find("laptop: /etc   never"), std::string::npos) << out_;
    const Json proof = json({"snapshots"})[1]["lastProven"];
    EXPECT_EQ(proof["time"], "2026-11-21T20:15:03Z");
    EXPECT_EQ(proof["snapshot"], "1111000000000000000000000000cafe");
    EXPECT_EQ(proof["percent"], 10);
    EXPECT_EQ(proof["whole"], false);
    EXPECT_TRUE(json({"snapshots"})[2]["lastProven"].is_null());
}

TEST_F(ServerVerbs, forgetLooksUpAllNamesFirst) {
    addSnapshot("1111000000000000000000000000cafe");
    addSnapshot("2222000000000000000000000000cafe");
    EXPECT_EQ(run({"forget", "1111", "3333"}), exitFailed);
    EXPECT_EQ(server_.calls, Calls{});
    EXPECT_EQ(run({"forget", "1111", "latest", "2222"}), exitSuccess);
    EXPECT_EQ(server_.calls, (Calls{"forget 1111000000000000000000000000cafe",
                                    "forget 2222000000000000000000000000cafe"}));
}

TEST_F(ServerVerbs, forgetByRules) {
    for (const bool keep : {true, false}) {
        Coffer::RetentionVerdict verdict;
        verdict.id = keep ? "1111000000000000000000000000cafe" : "2222000000000000000000000000cafe";
        verdict.agent = "laptop-7";
        verdict.what = rpc::toPaths({"/home"});
        verdict.committed = rpc::toMoment({1'700'000'000, 0});
        verdict.keep = keep;
        if (keep) verdict.reasons = rpc::toStrings({"last (1 of 1)", "newest"});
        const CORBA::ULong at = server_.verdicts.length();
        server_.verdicts.length(at + 1);
        server_.verdicts[at] = verdict;
    }
    EXPECT_EQ(
        run({"forget", "--keep-last", "1", "--keep-tag", "a", "--keep-tag", "b", "--preview"}),
        exitSuccess);
    EXPECT_EQ(server_.calls, Calls{"preview keep-last=1 keep-tag=a keep-tag=b"});
    EXPECT_TRUE(out_.starts_with("laptop-7: /home\n  keep    1111")) << out_;
    EXPECT_NE(out_.find("last (1 of 1), newest\n  forget  2222"), std::string::npos) << out_;
    EXPECT_NE(out_.find("1 of 2 snapshots would be forgotten."), std::string::npos) << out_;
    server_.calls.clear();
    const Json done = json({"forget", "--keep-daily", "7", "--now"});
    EXPECT_EQ(done["done"], true);
    EXPECT_EQ(done["sources"][0]["paths"][0], "/home");
    EXPECT_EQ(done["sources"][0]["snapshots"][1]["keep"], false);
    EXPECT_EQ(server_.calls,
              (Calls{"apply keep-daily=7", "forgetForGood 2222000000000000000000000000cafe"}));
    EXPECT_EQ(run({"forget"}), exitFailed);
    EXPECT_EQ(run({"forget", "1111", "--keep-last", "1"}), exitFailed);
    EXPECT_EQ(run({"forget", "1111", "--preview"}), exitFailed);
}

TEST_F(ServerVerbs, marksAndTheWayBack) {
    const std::string id = "1111000000000000000000000000cafe";
    addSnapshot(id.c_str());
    EXPECT_EQ(run({"tag", "1111", "--add", "red", "--remove", "blue"}), exitSuccess);
    EXPECT_EQ(run({"lock", "latest", "--until", "2027-02-29"}), exitFailed);
    EXPECT_EQ(run({"lock", "latest", "--until", "2027-01-31x"}), exitFailed);
    EXPECT_EQ(run({"unforget", "1111"}), exitSuccess);
    EXPECT_EQ(server_.calls,
              (Calls{"tag " + id + " add-tag=red remove-tag=blue", "unforget 1111"}));
    server_.calls.clear();
    EXPECT_EQ(run({"lock", "latest", "--until", "2027-01-31"}), exitSuccess);
    ASSERT_EQ(server_.calls.size(), 1U);
    EXPECT_TRUE(server_.calls[0].starts_with("lock " + id + " 18013")) << server_.calls[0];

    server_.marks.length(2);
    for (CORBA::ULong i = 0; i < 2; ++i) {
        server_.marks[i].id =
            i == 0 ? "1111000000000000000000000000cafe" : "3333000000000000000000000000cafe";
        server_.marks[i].committed = rpc::toMoment({1'700'000'000, 0});
        server_.marks[i].lockedUntil = rpc::unknownMoment();
        server_.marks[i].tags = rpc::toStrings({"red"});
        server_.marks[i].due = i == 0 ? rpc::unknownMoment() : rpc::toMoment({1'800'000'000, 0});
    }
    EXPECT_EQ(json({"marks"}).size(), 2U);
    const Json forgotten = json({"marks", "--forgotten"});
    ASSERT_EQ(forgotten.size(), 1U);
    EXPECT_EQ(forgotten[0]["id"], "3333000000000000000000000000cafe");
    EXPECT_EQ(forgotten[0]["due"], "2027-01-15T08:00:00Z");
    EXPECT_EQ(forgotten[0]["lockedUntil"], nullptr);
    server_.calls.clear();
    EXPECT_EQ(run({"forget", "--now", "3333"}), exitSuccess);
    EXPECT_EQ(server_.calls, Calls{"forgetForGood 3333000000000000000000000000cafe"});
}

TEST_F(ServerVerbs, findGroupsTheStatesOfAFile) {
    for (const char* where : {"/a", "/a", "/b"}) {
        Coffer::Finding finding;
        finding.where = rpc::toPath(where);
        finding.attributes.name = rpc::toPath("a");
        finding.attributes.kind = "file";
        finding.attributes.size = 5;
        finding.attributes.modified = rpc::toMoment({1'700'000'000, 0});
        finding.attributes.mode = 0644;
        finding.snapshots = rpc::toStrings({"1111", "2222"});
        server_.findings.push_back(finding);
    }
    server_.catalogState.unreadCount = 2;
    server_.catalogState.unread = rpc::toStrings({"1111", "2222"});
    EXPECT_EQ(run({"find", "a*"}), exitSuccess);
    EXPECT_EQ(server_.calls, (Calls{"find a* below /", "search a* in 1111 in 2222"}));
    EXPECT_TRUE(out_.starts_with("/a\n    5 B ")) << out_;
    EXPECT_NE(out_.find("in 1111, 2222\n/b\n"), std::string::npos) << out_;
    const Json array = json({"find", "a*"});
    ASSERT_EQ(array.size(), 2U);
    EXPECT_EQ(array[0]["versions"].size(), 2U);
    server_.findings.clear();
    EXPECT_EQ(json({"find", "a*", "--snapshot", "1111", "--snapshot", "latest"}), Json::array());
    EXPECT_EQ(server_.calls.back(), "search a* in 1111 in latest");
}

TEST_F(ServerVerbs, findAsksTheCatalogue) {
    for (const CORBA::ULong count : {1U, 12U}) {
        Coffer::CatalogVersion version;
        version.where = rpc::toPath("/home/a");
        version.agent = "laptop";
        version.kind = "file";
        version.size = 5;
        version.modified = rpc::toMoment({1'700'000'000, 0});
        version.firstSnapshot = "1111000000000000000000000000cafe";
        version.lastSnapshot = "2222000000000000000000000000cafe";
        version.firstCommitted = version.lastCommitted = rpc::unknownMoment();
        version.count = count;
        server_.versions.push_back(version);
    }
    EXPECT_EQ(run({"find", "-i", "A*", "--below", "/home/", "--agent", "laptop", "--kind", "file"}),
              exitSuccess);
    EXPECT_EQ(server_.calls, Calls{"find A* below /home agent=laptop ignore-case=yes kind=file"});
    EXPECT_TRUE(out_.starts_with("/home/a\n    5 B ")) << out_;
    EXPECT_NE(out_.find("in 11110000\n"), std::string::npos) << out_;
    EXPECT_NE(out_.find("in 11110000 … 22220000 (12 snapshots)\n"), std::string::npos) << out_;
    const Json array = json({"find", "a*"});
    ASSERT_EQ(array.size(), 1U);
    EXPECT_EQ(array[0]["versions"][1]["count"], 12);
    EXPECT_EQ(server_.calls.back(), "find a* below / list=yes");
    EXPECT_EQ(run({"versions", "laptop:/home/a*"}), exitSuccess);
    EXPECT_EQ(server_.calls.back(), "find /home/a\\* below / agent=laptop");
}

TEST_F(ServerVerbs, findWarnsOfWhatItDoesNotKnow) {
    server_.catalogState.unreadCount = 7;
    server_.catalogState.unread = rpc::toStrings({"1111000000000000000000000000cafe"});
    EXPECT_EQ(run({"find", "a", "--no-walk"}), exitWarnings);
    EXPECT_EQ(server_.calls, Calls{"find a below /"});
    EXPECT_NE(err_.find("7 snapshots are not in the catalogue"), std::string::npos) << err_;
    EXPECT_NE(err_.find("11110000 …"), std::string::npos) << err_;
    EXPECT_EQ(run({"find", "a"}), exitWarnings);  // those that the server has not named
    EXPECT_NE(err_.find("6 snapshots"), std::string::npos) << err_;
    EXPECT_EQ(run({"versions", "laptop:/a"}), exitWarnings);
    EXPECT_NE(run({"find", "a", "--snapshot", "1111", "-i"}), exitSuccess);
}

TEST_F(ServerVerbs, catalogTellsHowFarItIsAndIsMadeAnew) {
    server_.catalogState.read = 5;
    server_.catalogState.unreadCount = 1;
    server_.catalogState.unread = rpc::toStrings({"1111"});
    server_.catalogState.working = true;
    const Json state = json({"catalog", "status"});
    EXPECT_EQ(state["read"], 5);
    EXPECT_EQ(state["unreadSnapshots"], Json::array({"1111"}));
    EXPECT_EQ(state["working"], true);
    EXPECT_EQ(run({"catalog", "rebuild", "--repo", "offsite"}), exitSuccess);
    EXPECT_EQ(server_.calls, Calls{"rebuild offsite"});
}

TEST_F(ServerVerbs, whatCouldNotBeLookedIntoIsAWarning) {
    Coffer::Finding finding;
    finding.where = rpc::toPath("/home/a");
    finding.attributes.name = rpc::toPath("a");
    finding.attributes.kind = "file";
    finding.attributes.size = 5;
    finding.attributes.modified = rpc::unknownMoment();
    finding.attributes.mode = 0644;
    server_.findings.push_back(finding);
    finding.where = rpc::toPath("/home/bad");
    finding.attributes.kind = "";
    finding.attributes.more = rpc::toSettings({{"problem", "is lost"}, {"code", "corrupt"}});
    server_.findings.push_back(finding);
    server_.snapshotTree.addFolder("/home");
    EXPECT_EQ(run({"ls-snapshot", "-R", "latest:/home"}), exitWarnings);
    EXPECT_EQ(server_.calls, Calls{"walk latest:/home"});
    EXPECT_EQ(out_, "a\n");
    EXPECT_EQ(err_, "warning: /home/bad: is lost\n");
    EXPECT_EQ(run({"--json", "find", "*", "--snapshot", "1111"}), exitWarnings);
    EXPECT_EQ(Json::parse(out_).size(), 1U);
    EXPECT_EQ(Json::parse(err_)["warning"]["code"], "corrupt");
}

TEST_F(ServerVerbs, aSnapshotThatCannotBeReadIsListedWithAWarning) {
    addSnapshot("1f3a9c0200000000000000000000cafe");
    server_.snapshots[0].counts.length(0);
    server_.snapshots[0].more = rpc::toSettings({{"problem", "no seal"}, {"code", "corrupt"}});
    EXPECT_EQ(run({"snapshots"}), exitWarnings);
    EXPECT_NE(out_.find("1f3a9c02  "), std::string::npos) << out_;
    EXPECT_EQ(err_, "warning: no seal\n");
}

TEST_F(ServerVerbs, diffShowsALetterForEachChange) {
    for (const char* change : {"added", "removed", "content", "attributes", "type", "other"}) {
        Coffer::Difference difference;
        difference.change = change;
        difference.where = rpc::toPath("/x");
        difference.attributes.kind = "folder";
        difference.attributes.size = Coffer::unknownSize;
        difference.attributes.modified = rpc::unknownMoment();
        difference.attributes.mode = 0755;
        server_.differences.push_back(difference);
    }
    EXPECT_EQ(run({"diff", "1111", "latest"}), exitSuccess);
    EXPECT_EQ(out_, "+ /x/\n- /x/\nM /x/\nA /x/\nT /x/\n? /x/\n");
    EXPECT_EQ(json({"diff", "1111:/a", "latest:/b/"})[0]["change"], "added");
    EXPECT_EQ(server_.calls, (Calls{"compare 1111:/ latest:/", "compare 1111:/a latest:/b"}));
}

TEST_F(ServerVerbs, repositoriesAndTheirKits) {
    const std::string kit = scratch_ / "kit";
    EXPECT_EQ(run({"repo", "init", "main", "/srv/x"}), exitSuccess);
    EXPECT_EQ(run({"repo", "recovery-kit", "export", kit}), exitSuccess);
    EXPECT_EQ(readTextFile(kit), "KIT");
    EXPECT_EQ(run({"repo", "recovery-kit", "confirm", kit}), exitSuccess);
    EXPECT_EQ(run({"repo", "recovery-kit", "confirm", "-", "--repo", "r2"}, "KIT"), exitSuccess);
    EXPECT_EQ(run({"repo", "recovery-kit", "confirm", "-"}, "OTHER"), exitFailed);
    EXPECT_EQ(server_.calls,
              (Calls{"create main /srv/x", "exportKit main", "confirmKit main", "confirmKit r2"}));
    EXPECT_EQ(run({"repo", "init", "main", "relative"}), exitUsage);
    EXPECT_EQ(run({"repo"}), exitUsage);
}

TEST_F(ServerVerbs, repositoriesAreShown) {
    server_.repositories.length(1);
    server_.repositories[0].name = "main";
    server_.repositories[0].folder = "/srv/x";
    server_.repositories[0].id = "00ff";
    server_.repositories[0].kitConfirmed = false;
    server_.repositories[0].facts = rpc::toSettings({{"stored-bytes", "2048"}, {"packs", "1234"}});
    EXPECT_EQ(run({"repo", "list"}), exitSuccess);
    EXPECT_NE(out_.find("NOT CONFIRMED"), std::string::npos) << out_;
    EXPECT_EQ(run({"repo", "info"}), exitSuccess);
    EXPECT_NE(out_.find("2.00 KiB"), std::string::npos) << out_;
    EXPECT_NE(out_.find("1,234"), std::string::npos) << out_;
    EXPECT_EQ(json({"repo", "info", "main"})["kitConfirmed"], false);
    EXPECT_EQ(run({"repo", "info", "none"}), exitFailed);
}

TEST_F(ServerVerbs, nothingIsSaidOfTheKitOfARepositoryThatCannotBeOpened) {
    server_.repositories.length(1);
    server_.repositories[0].name = "main";
    server_.repositories[0].kitConfirmed = false;
    server_.repositories[0].facts = rpc::toSettings({{"problem", "its folder is not there"}});
    EXPECT_EQ(run({"repo", "list"}), exitSuccess);
    EXPECT_NE(out_.find("cannot be opened"), std::string::npos) << out_;
    EXPECT_EQ(out_.find("CONFIRMED"), std::string::npos) << out_;
}

TEST_F(ServerVerbs, repositoriesAreRemovedAndKept) {
    server_.repositories.length(1);
    server_.repositories[0].name = "old";
    server_.repositories[0].folder = "/srv/x";
    server_.repositories[0].kitConfirmed = true;
    server_.repositories[0].facts = rpc::toSettings({{"removed-until", "2027-01-15T08:00:00Z"}});
    EXPECT_EQ(run({"repo", "remove", "old"}), exitSuccess);
    EXPECT_NE(out_.find("What lies in /srv/x stays"), std::string::npos) << out_;
    EXPECT_NE(out_.find("'coffer repo keep old'"), std::string::npos) << out_;
    EXPECT_EQ(run({"repo", "remove", "old", "--despite-tasks", "--delete-data"}), exitSuccess);
    EXPECT_NE(out_.find("What lies in /srv/x is deleted"), std::string::npos) << out_;
    EXPECT_EQ(run({"repo", "list"}), exitSuccess);
    EXPECT_NE(out_.find("REMOVED until 2027-01-15T08:00:00Z"), std::string::npos) << out_;
    EXPECT_EQ(run({"repo", "keep", "old"}), exitSuccess);
    EXPECT_EQ(json({"repo", "remove", "old"})["removedUntil"], "2027-01-15T08:00:00Z");
    EXPECT_EQ(json({"repo", "keep", "old"})["kept"], "old");
    EXPECT_EQ(server_.calls, (Calls{"remove old delete-data=no despite-tasks=no",
                                    "remove old delete-data=yes despite-tasks=yes", "keep old",
                                    "remove old delete-data=no despite-tasks=no", "keep old"}));
    EXPECT_EQ(run({"repo", "remove"}), exitUsage);
    EXPECT_EQ(run({"repo", "keep"}), exitUsage);
}

TEST_F(ServerVerbs, eventsComeInTheirOrder) {
    for (unsigned i = 1; i <= 1'500; ++i) {
        Coffer::Event event;
        event.number = i;
        event.time = rpc::toMoment({1'700'000'000, 0});
        event.kind = "run-ended";
        event.text = "run ended\x1b";
        server_.events.push_back(event);
    }
    EXPECT_EQ(run({"events"}), exitSuccess);
    EXPECT_EQ(std::ranges::count(out_, '\n'), 1'500);
    EXPECT_EQ(out_.find('\x1b'), std::string::npos);
    EXPECT_EQ(run({"--json", "events", "--after", "1499"}), exitSuccess);
    EXPECT_EQ(Json::parse(out_)["number"], 1'500);
}

}  // namespace
}  // namespace coffer::cli
