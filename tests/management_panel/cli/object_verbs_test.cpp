// ls, stat, get, cp, mv, rm, mkdir: the files of agents.

#include "core/trust/private_file.h"
#include "tests/management_panel/cli/cli_fixture.h"

namespace coffer::cli {
namespace {

class ObjectVerbs : public CliFixture {
  protected:
    ObjectVerbs() {
        files_->addFolder("/d");
        files_->addFile("/d/b.txt", "bee");
        files_->addFile("/d/a\n", "ay");
        files_->addFolder("/d/sub");
    }
};

TEST_F(ObjectVerbs, lsListsAFolderOrOneEntry) {
    EXPECT_EQ(run({"ls", "laptop:/d"}), exitSuccess);
    EXPECT_EQ(out_, "a\\x0a\nb.txt\nsub/\n");
    EXPECT_EQ(run({"ls", "laptop:/d/b.txt"}), exitSuccess);
    EXPECT_EQ(out_, "b.txt\n");
    EXPECT_EQ(run({"ls", "-l", "laptop:/d/b.txt"}), exitSuccess);
    EXPECT_TRUE(out_.starts_with("-rw-r--r--  ann       100             3 B  ")) << out_;
    const Json array = json({"ls", "laptop:/d"});
    EXPECT_EQ(array[1]["path"], "/d/b.txt");
    EXPECT_EQ(array[1]["size"], 3);
}

TEST_F(ObjectVerbs, whatIsNotThereIsAnError) {
    EXPECT_EQ(run({"ls", "laptop:/none"}), exitFailed);
    EXPECT_EQ(out_, "");
    EXPECT_NE(err_.find("coffer: /none: "), std::string::npos) << err_;
    EXPECT_EQ(run({"--json", "stat", "laptop:/none"}), exitFailed);
    EXPECT_EQ(Json::parse(err_)["error"]["code"], "not-found");
    EXPECT_EQ(run({"ls", "other:/"}), exitFailed);
    server_.agents["desk"] = nullptr;
    EXPECT_EQ(run({"ls", "desk:/"}), exitFailed);
    EXPECT_NE(err_.find("away"), std::string::npos) << err_;
}

TEST_F(ObjectVerbs, wrongWordsAreWrongUsage) {
    for (const Calls& words : {Calls{"ls"}, Calls{"ls", "laptop"}, Calls{"ls", "laptop:d"},
                               Calls{"stat", "laptop:/a/../b"}, Calls{"rm"},
                               Calls{"mv", "laptop:/a"}, Calls{"cp", "laptop:/a"}, Calls{"fly"}}) {
        EXPECT_EQ(run(words), exitUsage) << words.back();
        EXPECT_NE(err_.find("--help"), std::string::npos) << err_;
    }
}

TEST_F(ObjectVerbs, statShowsAttributes) {
    EXPECT_EQ(run({"stat", "laptop:/d/b.txt"}), exitSuccess);
    for (const char* text : {"/d/b.txt", "laptop", "file", "3 B (3 octets)", "0644", "ann"}) {
        EXPECT_NE(out_.find(text), std::string::npos) << text << " in " << out_;
    }
    const Json object = json({"stat", "laptop:/d/b.txt"});
    EXPECT_EQ(object["type"], "file");
    EXPECT_EQ(object["owner"], "ann");
    EXPECT_EQ(object["uid"], 1000);
}

TEST_F(ObjectVerbs, getWritesAFile) {
    EXPECT_EQ(run({"get", "laptop:/d/b.txt"}), exitSuccess);
    EXPECT_EQ(out_, "bee");
    EXPECT_EQ(run({"get", "laptop:/d"}), exitFailed);
    EXPECT_NE(err_.find("no regular file"), std::string::npos) << err_;
}

TEST_F(ObjectVerbs, whatLooksLikeASnapshotIsOne) {
    server_.snapshots.length(1);
    server_.snapshots[0].id = "cafe0000000000000000000000000000";
    server_.snapshotTree.addFile("/f", "old");
    server_.addAgent("cafe")->addFile("/f", "now");
    EXPECT_EQ(run({"get", "cafe:/f"}), exitSuccess);
    EXPECT_EQ(out_, "old");
    EXPECT_EQ(run({"get", "--agent", "cafe:/f"}), exitSuccess);
    EXPECT_EQ(out_, "now");
    EXPECT_EQ(run({"get", "latest:/f"}), exitSuccess);
    EXPECT_EQ(out_, "old");
}

TEST_F(ObjectVerbs, cpBringsFilesHereAndThere) {
    EXPECT_EQ(run({"cp", "laptop:/d/b.txt", scratch_.path()}), exitSuccess) << err_;
    EXPECT_EQ(readTextFile(scratch_ / "b.txt"), "bee");
    EXPECT_EQ(run({"cp", scratch_ / "b.txt", "laptop:/d/sub"}), exitSuccess) << err_;
    EXPECT_EQ(files_->at("/d/sub/b.txt"), "bee");
    EXPECT_EQ(run({"cp", "laptop:/d/b.txt", "laptop:/d/c"}), exitSuccess) << err_;
    EXPECT_EQ(files_->at("/d/c"), "bee");
    server_.addAgent("desk");
    EXPECT_EQ(run({"cp", "-r", "laptop:/d", "desk:/d"}), exitSuccess) << err_;
    EXPECT_EQ(server_.agents["desk"]->at("/d/sub/b.txt"), "bee");
}

TEST_F(ObjectVerbs, cpReplacesNothing) {
    EXPECT_EQ(run({"cp", "laptop:/d/b.txt", "laptop:/d/a\n"}), exitFailed);
    EXPECT_EQ(files_->at("/d/a\n"), "ay");
    EXPECT_EQ(run({"cp", "laptop:/d", scratch_ / "d"}), exitFailed);
    EXPECT_NE(err_.find("-r"), std::string::npos) << err_;
    EXPECT_EQ(run({"cp", "a", "b"}), exitFailed);
    EXPECT_NE(err_.find("cp(1)"), std::string::npos) << err_;
}

TEST_F(ObjectVerbs, cpTellsWhatItLeftOut) {
    files_->add("/d/sub/pipe", {"fifo", ""});
    EXPECT_EQ(run({"cp", "-r", "laptop:/d/sub", scratch_ / "s"}), exitWarnings);
    EXPECT_NE(err_.find("warning: /d/sub/pipe: "), std::string::npos) << err_;
}

TEST_F(ObjectVerbs, mvRenamesOrMovesIntoAFolder) {
    EXPECT_EQ(run({"mv", "laptop:/d/b.txt", "laptop:/d/sub"}), exitSuccess) << err_;
    EXPECT_EQ(files_->at("/d/sub/b.txt"), "bee");
    EXPECT_EQ(run({"mv", "laptop:/d/sub/b.txt", "laptop:/x"}), exitSuccess) << err_;
    EXPECT_EQ(files_->at("/x"), "bee");
    EXPECT_EQ(run({"mv", "laptop:/x", "laptop:/d/a\n"}), exitFailed);
    EXPECT_EQ(run({"mv", "laptop:/x", "desk:/x"}), exitFailed);
    EXPECT_NE(err_.find("coffer cp"), std::string::npos) << err_;
}

TEST_F(ObjectVerbs, rmRemovesAndMkdirMakes) {
    EXPECT_EQ(run({"rm", "laptop:/d"}), exitFailed);
    EXPECT_EQ(files_->at("/d/b.txt"), "bee");
    EXPECT_EQ(run({"rm", "laptop:/d/b.txt", "laptop:/d/sub"}), exitSuccess) << err_;
    EXPECT_EQ(files_->at("/d/b.txt"), "(nothing)");
    EXPECT_EQ(run({"rm", "-r", "laptop:/d"}), exitSuccess) << err_;
    EXPECT_EQ(run({"rm", "-r", "laptop:/"}), exitFailed);
    EXPECT_EQ(files_->at("/"), "(folder)");
    EXPECT_EQ(run({"mkdir", "laptop:/new"}), exitSuccess) << err_;
    EXPECT_EQ(files_->at("/new"), "(folder)");
    EXPECT_EQ(run({"mkdir", "laptop:/new"}), exitFailed);
}

}  // namespace
}  // namespace coffer::cli
