#include "workstation_agent/agent_control.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "core/agent/allowed_tree.h"
#include "core/agent/file_tree.h"
#include "core/base/threads.h"
#include "core/rpc/failure.h"
#include "core/storage/disk.h"
#include "tests/support/expect_error.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/test_orb.h"

namespace coffer {
namespace {

namespace fs = std::filesystem;

/// An agent's servant as the server sees it, by a reference. It may read the scratch folder but for
/// "own", and write below "in".
class AgentControlTest : public testing::Test {
  protected:
    AgentControlTest() {
        fs::create_directories(scratch_ / "in");
        fs::create_directories(scratch_ / "own");
        std::ofstream(scratch_ / "file") << "content";
        std::ofstream(scratch_ / "own/agent.pem") << "secret";
        allowed_.emplace(AllowList::Settings{{scratch_.path()}, {scratch_ / "in"}, {"backup"}},
                         std::vector<std::string>{scratch_ / "own"}, *disk_);
        tree_.emplace(files_, *allowed_);
        servant_ =
            new AgentControlServant({*tree_, iterators_,
                                     [] {
                                         return rpc::SettingMap{{"host", "laptop-7"}};
                                     },
                                     [this](const RunOrder& order) { started_.push_back(order); },
                                     [this](std::int64_t run) { cancelled_.push_back(run); },
                                     [this] {
                                         if (!isServer_)
                                             throw Error(ErrorCode::permissionDenied, "no server");
                                     }});
        id_ = PortableServer::string_to_ObjectId("agent");
        poa_->activate_object_with_id(id_, servant_);
        const CORBA::Object_var object = poa_->id_to_reference(id_);
        control_ = Coffer::AgentControl::_narrow(object);
    }
    ~AgentControlTest() override {
        poa_->deactivate_object(id_);
        servant_->close();
    }

    /// A call as the server makes it.
    template <class Work>
    static decltype(auto) ask(Work&& work) {
        return rpc::call("ask", std::forward<Work>(work));
    }
    template <class Work>
    static void refused(ErrorCode code, Work&& work, const std::string& text = "") {
        expectError(
            code, [&] { ask(work); }, text);
    }
    Coffer::PathOctets at(const std::string& name) {
        return rpc::toPath(name.empty() ? scratch_.path() : scratch_ / name);
    }
    Coffer::Octets_var read(const std::string& name, std::uint64_t offset, unsigned length) {
        return ask([&] { return control_->read(at(name), offset, length); });
    }
    std::set<std::string> listAll(const std::string& name, unsigned atMost) {
        std::set<std::string> names;
        const auto keep = [&](const Coffer::Entries& entries) {
            EXPECT_LE(entries.length(), atMost);
            for (CORBA::ULong i = 0; i < entries.length(); ++i) {
                EXPECT_TRUE(names.insert(rpc::textOf(entries[i].name)).second);
            }
        };
        Coffer::EntryIterator_var rest;
        Coffer::Entries_var page =
            ask([&] { return control_->list(at(name), atMost, rest.out()); });
        keep(page);
        for (bool more = !CORBA::is_nil(rest); more;) {
            more = ask([&] { return rest->next(atMost, page.out()); });
            keep(page);
        }
        return names;
    }

    std::unique_ptr<Disk> disk_ = makeSystemDisk();
    ScratchFolder scratch_;
    CancelToken cancel_;
    FileTree files_{cancel_};
    std::optional<AllowList> allowed_;
    std::optional<AllowedTree> tree_;
    ManualClock clock_;
    const PortableServer::POA_var poa_{testOrb().poa("controls")};
    const PortableServer::POA_var pages_{testOrb().poa("iterators")};
    rpc::LeaseKeeper iterators_{
        pages_, clock_, {.seconds = 300, .objects = 3, .objectsOfOwner = 3}};
    bool isServer_ = true;
    std::vector<RunOrder> started_;
    std::vector<std::int64_t> cancelled_;
    PortableServer::Servant_var<AgentControlServant> servant_;
    PortableServer::ObjectId_var id_;
    Coffer::AgentControl_var control_;
};

TEST_F(AgentControlTest, ShowsFilesAndFolders) {
    const Coffer::Entry_var entry = ask([&] { return control_->stat(at("file")); });
    EXPECT_EQ(rpc::textOf(entry->name), "file");
    EXPECT_STREQ(entry->kind, "file");
    EXPECT_EQ(entry->size, 7);
    const Coffer::Entry_var folder = ask([&] { return control_->stat(at("in")); });
    EXPECT_STREQ(folder->kind, "folder");
    EXPECT_EQ(folder->size, Coffer::unknownSize);
    EXPECT_EQ(listAll("", 10), (std::set<std::string>{"file", "in", "own"}));
    EXPECT_EQ(textOf(rpc::viewOf(read("file", 3, 100))), "tent");
}

TEST_F(AgentControlTest, ChangesWhatItMay) {
    ask([&] { control_->createFolder(at("in/sub")); });
    ask([&] { control_->createFile(at("in/sub/a")); });
    ask([&] { control_->write(at("in/sub/a"), 2, rpc::toOctets(bytesOf("xyz"))); });
    ask([&] { control_->resize(at("in/sub/a"), 4); });
    EXPECT_EQ(textOf(rpc::viewOf(read("in/sub/a", 0, 100))), std::string_view("\0\0xy", 4));
    ask([&] { control_->copy(at("in/sub"), at("in/copy")); });
    ask([&] { control_->move(at("in/copy/a"), at("in/b")); });
    ask([&] { control_->erase(at("in/sub"), true); });
    EXPECT_EQ(listAll("in", 10), (std::set<std::string>{"b", "copy"}));
}

TEST_F(AgentControlTest, TheAllowListStandsBeforeEverything) {
    const auto data = rpc::toOctets(bytesOf("x"));
    const auto denied = ErrorCode::permissionDenied;
    const auto etc = rpc::toPath("/etc/passwd");
    Coffer::EntryIterator_var rest;
    refused(
        denied, [&] { control_->stat(etc); }, "allow.read");
    refused(
        denied, [&] { control_->list(rpc::toPath("/etc"), 10, rest.out()); }, "allow.read");
    refused(
        denied, [&] { control_->read(etc, 0, 1); }, "allow.read");
    refused(
        denied, [&] { control_->read(at("own/agent.pem"), 0, 1); }, "own files");
    refused(
        denied, [&] { control_->list(at("own"), 10, rest.out()); }, "own files");
    refused(
        denied, [&] { control_->write(at("file"), 0, data); }, "allow.write");
    refused(
        denied, [&] { control_->resize(at("file"), 0); }, "allow.write");
    refused(
        denied, [&] { control_->createFile(at("new")); }, "allow.write");
    refused(
        denied, [&] { control_->createFolder(at("new")); }, "allow.write");
    refused(
        denied, [&] { control_->erase(at("file"), true); }, "allow.write");
    refused(
        denied, [&] { control_->move(at("file"), at("in/x")); }, "allow.write");
    refused(
        denied, [&] { control_->copy(etc, at("in/x")); }, "allow.read");
    refused(
        denied, [&] { control_->copy(at("file"), at("x")); }, "allow.write");
    EXPECT_EQ(listAll("", 10), (std::set<std::string>{"file", "in", "own"}));
    EXPECT_TRUE(fs::is_empty(scratch_ / "in"));
}

TEST_F(AgentControlTest, OnlyTheServerMayCall) {
    Coffer::EntryIterator_var rest;
    ask([&] { return Coffer::Entries_var(control_->list(at(""), 1, rest.out())); });
    ASSERT_FALSE(CORBA::is_nil(rest));
    isServer_ = false;
    const auto denied = ErrorCode::permissionDenied;
    Coffer::Entries_var page;
    refused(denied, [&] { control_->describe(); });
    refused(denied, [&] { control_->startRun(Coffer::RunOrder()); });
    refused(denied, [&] { control_->cancelRun(1); });
    refused(denied, [&] { control_->stat(at("file")); });
    refused(denied, [&] { control_->erase(at("in"), true); });
    refused(denied, [&] { rest->next(1, page.out()); });
    EXPECT_TRUE(fs::exists(scratch_ / "in"));
}

TEST_F(AgentControlTest, RefusesHostilePaths) {
    const std::string in = scratch_ / "in";
    for (const std::string& hostile :
         {std::string(), std::string("in"), in + "/..", in + "/../file", in + "/.", in + "//x",
          in + "/", in + std::string("/a\0b", 4), "/" + std::string(1 << 20, 'x'),
          "/" + std::string(3 << 20, 'x')}) {
        const auto path = rpc::toPath(hostile);
        const auto wrong = ErrorCode::invalidArgument;
        Coffer::EntryIterator_var rest;
        refused(wrong, [&] { control_->stat(path); });
        refused(wrong, [&] { control_->list(path, 10, rest.out()); });
        refused(wrong, [&] { control_->read(path, 0, 1); });
        refused(wrong, [&] { control_->createFile(path); });
        refused(wrong, [&] { control_->erase(path, true); });
        refused(wrong, [&] { control_->move(at("in"), path); });
        refused(wrong, [&] { control_->copy(at("file"), path); });
    }
}

TEST_F(AgentControlTest, ANameOfAMillionOctetsIsRefusedShortly) {
    const auto path = rpc::toPath(scratch_ / "in/" + std::string((1 << 20) - 1000, 'x'));
    const auto error = errorOf([&] { ask([&] { control_->createFile(path); }); });
    ASSERT_TRUE(error);
    EXPECT_LT(std::string_view(error->what()).size(), 3000u);
}

TEST_F(AgentControlTest, RefusesAbsurdCounts) {
    const auto wrong = ErrorCode::invalidArgument;
    Coffer::EntryIterator_var rest;
    refused(wrong, [&] { control_->list(at(""), 0, rest.out()); });
    refused(wrong, [&] { control_->list(at(""), 0xffffffff, rest.out()); });
    refused(wrong, [&] { control_->read(at("file"), 0, longestStretch + 1); });
    refused(wrong, [&] { control_->read(at("file"), 0, 0xffffffff); });
    refused(wrong, [&] { control_->read(at("file"), ~0ull, 1); });
    Coffer::Octets data;
    data.length(longestStretch + 1);
    ask([&] { control_->createFile(at("in/a")); });
    refused(wrong, [&] { control_->write(at("in/a"), 0, data); });
    refused(wrong, [&] { control_->write(at("in/a"), ~0ull, rpc::toOctets(bytesOf("x"))); });
    refused(wrong, [&] { control_->resize(at("in/a"), ~0ull); });
}

TEST_F(AgentControlTest, ListsInPages) {
    std::set<std::string> names;
    for (int i = 0; i < 25; ++i) {
        names.insert("f" + std::to_string(i));
        std::ofstream(scratch_ / ("in/f" + std::to_string(i)));
    }
    for (const unsigned page : {1u, 7u, 25u, 1000u}) EXPECT_EQ(listAll("in", page), names);
    EXPECT_EQ(iterators_.count(), 0u);
}

TEST_F(AgentControlTest, IteratorsAreFewAndEnd) {
    std::vector<Coffer::EntryIterator_var> open(3);
    for (auto& rest : open) {
        ask([&] { return Coffer::Entries_var(control_->list(at(""), 1, rest.out())); });
    }
    Coffer::EntryIterator_var rest;
    refused(ErrorCode::limitExceeded, [&] { control_->list(at(""), 1, rest.out()); });
    clock_.advance(301);
    Coffer::Entries_var page;
    refused(ErrorCode::gone, [&] { open[0]->next(1, page.out()); });
    ask([&] { return Coffer::Entries_var(control_->list(at(""), 1, rest.out())); });
}

TEST_F(AgentControlTest, PassesOrdersOn) {
    Coffer::RunOrder order;
    order.run = 7;
    order.attempt = 2;
    order.kind = "backup";
    order.token = rpc::toOctets(bytesOf("token"));
    order.what = rpc::toPaths({"/home", "/etc"});
    order.patterns = rpc::toStrings({"*.o"});
    order.options = rpc::toSettings({{"workers", "2"}});
    ask([&] { control_->startRun(order); });
    ask([&] { control_->cancelRun(9); });
    ASSERT_EQ(started_.size(), 1u);
    EXPECT_EQ(started_[0].run, 7);
    EXPECT_EQ(started_[0].attempt, 2u);
    EXPECT_EQ(started_[0].kind, "backup");
    EXPECT_EQ(textOf(started_[0].token), "token");
    EXPECT_EQ(started_[0].what, (std::vector<std::string>{"/home", "/etc"}));
    EXPECT_EQ(started_[0].patterns, (std::vector<std::string>{"*.o"}));
    EXPECT_EQ(started_[0].options.at("workers"), "2");
    EXPECT_EQ(cancelled_, (std::vector<std::int64_t>{9}));
}

TEST_F(AgentControlTest, RefusesAnOrderOfAbsurdLength) {
    Coffer::RunOrder order;
    order.patterns.length(200'000);
    refused(ErrorCode::invalidArgument, [&] { control_->startRun(order); });
    order.patterns.length(0);
    order.options.length(10'000);
    refused(ErrorCode::invalidArgument, [&] { control_->startRun(order); });
    EXPECT_TRUE(started_.empty());
}

TEST_F(AgentControlTest, DescribesItself) {
    const Coffer::Settings_var facts = ask([&] { return control_->describe(); });
    EXPECT_EQ(rpc::toMap(facts), (rpc::SettingMap{{"host", "laptop-7"}}));
}

TEST_F(AgentControlTest, RefusesCallsOnceItIsClosed) {
    servant_->close();
    refused(ErrorCode::unavailable, [&] { control_->stat(at("file")); });
}

}  // namespace
}  // namespace coffer
