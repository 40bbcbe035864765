// hostile_peer SERVER AUTHORITY IDENTITY|- ATTACK [ARGUMENT...]: does to a server what no honest
// program does, and prints what it answered, a line for each try:
//
//     <try>: refused <code>: <message>
//     <try>: ACCEPTED
//
// ARGUMENTs are what another peer has printed: references and tokens.
#include <functional>
#include <iostream>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "core/trust/certificate.h"
#include "idl/management.hh"
#include "idl/repository.hh"
#include "tests/system/hostile_control.h"

namespace coffer {
namespace {

constexpr std::size_t mib = 1 << 20;

Coffer::Octets octetsOf(std::size_t size, std::uint8_t value = 0x5a) {
    return rpc::toOctets(Bytes(size, value));
}

Coffer::Settings settingsOf(CORBA::ULong count, const std::string& value) {
    Coffer::Settings settings;
    settings.length(count);
    for (CORBA::ULong at = 0; at < count; ++at) {
        settings[at].name = ("fact-" + std::to_string(at)).c_str();
        settings[at].value = value.c_str();
    }
    return settings;
}

/// What attacks are made with.
class Peer {
  public:
    Peer(const std::string& server, const std::string& authority, const std::string& identity,
         std::vector<std::string> arguments)
        : server_(Endpoint::parse(server)),
          orb_({.role = identity.empty() ? rpc::OrbRole::client : rpc::OrbRole::agent,
                .authorityFile = authority,
                .identityFile = identity}),
          arguments_(std::move(arguments)) {
        rpc::setDeadline(std::chrono::seconds(60));
    }

    template <class Interface>
    typename Interface::_var_type reach(const char* name) {
        const CORBA::Object_var object = orb_.reach(server_, name);
        return Interface::_unchecked_narrow(object);
    }

    /// The reference that argument `at` is.
    template <class Interface>
    typename Interface::_var_type given(std::size_t at = 0) {
        const CORBA::Object_var object = orb_.reachAgain(server_, arguments_.at(at));
        return Interface::_unchecked_narrow(object);
    }

    const std::string& argument(std::size_t at = 0) const { return arguments_.at(at); }

    std::string text(CORBA::Object_ptr object) {
        return CORBA::String_var(orb_.get()->object_to_string(object)).in();
    }

    Coffer::AgentControl_var control() {
        const PortableServer::POA_var poa = orb_.poa("control");
        PortableServer::Servant_var<HostileControl> servant(new HostileControl);
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId("hostile");
        poa->activate_object_with_id(id, servant);
        const CORBA::Object_var object = poa->id_to_reference(id);
        return Coffer::AgentControl::_narrow(object);
    }

  private:
    const Endpoint server_;
    rpc::Orb orb_;
    const std::vector<std::string> arguments_;
};

void say(const std::string& line) {
    std::cout << line << std::endl;  // whoever reads it waits for it
}

/// Tries `work` and says what came of it.
void attempt(const std::string& name, const std::function<void()>& work) {
    try {
        rpc::call("try", work);
        say(name + ": ACCEPTED");
    } catch (const Error& error) {
        std::string message = error.what();
        say(name + ": refused " + std::string(nameOf(error.code())) + ": " +
            message.substr(0, 300));
    }
}

Coffer::AgentHello hello(CORBA::Long level = Coffer::protocolLevel) {
    Coffer::AgentHello hello;
    hello.level = level;
    return hello;
}

Coffer::AgentLink_var attach(Peer& peer, Coffer::AgentControl_ptr control,
                             const Coffer::AgentHello& hello) {
    Coffer::AgentWelcome_var welcome;
    return peer.reach<Coffer::AgentPort>("CofferAgents")->attach(control, hello, welcome.out());
}

// As an agent.

/// Is an agent, up to the end of standard input; says what another could steal.
void hold(Peer& peer) {
    const Coffer::AgentControl_var control = peer.control();
    const Coffer::AgentLink_var link = attach(peer, control, hello());
    say("control " + peer.text(control));
    say("link " + peer.text(link));
    for (std::string line; std::getline(std::cin, line);) {
        if (line == "beat") attempt("heartbeat", [&] { link->heartbeat(); });
    }
}

void agentAtTheGate(Peer& peer) {
    const auto gate = peer.reach<Coffer::Gate>("CofferGate");
    attempt("login",
            [&] { Coffer::Session_var(gate->login("admin", "guess", Coffer::protocolLevel)); });
    const auto session = peer.given<Coffer::Session>();
    attempt("session", [&] { Coffer::Settings_var(session->whoAmI()); });
    attempt("logout", [&] { session->logout(); });
}

void attachments(Peer& peer) {
    const Coffer::AgentControl_var control = peer.control();
    const auto with = [&](const std::string& name, const Coffer::AgentHello& greeting) {
        attempt(name, [&] { attach(peer, control, greeting); });
    };
    with("level 0", hello(0));
    with("level 99", hello(99));
    with("level -2147483648", hello(std::numeric_limits<CORBA::Long>::min()));
    Coffer::AgentHello greeting = hello();
    greeting.active.length(100'000);
    with("100,000 active runs", greeting);
    greeting = hello();
    greeting.unreported.length(200'000);
    with("200,000 unreported runs", greeting);
    greeting = hello();
    greeting.unreported.length(1);
    greeting.unreported[0] = "-1";
    with("run -1", greeting);
    attempt("no callback", [&] { attach(peer, Coffer::AgentControl::_nil(), hello()); });
    attempt("the server as callback",
            [&] { attach(peer, peer.reach<Coffer::AgentControl>("CofferGate"), hello()); });
    attempt("another agent as callback",
            [&] { attach(peer, peer.given<Coffer::AgentControl>(), hello()); });
}

/// No error: what is too much is cut.
void manyFacts(Peer& peer) {
    Coffer::AgentHello greeting = hello();
    greeting.facts = settingsOf(1'000, std::string(8'000, 'f'));
    const Coffer::AgentControl_var control = peer.control();
    attempt("8 MB of facts", [&] { attach(peer, control, greeting); });
}

void foreignLink(Peer& peer) {
    const auto link = peer.given<Coffer::AgentLink>();
    attempt("heartbeat", [&] { link->heartbeat(); });
    attempt("progress", [&] { link->progress({}); });
    Coffer::RunResult result;
    result.run = 1;
    result.outcome = "succeeded";
    attempt("finished", [&] { link->finished(result); });
    link->detach();  // nobody answers
}

/// Argument 0: the number of another agent's run.
void foreignRuns(Peer& peer) {
    const Coffer::AgentControl_var control = peer.control();
    const Coffer::AgentLink_var link = attach(peer, control, hello());
    const auto finish = [&](const std::string& name, std::int64_t run,
                            const std::function<void(Coffer::RunResult&)>& change) {
        Coffer::RunResult result;
        result.run = run;
        result.attempt = 1;
        result.outcome = "failed";
        change(result);
        attempt(name, [&] { link->finished(result); });
    };
    const std::int64_t foreign = std::stoll(peer.argument());
    finish("another's run", foreign, [](auto&) {});
    finish("unknown run", 1'000'000, [](auto&) {});
    finish("run -1", -1, [](auto&) {});
    finish("unknown outcome", foreign, [](auto& result) { result.outcome = "splendid"; });
    finish("strange snapshot", foreign, [](auto& result) { result.snapshot = "../../etc"; });
    Coffer::RunProgressList news;
    news.length(100'000);
    attempt("100,000 news", [&] { link->progress(news); });
    news.length(1);
    news[0].run = foreign;
    news[0].attempt = 1;
    news[0].phase = "finishing";
    news[0].counts = settingsOf(5, "18446744073709551615");
    attempt("news of another's run", [&] { link->progress(news); });
}

void renewals(Peer& peer) {
    const auto port = peer.reach<Coffer::AgentPort>("CofferAgents");
    const auto renew = [&](const std::string& name, const std::string& request) {
        attempt(name, [&] { CORBA::String_var(port->renew(request.c_str())); });
    };
    renew("garbage", "-----BEGIN CERTIFICATE REQUEST-----\nQUJD\n");
    renew("1 MB", std::string(mib, 'A'));
    // The name in a request counts for nothing: the certificate is for whoever asks.
    const std::string key = makePrivateKey();
    attempt("another name", [&] {
        const CORBA::String_var got = port->renew(makeRequest(key, "victim").c_str());
        say("renewed for " + factsOf(got.in()).name);
    });
}

// At the store.

void backUp(Peer& peer, const std::string& name, const Coffer::Octets& token,
            const Coffer::Octets& base = {}) {
    const auto store = peer.reach<Coffer::Store>("CofferStore");
    attempt(name, [&] {
        Coffer::BackupTerms_var terms;
        CORBA::Boolean pinned = false;
        Coffer::BackupSession_var(store->beginBackup(token, base, terms.out(), pinned));
    });
}

/// Argument 0: a token of another agent's backup.
void tokens(Peer& peer) {
    const Bytes token = fromHex(peer.argument());
    backUp(peer, "stolen", rpc::toOctets(token));
    Bytes changed = token;
    changed.front() ^= 1;
    backUp(peer, "forged", rpc::toOctets(changed));
    changed = token;
    changed.pop_back();
    backUp(peer, "cut", rpc::toOctets(changed));
    backUp(peer, "empty", {});
    backUp(peer, "garbage", octetsOf(100));
    backUp(peer, "15 MiB", octetsOf(15 * mib));
    const auto store = peer.reach<Coffer::Store>("CofferStore");
    attempt("for a restore", [&] {
        Coffer::RestoreTerms_var terms;
        Coffer::RestoreSession_var(store->beginRestore(rpc::toOctets(token), terms.out()));
    });
}

/// Argument 0: a token of a backup of this agent. Says a session that another could steal.
void ownBackup(Peer& peer) {
    const Coffer::Octets token = rpc::toOctets(fromHex(peer.argument()));
    backUp(peer, "strange base", token, octetsOf(5));
    const auto store = peer.reach<Coffer::Store>("CofferStore");
    attempt("own token for a restore", [&] {
        Coffer::RestoreTerms_var terms;
        Coffer::RestoreSession_var(store->beginRestore(token, terms.out()));
    });
    Coffer::BackupTerms_var terms;
    CORBA::Boolean pinned = false;
    const Coffer::BackupSession_var session = rpc::call("begin", [&] {
        return Coffer::BackupSession_var(store->beginBackup(token, {}, terms.out(), pinned));
    });
    attempt("4,194,304 ids", [&] { Coffer::Flags_var(session->missing(octetsOf(128 * mib))); });
    attempt("400,000 ids", [&] { Coffer::Flags_var(session->missing(octetsOf(12'800'000))); });
    attempt("half an id", [&] { Coffer::Flags_var(session->missing(octetsOf(16))); });
    const Coffer::Octets_var pack = session->openPack();
    const auto append = [&](const std::string& name, const Coffer::Octets& to, std::uint64_t offset,
                            std::size_t size) {
        attempt(name, [&] { session->append(to, offset, octetsOf(size)); });
    };
    append("slice of 15 MiB", pack, 0, 15 * mib);
    append("offset behind the end", pack, 1ULL << 40, 100);
    append("offset 2^64-1", pack, ~0ULL, 100);
    append("unknown pack", octetsOf(16), 0, 100);
    append("pack of 3 octets", octetsOf(3), 0, 100);
    Coffer::PackEntry entry;
    attempt("empty entry", [&] { session->finishPack(entry); });
    entry.pack = pack;
    entry.size = 1ULL << 60;
    entry.digest = octetsOf(32);
    entry.agent = octetsOf(16);
    entry.signature = octetsOf(64);
    attempt("forged entry", [&] { session->finishPack(entry); });
    Coffer::SnapshotEntry snapshot;
    snapshot.snapshot = octetsOf(16);
    snapshot.agent = octetsOf(16);
    snapshot.domain = octetsOf(16);
    snapshot.root = octetsOf(32);
    snapshot.digest = octetsOf(32);
    snapshot.signature = octetsOf(64);
    attempt("forged snapshot", [&] { session->commit(snapshot, octetsOf(1'000)); });
    say("session " + peer.text(session));
}

/// Argument 0: a session of another agent's backup.
void foreignBackup(Peer& peer) {
    const auto session = peer.given<Coffer::BackupSession>();
    attempt("missing", [&] { Coffer::Flags_var(session->missing(octetsOf(32))); });
    attempt("suspects", [&] { Coffer::Octets_var(session->suspects()); });
    attempt("open", [&] { Coffer::Octets_var(session->openPack()); });
    attempt("keep alive", [&] { session->keepAlive(); });
    attempt("close", [&] { session->close(); });
}

// As a client.

/// Argument 0: a session of somebody else, or of nobody.
void stolenSession(Peer& peer) {
    const auto session = peer.given<Coffer::Session>();
    attempt("session", [&] { Coffer::Settings_var(session->whoAmI()); });
    attempt("agents", [&] { Coffer::AgentManager_var(session->agents()); });
    attempt("password", [&] { session->changePassword("a", "b"); });
    attempt("logout", [&] { session->logout(); });
}

void clientAsAgent(Peer& peer) {
    const Coffer::AgentControl_var control = peer.control();
    attempt("attach", [&] { attach(peer, control, hello()); });
    renewals(peer);
    backUp(peer, "store", octetsOf(100));
}

void enrolments(Peer& peer) {
    const auto gate = peer.reach<Coffer::Gate>("CofferGate");
    const std::string request = makeRequest(makePrivateKey(), "admin");
    const auto client = [&](const std::string& name, const std::string& user,
                            const std::string& password, const std::string& with) {
        attempt(name, [&] {
            CORBA::String_var(gate->enrolClient(user.c_str(), password.c_str(), with.c_str()));
        });
    };
    const std::string large(mib, 'x');
    client("user of 1 MB", large, "guess", request);
    client("password of 1 MB", "nobody", large, request);
    client("request of 1 MB", "nobody", "guess", large);
    const auto agent = [&](const std::string& name, const std::string& token, std::size_t id) {
        attempt(name, [&] {
            CORBA::String_var(
                gate->enrolAgent(token.c_str(), request.c_str(), octetsOf(id), octetsOf(32)));
        });
    };
    agent("garbage as token", "cft1-garbage", 16);
    agent("token of 1 MB", large, 16);
    agent("id of 1 MB", "cft1-" + std::string(64, '0') + "-" + std::string(64, '0'), mib);
    attempt("14 MB of password", [&] {
        const std::string huge(14 * mib, 'x');
        CORBA::String_var(gate->enrolClient("nobody", huge.c_str(), request.c_str()));
    });
}

/// Keeps on guessing: the delays refuse it sooner or later.
void guesses(Peer& peer) {
    const auto gate = peer.reach<Coffer::Gate>("CofferGate");
    const std::string request = makeRequest(makePrivateKey(), "admin");
    for (int guess = 0; guess < 12; ++guess) {
        attempt("guess", [&] {
            CORBA::String_var(gate->enrolClient(
                "stranger", ("guess" + std::to_string(guess)).c_str(), request.c_str()));
        });
    }
}

/// Argument 0: the user's own session; 1: an agent.
void absurdCalls(Peer& peer) {
    const auto session = peer.given<Coffer::Session>();
    const Coffer::AgentManager_var agents = session->agents();
    const Coffer::Folder_var root = agents->root(peer.argument(1).c_str());
    const auto find = [&](const std::string& name, const std::string& path) {
        attempt(name, [&] { Coffer::Node_var(root->find(rpc::toPath(path))); });
    };
    find("NUL", std::string("etc\0passwd", 10));
    find("up", "etc/../../root");
    find("dot", "./etc");
    find("absolute", "/etc");
    find("empty part", "etc//passwd");
    find("1 MB", std::string(mib, 'n'));
    const auto list = [&](const std::string& name, CORBA::ULong atMost) {
        attempt(name, [&] {
            Coffer::EntryIterator_var rest;
            Coffer::Entries_var(root->list(atMost, rest.out()));
        });
    };
    list("no page", 0);
    list("page of 4 billion", ~0U);
    attempt("new folder ..", [&] { Coffer::Folder_var(root->createFolder(rpc::toPath(".."))); });
    attempt("unknown agent", [&] { Coffer::Folder_var(agents->root("nobody")); });
    attempt("agent of 1 MB",
            [&] { Coffer::Folder_var(agents->root(std::string(mib, 'a').c_str())); });
    attempt("token for ..", [&] { CORBA::String_var(agents->makeToken("../up", 600)); });
    attempt("token for ever", [&] { CORBA::String_var(agents->makeToken("new", ~0U)); });
    const Coffer::RunManager_var runs = session->runs();
    const auto start = [&](const std::string& name, const Coffer::Paths& what) {
        attempt(name, [&] { runs->startBackup(peer.argument(1).c_str(), what, {}, "main", {}); });
    };
    start("relative path", rpc::toPaths({"etc"}));
    start("path with ..", rpc::toPaths({"/etc/../root"}));
    start("no path", {});
    start("100,000 paths", rpc::toPaths(std::vector<std::string>(100'000, "/etc")));
    attempt("no runs", [&] { Coffer::RunInfos_var(runs->list(0, 0)); });
    attempt("4 billion runs", [&] { Coffer::RunInfos_var(runs->list(0, ~0U)); });
    attempt("run -1", [&] { Coffer::RunInfo_var(runs->get(-1)); });
    const Coffer::EventLog_var events = session->events();
    attempt("4 billion events", [&] { Coffer::Events_var(events->since(0, ~0U, 0)); });
    attempt("wait for ever", [&] { Coffer::Events_var(events->since(0, 10, ~0U)); });
    const Coffer::SnapshotManager_var snapshots = session->snapshots();
    attempt("repository ..", [&] { Coffer::SnapshotInfos_var(snapshots->list("../up")); });
    attempt("pattern of 1 MB", [&] {
        Coffer::FindingIterator_var(snapshots->search("main", std::string(mib, '*').c_str()));
    });
}

/// The least that anybody can call.
void knock(Peer& peer) {
    const auto gate = peer.reach<Coffer::Gate>("CofferGate");
    attempt("hello", [&] { Coffer::Settings_var(gate->hello()); });
}

const std::map<std::string, void (*)(Peer&)> attacks{{"hold", hold},
                                                     {"agent-at-the-gate", agentAtTheGate},
                                                     {"attachments", attachments},
                                                     {"many-facts", manyFacts},
                                                     {"foreign-link", foreignLink},
                                                     {"foreign-runs", foreignRuns},
                                                     {"renewals", renewals},
                                                     {"tokens", tokens},
                                                     {"own-backup", ownBackup},
                                                     {"foreign-backup", foreignBackup},
                                                     {"stolen-session", stolenSession},
                                                     {"client-as-agent", clientAsAgent},
                                                     {"enrolments", enrolments},
                                                     {"guesses", guesses},
                                                     {"absurd-calls", absurdCalls},
                                                     {"knock", knock}};

}  // namespace
}  // namespace coffer

int main(int count, char** words) {
    using namespace coffer;
    const std::vector<std::string> all(words + 1, words + count);
    if (all.size() < 4 || !attacks.contains(all[3])) {
        std::cerr << "usage: hostile_peer SERVER AUTHORITY IDENTITY|- ATTACK [ARGUMENT...]\n";
        return 2;
    }
    try {
        Peer peer(all[0], all[1], all[2] == "-" ? "" : all[2], {all.begin() + 4, all.end()});
        attacks.at(all[3])(peer);
        return 0;
    } catch (const CORBA::Exception& exception) {
        std::cerr << "hostile_peer: " << exception._name() << "\n";
    } catch (const std::exception& error) {
        std::cerr << "hostile_peer: " << error.what() << "\n";
    }
    return 1;
}
