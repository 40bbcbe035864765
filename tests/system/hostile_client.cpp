#include "tests/system/hostile_peer.h"

#include "core/trust/certificate.h"

namespace coffer {

namespace {

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
/// Argument 0: how many.
void guesses(Peer& peer) {
    const auto gate = peer.reach<Coffer::Gate>("CofferGate");
    const std::string request = makeRequest(makePrivateKey(), "admin");
    const int count = std::stoi(peer.argument());
    for (int guess = 0; guess < count; ++guess) {
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
        Coffer::FindingIterator_var(snapshots->search("main", {}, std::string(mib, '*').c_str()));
    });
}

/// The least that anybody can call.
void knock(Peer& peer) {
    const auto gate = peer.reach<Coffer::Gate>("CofferGate");
    attempt("hello", [&] { Coffer::Settings_var(gate->hello()); });
}

}  // namespace

const Attacks& clientAttacks() {
    static const Attacks all{{"stolen-session", stolenSession}, {"client-as-agent", clientAsAgent},
                             {"enrolments", enrolments},        {"guesses", guesses},
                             {"absurd-calls", absurdCalls},     {"knock", knock}};
    return all;
}

}  // namespace coffer
