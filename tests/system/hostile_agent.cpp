#include "tests/system/hostile_peer.h"

#include <limits>

#include "core/trust/certificate.h"

namespace coffer {

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

namespace {

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

}  // namespace

const Attacks& agentAttacks() {
    static const Attacks all{{"hold", hold},
                             {"agent-at-the-gate", agentAtTheGate},
                             {"attachments", attachments},
                             {"many-facts", manyFacts},
                             {"foreign-link", foreignLink},
                             {"foreign-runs", foreignRuns},
                             {"renewals", renewals}};
    return all;
}

}  // namespace coffer
