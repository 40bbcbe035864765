#include "management_server/objects/node_servants.h"

#include <gtest/gtest.h>

#include <map>

#include "core/rpc/orb.h"
#include "core/service/log.h"
#include "management_server/access/upcall.h"
#include "tests/management_server/objects/fake_agent.h"

namespace coffer {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t million = 1'000'000;

/// Agents "laptop" and "desktop" and one user, all in one process.
struct NodesTest : testing::Test {
    NodesTest() {
        LogSettings quiet;
        quiet.level = LogLevel::error;
        openLog(quiet);
        sessions.onEnd([this](const UserSession& ended) {
            if (tidy) iterators.dropOwner(ended.owner());
        });
        attach("laptop", laptop);
        attach("desktop", desktop);
    }

    template <class Servant>
    CORBA::Object_ptr activate(const Servant& servant) {
        const std::string name = std::to_string(++activated);
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId(name.c_str());
        agentPoa->activate_object_with_id(id, servant.in());
        return agentPoa->id_to_reference(id);
    }
    void attach(const std::string& name, const PortableServer::Servant_var<FakeAgent>& agent) {
        const CORBA::Object_var made = activate(agent);
        attached[name] = Coffer::AgentControl::_narrow(made);
    }
    Coffer::AgentControl_var control(const std::string& name) {
        const auto found = attached.find(name);
        if (found == attached.end()) throw Error(ErrorCode::unavailable, name + " is away");
        return found->second;
    }

    /// The laptop's iterator after the first page: entries up to `end`.
    void serveRest(unsigned first, unsigned end) {
        serveRest([first, end](unsigned atMost, Coffer::Entries& page) mutable {
            const unsigned count = std::min(atMost, end - first);
            const Coffer::Entries_var made = numbered(first, count);
            page = made.in();
            first += count;
            return first < end;
        });
    }
    void serveRest(FakeIterator::Next next) {
        const PortableServer::Servant_var<FakeIterator> servant =
            new FakeIterator(std::move(next), closed);
        const CORBA::Object_var made = activate(servant);
        laptop->rest = Coffer::EntryIterator::_narrow(made);
    }

    Coffer::Folder_var root(const std::string& agent = "laptop") {
        return nodes.root(session, agent);
    }
    Coffer::Node_var node(const std::string& path, const char* kind) {
        laptop->kind = kind;
        Coffer::Node_var found = root()->find(rpc::toPath(path));
        laptop->asked();
        return found;
    }
    Coffer::File_var file(const std::string& path = "a.txt") {
        const Coffer::Node_var found = node(path, "file");
        return Coffer::File::_narrow(found);
    }
    Coffer::Folder_var folder(const std::string& path = "home") {
        const Coffer::Node_var found = node(path, "folder");
        return Coffer::Folder::_narrow(found);
    }

    /// The object that some made-up id leads to.
    Coffer::Folder_var madeUp(const Bytes& id) {
        const CORBA::Object_var made = referenceIn(orb, "folders", id, "IDL:Coffer/Folder:1.0");
        return Coffer::Folder::_narrow(made);
    }

    template <class Work>
    void expectFailed(const std::string& code, Work&& work) {
        try {
            work();
            ADD_FAILURE() << "no " << code;
        } catch (const Coffer::Failed& failed) {
            EXPECT_EQ(failed.code.in(), code) << failed.message.in();
            EXPECT_LT(std::string(failed.message.in()).size(), 1'000U);
        }
    }

    rpc::Orb orb{rpc::OrbSettings{rpc::OrbRole::embedded}};
    ManualClock clock;
    SessionTable sessions{clock, sessionCalls(everyRole)};
    UserSession session = sessions.begin("ann");
    PortableServer::POA_var iteratorPoa = orb.poa("iterators");
    PortableServer::POA_var agentPoa = orb.poa("agents of the test");
    rpc::LeaseKeeper iterators{iteratorPoa.in(), clock, rpc::LeaseLimits{300, 100, 5}};
    std::map<std::string, Coffer::AgentControl_var> attached;
    NodeServants nodes{orb, sessions, [this](const std::string& name) { return control(name); },
                       iterators};
    bool tidy = true;
    std::atomic<int> closed{0};
    int activated = 0;
    PortableServer::Servant_var<FakeAgent> laptop = new FakeAgent;
    PortableServer::Servant_var<FakeAgent> desktop = new FakeAgent;
};

TEST_F(NodesTest, ShowTheRootOfAnAgent) {
    const Coffer::Folder_var found = root();
    const Coffer::PathOctets_var location = found->location();
    EXPECT_EQ(rpc::textOf(location), "/");
    EXPECT_EQ(laptop->asked(), Texts{});
    const Coffer::Entry_var entry = found->attributes();
    EXPECT_STREQ(entry->kind.in(), "folder");
    EXPECT_EQ(entry->size, 7);
    EXPECT_EQ(laptop->asked(), Texts{"stat /"});
    EXPECT_EQ(desktop->asked(), Texts{});
}

TEST_F(NodesTest, AreToldApart) {
    EXPECT_FALSE(CORBA::is_nil(folder().in()));
    EXPECT_FALSE(CORBA::is_nil(file().in()));
    const Coffer::Node_var link = node("link", "symlink");
    EXPECT_TRUE(CORBA::is_nil(Coffer::File_var(Coffer::File::_narrow(link)).in()));
    EXPECT_TRUE(CORBA::is_nil(Coffer::Folder_var(Coffer::Folder::_narrow(link)).in()));
    const Coffer::PathOctets_var location = link->location();
    EXPECT_EQ(rpc::textOf(location), "/link");
    const Coffer::Node_var aFile = node("f", "file");
    EXPECT_TRUE(CORBA::is_nil(Coffer::Folder_var(Coffer::Folder::_narrow(aFile)).in()));
}

TEST_F(NodesTest, AreFoundBelowAFolder) {
    const Coffer::Folder_var home = folder("home");
    Coffer::Node_var found = home->find(rpc::toPath("ann/\xff"));
    EXPECT_EQ(laptop->asked(), Texts{"stat /home/ann/\xff"});
    const Coffer::PathOctets_var location = found->location();
    EXPECT_EQ(rpc::textOf(location), "/home/ann/\xff");
    found = home->find(rpc::toPath(""));
    const Coffer::PathOctets_var same = found->location();
    EXPECT_EQ(rpc::textOf(same), "/home");
}

TEST_F(NodesTest, DoNotLeadOutOfTheirFolder) {
    const Coffer::Folder_var home = folder("home");
    for (const std::string& path :
         {std::string(".."), std::string("../etc"), std::string("a/../.."), std::string("/etc"),
          std::string("a//b"), std::string("."), std::string("a\0b", 3), std::string(million, 'x'),
          std::string(million, '/')}) {
        expectFailed("invalid-argument", [&] { home->find(rpc::toPath(path)); });
        expectFailed("invalid-argument", [&] { home->createFile(rpc::toPath(path)); });
        expectFailed("invalid-argument", [&] { home->createFolder(rpc::toPath(path)); });
    }
    for (const char* name : {"", "a/b"}) {
        expectFailed("invalid-argument", [&] { home->createFile(rpc::toPath(name)); });
        expectFailed("invalid-argument", [&] { home->createFolder(rpc::toPath(name)); });
    }
    EXPECT_EQ(laptop->asked(), Texts{});
}

TEST_F(NodesTest, AreMadeInAFolder) {
    const Coffer::Folder_var home = folder("home");
    const Coffer::File_var made = home->createFile(rpc::toPath("new"));
    made->write(3, rpc::toOctets(Bytes(2, 'x')));
    const Coffer::Folder_var inner = home->createFolder(rpc::toPath("sub"));
    const Coffer::File_var within = inner->createFile(rpc::toPath("x"));
    EXPECT_EQ(laptop->asked(), (Texts{"create-file /home/new", "write /home/new 3 2",
                                      "create-folder /home/sub", "create-file /home/sub/x"}));
}

TEST_F(NodesTest, ReadAndWriteContent) {
    const Coffer::File_var it = file();
    const Coffer::Octets_var data = it->read(10, 5);
    EXPECT_EQ(data->length(), 5U);
    it->write(1, rpc::toOctets(Bytes(4 << 20, 'x')));
    it->resize(0xffffffffffffffffULL);
    EXPECT_EQ(laptop->asked(), (Texts{"read /a.txt 10 5", "write /a.txt 1 4194304",
                                      "resize /a.txt 18446744073709551615"}));
}

TEST_F(NodesTest, BoundWhatIsReadAndWrittenAtOnce) {
    const Coffer::File_var it = file();
    expectFailed("invalid-argument", [&] { it->read(0, (4 << 20) + 1); });
    expectFailed("invalid-argument", [&] { it->read(0, 0xffffffff); });
    expectFailed("invalid-argument", [&] { it->write(0, rpc::toOctets(Bytes((4 << 20) + 1))); });
    EXPECT_EQ(laptop->asked(), Texts{});
    laptop->readLength = 6;
    expectFailed("untrusted", [&] { it->read(0, 5); });
}

TEST_F(NodesTest, AreErasedMovedAndCopied) {
    const Coffer::Node_var it = node("home/a", "symlink");
    it->erase(false);
    it->erase(true);
    it->moveTo(rpc::toPath("/home/b"));
    it->copyTo(rpc::toPath("/c"));
    EXPECT_EQ(laptop->asked(), (Texts{"erase /home/a", "erase /home/a all", "move /home/a /home/b",
                                      "copy /home/a /c"}));
    for (const std::string& target : {std::string(""), std::string("b"), std::string("/a/../b"),
                                      std::string("/a\0b", 4), "/" + std::string(million, 'x')}) {
        expectFailed("invalid-argument", [&] { it->moveTo(rpc::toPath(target)); });
        expectFailed("invalid-argument", [&] { it->copyTo(rpc::toPath(target)); });
    }
    EXPECT_EQ(laptop->asked(), Texts{});
}

TEST_F(NodesTest, ListInPages) {
    laptop->entries = [](unsigned) { return numbered(0, 3); };
    serveRest(3, 10);
    Coffer::EntryIterator_var rest;
    const Coffer::Entries_var first = root()->list(3, rest.out());
    EXPECT_EQ(first->length(), 3U);
    EXPECT_EQ(laptop->asked(), Texts{"list / 3"});
    EXPECT_FALSE(rest->_is_equivalent(laptop->rest));  // nobody talks to an agent directly
    Coffer::Entries_var page;
    EXPECT_TRUE(rest->next(4, page.out()));
    EXPECT_EQ(page->length(), 4U);
    EXPECT_EQ(rpc::textOf(page[0].name), "3");
    EXPECT_FALSE(rest->next(10'000, page.out()));
    EXPECT_EQ(page->length(), 3U);
    EXPECT_THROW(rest->next(1, page.out()), CORBA::OBJECT_NOT_EXIST);
    EXPECT_EQ(iterators.count(), 0U);
    EXPECT_EQ(closed, 0);
}

TEST_F(NodesTest, ListWithoutARest) {
    laptop->entries = [](unsigned) { return numbered(0, 0); };
    Coffer::EntryIterator_var rest;
    const Coffer::Entries_var all = root()->list(1, rest.out());
    EXPECT_EQ(all->length(), 0U);
    EXPECT_TRUE(CORBA::is_nil(rest));
    EXPECT_EQ(iterators.count(), 0U);
}

TEST_F(NodesTest, RefuseAbsurdCounts) {
    laptop->entries = [](unsigned) { return numbered(0, 1); };
    serveRest(1, 10);
    Coffer::EntryIterator_var rest;
    const Coffer::Folder_var it = root();
    for (const unsigned count : {0U, 10'001U, 0xffffffffU}) {
        expectFailed("invalid-argument", [&] { it->list(count, rest.out()); });
    }
    EXPECT_EQ(laptop->asked(), Texts{});
    const Coffer::Entries_var first = it->list(1, rest.out());
    Coffer::Entries_var page;
    for (const unsigned count : {0U, 10'001U, 0xffffffffU}) {
        expectFailed("invalid-argument", [&] { rest->next(count, page.out()); });
    }
    EXPECT_TRUE(rest->next(1, page.out()));
}

TEST_F(NodesTest, CloseTheAgentsIteratorWithTheirOwn) {
    laptop->entries = [](unsigned) { return numbered(0, 1); };
    serveRest(1, 10);
    Coffer::EntryIterator_var rest;
    Coffer::Entries_var page = root()->list(1, rest.out());
    rest->close();
    EXPECT_EQ(closed, 1);
    page = root()->list(1, rest.out());
    clock.advance(301);
    iterators.expire();
    EXPECT_EQ(closed, 2);
    page = root()->list(1, rest.out());
    sessions.end(session.id);
    EXPECT_EQ(closed, 3);
    EXPECT_THROW(rest->next(1, page.out()), CORBA::OBJECT_NOT_EXIST);
}

TEST_F(NodesTest, BoundTheIteratorsOfASession) {
    laptop->entries = [](unsigned) { return numbered(0, 1); };
    serveRest(1, 10);
    std::vector<Coffer::EntryIterator_var> all;
    for (int i = 0; i < 5; ++i) {
        Coffer::EntryIterator_var rest;
        const Coffer::Entries_var page = root()->list(1, rest.out());
        all.push_back(rest);
    }
    Coffer::EntryIterator_var rest;
    expectFailed("limit-exceeded", [&] { root()->list(1, rest.out()); });
    EXPECT_EQ(closed, 1);
}

TEST_F(NodesTest, DoNotBelieveAnAgentsLists) {
    Coffer::EntryIterator_var rest;
    laptop->entries = [](unsigned atMost) { return numbered(0, atMost + 1); };
    expectFailed("untrusted", [&] { root()->list(5, rest.out()); });
    for (const std::string& name :
         {std::string(".."), std::string("a/b"), std::string(""), std::string("."),
          std::string("a\0b", 3), std::string(million, 'x')}) {
        const auto entry = [&name](unsigned) {
            Coffer::Entries* entries = numbered(0, 1);
            (*entries)[0].name = rpc::toPath(name);
            return entries;
        };
        laptop->entries = entry;
        expectFailed("untrusted", [&] { root()->list(5, rest.out()); });
        laptop->entries = [](unsigned) { return numbered(0, 1); };
        serveRest([&](unsigned, Coffer::Entries& page) {
            const Coffer::Entries_var made = entry(1);
            page = made.in();
            return true;
        });
        const Coffer::Entries_var first = root()->list(1, rest.out());
        Coffer::Entries_var page;
        expectFailed("untrusted", [&] { rest->next(5, page.out()); });
        rest->close();
    }
    serveRest([](unsigned atMost, Coffer::Entries& page) {
        const Coffer::Entries_var made = numbered(0, atMost + 1);
        page = made.in();
        return true;
    });
    const Coffer::Entries_var first = root()->list(1, rest.out());
    Coffer::Entries_var page;
    expectFailed("untrusted", [&] { rest->next(5, page.out()); });
    laptop->facts = 101;
    expectFailed("untrusted", [&] { root()->attributes(); });
}

TEST_F(NodesTest, OfAnAgentThatIsAwayAreUnavailable) {
    const Coffer::File_var it = file();
    laptop->entries = [](unsigned) { return numbered(0, 1); };
    serveRest(1, 10);
    Coffer::EntryIterator_var rest;
    Coffer::Entries_var page = root()->list(1, rest.out());
    const Coffer::AgentControl_var control = attached.at("laptop");
    attached.erase("laptop");
    expectFailed("unavailable", [&] { it->attributes(); });
    expectFailed("unavailable", [&] { it->read(0, 1); });
    expectFailed("unavailable", [&] { it->erase(false); });
    expectFailed("unavailable", [&] { root()->find(rpc::toPath("a")); });
    EXPECT_EQ(laptop->asked().size(), 1U);
    // Its objects are there again with it.
    attached["laptop"] = control;
    const Coffer::Entry_var entry = it->attributes();
    EXPECT_STREQ(entry->kind.in(), "file");
}

TEST_F(NodesTest, OfAnAgentThatBeganAnewAreUnavailableForAMoment) {
    const Coffer::File_var it = file();
    const PortableServer::ObjectId_var id = agentPoa->reference_to_id(attached.at("laptop"));
    agentPoa->deactivate_object(id);
    expectFailed("unavailable", [&] { it->attributes(); });
}

TEST_F(NodesTest, OfOneAgentAreNotThoseOfAnother) {
    desktop->kind = "file";
    const Coffer::Node_var it = root("desktop")->find(rpc::toPath("x"));
    it->erase(false);
    EXPECT_EQ(desktop->asked(), (Texts{"stat /x", "erase /x"}));
    EXPECT_EQ(laptop->asked(), Texts{});
}

TEST_F(NodesTest, PassOnWhatTheAgentSays) {
    const Coffer::File_var it = file();
    const std::vector<std::pair<ErrorCode, const char*>> cases = {
        {ErrorCode::notFound, "not-found"},
        {ErrorCode::permissionDenied, "permission-denied"},
        {ErrorCode::unsupported, "unsupported"},
        {ErrorCode::alreadyExists, "already-exists"}};
    for (const auto& [code, name] : cases) {
        laptop->before = [code = code] { throw Error(code, "says the agent"); };
        expectFailed(name, [&] { it->attributes(); });
        expectFailed(name, [&] { it->moveTo(rpc::toPath("/b")); });
        expectFailed(name, [&] { it->read(0, 1); });
    }
}

TEST_F(NodesTest, DieWithTheirSession) {
    const Coffer::File_var it = file();
    const Coffer::Folder_var top = root();
    sessions.end(session.id);
    Coffer::EntryIterator_var rest;
    expectFailed("log-in-again", [&] { it->location(); });
    expectFailed("log-in-again", [&] { it->attributes(); });
    expectFailed("log-in-again", [&] { it->read(0, 1); });
    expectFailed("log-in-again", [&] { it->write(0, {}); });
    expectFailed("log-in-again", [&] { it->resize(0); });
    expectFailed("log-in-again", [&] { it->erase(true); });
    expectFailed("log-in-again", [&] { it->moveTo(rpc::toPath("/x")); });
    expectFailed("log-in-again", [&] { it->copyTo(rpc::toPath("/x")); });
    expectFailed("log-in-again", [&] { top->list(1, rest.out()); });
    expectFailed("log-in-again", [&] { top->find(rpc::toPath("x")); });
    expectFailed("log-in-again", [&] { top->createFile(rpc::toPath("x")); });
    expectFailed("log-in-again", [&] { top->createFolder(rpc::toPath("x")); });
    EXPECT_EQ(laptop->asked(), Texts{});
}

TEST_F(NodesTest, ListNothingMoreWhenTheSessionHasEnded) {
    tidy = false;
    laptop->entries = [](unsigned) { return numbered(0, 1); };
    serveRest(1, 10);
    Coffer::EntryIterator_var rest;
    Coffer::Entries_var page = root()->list(1, rest.out());
    sessions.end(session.id);
    expectFailed("log-in-again", [&] { rest->next(1, page.out()); });
}

TEST_F(NodesTest, ThatAreMadeUpLeadNowhere) {
    const Bytes key = toBytes(session.id.view());
    const auto behindKey = [&](const Bytes& octets) {
        Bytes id = key;
        append(id, octets);
        return madeUp(id);
    };
    expectFailed("invalid-argument", [&] { behindKey({})->location(); });
    expectFailed("invalid-argument", [&] { behindKey({200})->location(); });
    expectFailed("invalid-argument", [&] { behindKey({1, 'a'})->location(); });
    expectFailed("invalid-argument", [&] { behindKey({1, 'a', 'x'})->location(); });
    expectFailed("invalid-argument", [&] { behindKey({1, 'a', '/', '.', '.'})->location(); });
    expectFailed("log-in-again", [&] { madeUp({})->location(); });
    expectFailed("log-in-again", [&] { madeUp(Bytes(16))->location(); });
    expectFailed("log-in-again", [&] { madeUp(Bytes(40, 1))->location(); });
    expectFailed("unavailable", [&] {
        madeUp(encodeNodeId(session.id, {"phone", "/"}))->attributes();
    });
    EXPECT_EQ(laptop->asked(), Texts{});
}

TEST_F(NodesTest, HaveLongPaths) {
    laptop->kind = "folder";
    Coffer::Folder_var it = root();
    std::string path;
    for (int i = 0; i < 15; ++i) {
        const std::string name(4'096, 'x');
        path += "/" + name;
        const Coffer::Node_var next = it->find(rpc::toPath(name));
        it = Coffer::Folder::_narrow(next);
    }
    const Coffer::PathOctets_var location = it->location();
    EXPECT_EQ(rpc::textOf(location), path);
    expectFailed("invalid-argument", [&] { it->find(rpc::toPath(std::string(4'096, 'x'))); });
}

}  // namespace
}  // namespace coffer
