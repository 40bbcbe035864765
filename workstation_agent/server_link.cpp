#include "workstation_agent/server_link.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "workstation_agent/wire_forms.h"

namespace coffer {

namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;

constexpr milliseconds deadline = 15s;      // of each call
constexpr milliseconds lastDeadline = 3s;   // of those at the end
constexpr milliseconds betweenBeats = 10s;  // also how late a lost connection is noticed
constexpr milliseconds betweenNews = 500ms;
constexpr milliseconds betweenDeliveries = 30s;  // of a result that the server did not take
constexpr milliseconds betweenRenewals = 1h;     // that failed
constexpr milliseconds firstPause = 250ms;
constexpr milliseconds longestPause = 30s;

/// Whether there is no use in going on with another result.
bool endsLink(const Error& error) {
    switch (error.code()) {
        case ErrorCode::unavailable:
            return error.retryAfter() == 0;
        case ErrorCode::gone:
        case ErrorCode::cancelled:
            return true;
        default:
            return false;
    }
}

Coffer::Strings numbersOf(const std::vector<ResultSpool::Key>& keys) {
    std::vector<std::string> numbers;
    for (const auto& [run, attempt] : keys) numbers.push_back(std::to_string(run));
    return rpc::toStrings(numbers);
}

}  // namespace

void ServerLink::run() {
    rpc::setDeadline(deadline);
    const auto due = [](const State& state) { return state.woken || state.stopped; };
    for (bool stopped = false; !stopped;) {
        const Time next = step();
        stopped = state_.whenOrAt(next, due, [](State& state) {
            state.woken = false;
            return state.stopped;
        });
    }
    rpc::setDeadline(lastDeadline);
    leave();
}

void ServerLink::wake() {
    state_.change([](State& state) { state.woken = true; });
}

void ServerLink::stop() {
    state_.change([](State& state) { state.stopped = true; });
}

ServerLink::Time ServerLink::step() {
    const Time now = parts_.now();
    try {
        if (CORBA::is_nil(link_)) {
            if (now < attachAt_) return attachAt_;
            attach(now);
        }
        beat(now);
        deliver(now);
        tellNews(now);
        renew(now);
    } catch (const Error& error) {
        lose(error, now);
        return attachAt_;
    } catch (const std::exception& error) {
        lose(Error(ErrorCode::internal, error.what()), now);
        return attachAt_;
    }
    const Time newsAt = newsAt_ > now ? newsAt_ : Time::max();
    return std::min({beatAt_, deliverAt_, newsAt, renewAt_});
}

// A run that has ended since it was asked for is in one of the two lists: it is in the spool before
// it is no longer active.
void ServerLink::attach(Time now) {
    Coffer::AgentHello hello;
    hello.level = Coffer::protocolLevel;
    hello.facts = rpc::toSettings(parts_.facts());
    hello.active = toWire(parts_.runner.active());
    hello.unreported = numbersOf(parts_.spool.keys());
    const Coffer::AgentPort_var port = parts_.port();
    Coffer::AgentWelcome_var welcome;
    const Coffer::AgentLink_var link =
        rpc::call("attach", [&] { return port->attach(parts_.control, hello, welcome.out()); });
    if (CORBA::is_nil(link)) throw Error(ErrorCode::corrupt, "the server gave no link");
    if (welcome->level < 1 || welcome->level > Coffer::protocolLevel) {
        throw Error(ErrorCode::unsupported, "the server wants to speak level " +
                                                std::to_string(welcome->level) +
                                                " of the protocol, which this agent does not know");
    }
    port_ = port;
    link_ = link;
    attachedAt_ = beatAt_ = deliverAt_ = newsAt_ = renewAt_ = now;
    lastTrouble_.clear();
    log(LogLevel::info, "server.attached", {{"level", std::to_string(welcome->level)}});
    if (parts_.given) parts_.given(rpc::toMap(welcome->more));
}

void ServerLink::beat(Time now) {
    if (now < beatAt_) return;
    beatAt_ = now + betweenBeats;
    parts_.housekeeping();
    rpc::call("heartbeat", [&] { link_->heartbeat(); });
    parts_.heard();
}

// Each result is tried when it is new; one that the server did not take, later again.
void ServerLink::deliver(Time now) {
    if (now >= deliverAt_) {
        refused_.clear();
        deliverAt_ = Time::max();
    }
    for (const ResultSpool::Key& key : parts_.spool.keys()) {
        if (refused_.contains(key) || handOver(key)) continue;
        refused_.insert(key);
        deliverAt_ = std::min(deliverAt_, now + betweenDeliveries);
    }
}

bool ServerLink::handOver(const ResultSpool::Key& key) {
    const auto report = parts_.spool.get(key);
    if (!report) return true;
    const Coffer::RunResult form = toWire(*report);
    try {
        rpc::call("hand over a result", [&] { link_->finished(form); });
    } catch (const Error& error) {
        if (endsLink(error)) throw;
        log(LogLevel::warning, "result.not-taken",
            {{"run", std::to_string(key.first)}, {"error", error.what()}});
        // The server knows no such run: nobody will ever ask for it.
        if (error.code() != ErrorCode::notFound) return false;
    }
    parts_.spool.remove(key);
    return true;
}

void ServerLink::tellNews(Time now) {
    if (now < newsAt_) return;
    const std::vector<RunNews> news = parts_.runner.news();
    if (news.empty()) return;
    newsAt_ = now + betweenNews;
    rpc::call("tell the progress", [&] { link_->progress(toWire(news)); });
}

void ServerLink::renew(Time now) {
    if (now < renewAt_) return;
    renewAt_ = now + betweenRenewals;
    if (!parts_.renewal || !parts_.renewal->due()) return;
    try {
        parts_.renewal->renew(port_);
    } catch (const Error& error) {
        if (endsLink(error)) throw;
        log(LogLevel::error, "certificate.not-renewed", {{"error", error.what()}});
    }
}

void ServerLink::lose(const Error& error, Time now) {
    if (!CORBA::is_nil(link_) && now - attachedAt_ >= betweenBeats) pause_ = pause_.zero();
    link_ = Coffer::AgentLink::_nil();
    port_ = Coffer::AgentPort::_nil();
    pause_ = pause_ == pause_.zero() ? firstPause : std::min(pause_ * 2, longestPause);
    const milliseconds pause = std::max(pause_, milliseconds(error.retryAfter()));
    attachAt_ =
        now + (parts_.dice
                   ? std::chrono::duration_cast<milliseconds>(pause * (0.5 + parts_.dice() / 2))
                   : pause);
    tellTrouble(error);
}

// Once for each kind of trouble: a server may be away for days.
void ServerLink::tellTrouble(const Error& error) {
    std::string trouble = error.what();
    const std::string certificate = parts_.renewal ? parts_.renewal->trouble() : "";
    if (!certificate.empty()) trouble = certificate + " (" + trouble + ")";
    if (trouble == lastTrouble_) return;
    log(LogLevel::warning, "server.lost", {{"error", trouble}});
    lastTrouble_ = std::move(trouble);
}

void ServerLink::leave() {
    if (CORBA::is_nil(link_)) return;
    try {
        deliver(parts_.now());
        rpc::call("detach", [&] { link_->detach(); });
    } catch (const Error& error) {
        log(LogLevel::debug, "server.not-told", {{"error", error.what()}});
    }
    link_ = Coffer::AgentLink::_nil();
}

}  // namespace coffer
