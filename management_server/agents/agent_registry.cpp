#include "management_server/agents/agent_registry.h"

#include <utility>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/random.h"
#include "core/rpc/callback.h"
#include "core/rpc/failure.h"
#include "core/service/given_settings.h"
#include "core/service/log.h"
#include "management_server/access/user_table.h"
#include "management_server/agents/agent_rows.h"

namespace coffer {

namespace {

constexpr std::int64_t noteEverySeconds = 60;
constexpr std::size_t longestLabel = 200;
constexpr std::uint32_t attachAgainMs = 1'000;
constexpr std::chrono::seconds pingDeadline{1};  // nobody answers it: only sending takes time

// What of the labels goes to the agent.
rpc::SettingMap settingsIn(rpc::SettingMap labels) {
    std::erase_if(labels, [](const auto& label) { return !GivenSettings::isOne(label.first); });
    return labels;
}

}  // namespace

/// The right to attach or detach one agent, as long as it lives; others wait. So the listener is
/// told in the order in which things happened, and no lock is held while it is told.
class AgentRegistry::Turn {
  public:
    Turn(Guarded<std::set<std::string>>& turns, const std::string& agent)
        : turns_(turns), agent_(agent) {
        turns_.when([&](const auto& taken) { return !taken.contains(agent_); },
                    [&](auto& taken) { taken.insert(agent_); });
    }
    ~Turn() {
        turns_.change([&](auto& taken) { taken.erase(agent_); });
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

  private:
    Guarded<std::set<std::string>>& turns_;
    const std::string agent_;
};

AgentRegistry::AgentRegistry(ServerDatabase& database, const Clock& clock, const Clock& steady,
                             EventRecorder* events)
    : database_(database), clock_(clock), steady_(steady), events_(events), noted_(clock.now()) {
    database_.change([&](SqlDatabase& db) {
        dropEndedCertificates(db, clock_.now());
        for (const AgentRecord& agent : readAgents(db)) certificatesChanged(db, agent.name);
    });
}

void AgentRegistry::tell(AgentListener& listener) {
    listener_ = &listener;
}

AgentRecord AgentRegistry::get(const std::string& name) const {
    auto agent = database_.read([&](SqlDatabase& db) { return readAgent(db, name); });
    if (!agent) throw Error(ErrorCode::notFound, "there is no such agent");
    attached_.with([&](const Everyone& everyone) {
        const auto found = everyone.find(name);
        if (found == everyone.end()) return;
        agent->attached = true;
        agent->lastSeen = found->second.heard;
        agent->address = found->second.address;
    });
    return *std::move(agent);
}

std::vector<AgentRecord> AgentRegistry::list() const {
    auto agents = database_.read([](SqlDatabase& db) { return readAgents(db); });
    attached_.with([&](const Everyone& everyone) {
        for (AgentRecord& agent : agents) {
            const auto found = everyone.find(agent.name);
            if (found == everyone.end()) continue;
            agent.attached = true;
            agent.lastSeen = found->second.heard;
            agent.address = found->second.address;
        }
    });
    return agents;
}

Coffer::AgentControl_var AgentRegistry::control(const std::string& name) const {
    Coffer::AgentControl_var control = attached_.with([&](const Everyone& everyone) {
        const auto found = everyone.find(name);
        return found == everyone.end() ? Coffer::AgentControl_var() : found->second.control;
    });
    if (!CORBA::is_nil(control)) return control;
    const AgentRecord agent = get(name);
    if (agent.revoked) throw Error(ErrorCode::permissionDenied, "the agent is revoked");
    if (agent.suspended) throw Error(ErrorCode::unavailable, "the agent is suspended");
    throw Error(ErrorCode::unavailable, "the agent is away");
}

bool AgentRegistry::isAttached(const std::string& name) const {
    return attached_.with([&](const Everyone& everyone) { return everyone.contains(name); });
}

bool AgentRegistry::accepts(const CertificateFacts& peer) const noexcept {
    return certificates_.accept(peer);
}

std::string AgentRegistry::callingAgent(const rpc::Caller& caller) const {
    if (!caller.is(Role::agent)) {
        throw Error(ErrorCode::permissionDenied, "only for agents");
    }
    const auto agent = certificates_.agentOf(*caller.peer);
    if (!agent) {
        throw Error(ErrorCode::permissionDenied,
                    "the agent is suspended, or its certificate revoked");
    }
    return *agent;
}

rpc::Caller AgentRegistry::asKnown(rpc::Caller caller) const {
    if (!caller.is(Role::agent)) return caller;
    if (const auto agent = certificates_.agentOf(*caller.peer)) caller.peer->name = *agent;
    return caller;
}

LinkKey AgentRegistry::attach(const rpc::Caller& caller, Attachment attachment) {
    const std::string agent = callingAgent(caller);
    const Turn turn(turns_, agent);
    // It may have been revoked or renamed while this waited.
    if (callingAgent(caller) != agent) {
        throw Error(ErrorCode::unavailable, "the agent was renamed: attach again")
            .withRetryAfter(attachAgainMs);
    }
    const auto link = randomId<LinkKey>();
    const Timestamp now = clock_.now();
    database_.change([&](SqlDatabase& db) {
        writeFacts(db, agent, attachment.facts);
        writeLastSeen(db, agent, now);
    });
    Attached fresh{link, std::move(attachment.control), now, steady_.now(), caller.address};
    const bool again = attached_.with([&](Everyone& everyone) {
        const auto [place, added] = everyone.try_emplace(agent);
        std::swap(place->second, fresh);
        return !added;
    });
    log(LogLevel::info, "agent.attached", {{"agent", agent}, {"address", caller.address}});
    if (events_ && !again) events_->add("agent-attached", agent, agent + " is here");
    try {
        if (listener_) listener_->attached(agent, attachment.active, attachment.unreported);
    } catch (...) {
        leave(agent, link, "not taken in", HangUp::no);
        throw;
    }
    return link;
}

void AgentRegistry::heard(const std::string& agent, const LinkKey& link) {
    const Timestamp now = clock_.now();
    const Timestamp steadyNow = steady_.now();
    const bool foreign = attached_.with([&](Everyone& everyone) {
        const auto found = everyone.find(agent);
        if (found != everyone.end() && found->second.link == link) {
            found->second.heard = now;
            found->second.steadyHeard = steadyNow;
            return false;
        }
        for (const auto& other : everyone) {
            if (other.second.link == link) return true;
        }
        throw Error(ErrorCode::gone, "this link has ended: attach again");
    });
    if (foreign) {
        log(LogLevel::warning, "agent.foreign-link", {{"agent", agent}});
        throw Error(ErrorCode::permissionDenied, "the link is another agent's");
    }
}

void AgentRegistry::detach(const std::string& agent, const LinkKey& link) {
    const Turn turn(turns_, agent);
    leave(agent, link, "it said so", HangUp::no);
}

// The caller has the agent's turn.
bool AgentRegistry::leave(const std::string& agent, const LinkKey& link, const char* why,
                          HangUp hangUp) {
    Attached left;
    const bool was = attached_.with([&](Everyone& everyone) {
        const auto found = everyone.find(agent);
        if (found == everyone.end() || found->second.link != link) return false;
        left = std::move(found->second);
        everyone.erase(found);
        return true;
    });
    if (!was) return false;
    if (hangUp == HangUp::yes) rpc::hangUp(left.control);
    log(LogLevel::info, "agent.detached", {{"agent", agent}, {"why", why}});
    if (events_) events_->add("agent-detached", agent, agent + " is away: " + why);
    try {
        database_.change([&](SqlDatabase& db) { writeLastSeen(db, agent, left.heard); });
        if (listener_) listener_->detached(agent);
    } catch (const std::exception& error) {
        log(LogLevel::error, "agent.detached", {{"agent", agent}, {"error", error.what()}});
    }
    return true;
}

void AgentRegistry::revoke(const std::string& name) {
    changeCertificates({name}, [&](SqlDatabase& db) {
        writeRevoked(db, name, clock_.now());
        certificatesChanged(db, name);
    });
    log(LogLevel::warning, "agent.revoked", {{"agent", name}});
    hangUp(name, "revoked");
    if (events_) events_->add("agent-revoked", name, name + " is revoked");
    if (listener_) listener_->revoked(name);
}

void AgentRegistry::rename(const std::string& name, const std::string& fresh,
                           const std::function<void(SqlDatabase&)>& also) {
    checkPrincipalName(fresh, "an agent's");
    const auto work = [&](SqlDatabase& db) {
        renameAgent(db, name, fresh);
        also(db);
    };
    database_.tryOut(work);  // an agent that keeps its name keeps its connection
    const Turn turn(turns_, name);
    hangUpWithin(turn, name, "renamed");
    changeCertificates({name, fresh}, [&](SqlDatabase& db) {
        work(db);
        certificatesChanged(db, name);
        certificatesChanged(db, fresh);
    });
    log(LogLevel::warning, "agent.renamed", {{"agent", name}, {"name", fresh}});
    if (events_) {
        events_->add("agent-renamed", fresh, name + " is called " + fresh + " from now on",
                     {{"before", name}});
    }
}

void AgentRegistry::hangUp(const std::string& agent, const char* why) {
    hangUpWithin(Turn(turns_, agent), agent, why);
}

void AgentRegistry::hangUpWithin(const Turn&, const std::string& agent, const char* why) {
    const auto link = attached_.with([&](const Everyone& everyone) {
        const auto found = everyone.find(agent);
        return found == everyone.end() ? std::optional<LinkKey>() : found->second.link;
    });
    if (link) leave(agent, *link, why, HangUp::yes);
}

void AgentRegistry::suspend(const std::string& name, bool suspended) {
    changeCertificates({name}, [&](SqlDatabase& db) {
        const auto agent = readAgent(db, name);
        if (!agent) throw Error(ErrorCode::notFound, "there is no such agent");
        if (agent->revoked) throw Error(ErrorCode::conflict, "the agent is revoked");
        writeSuspended(db, name, suspended);
        certificatesChanged(db, name);
    });
    log(LogLevel::warning, suspended ? "agent.suspended" : "agent.resumed", {{"agent", name}});
    if (suspended) {
        hangUp(name, "suspended");
        if (events_) events_->add("agent-suspended", name, name + " is suspended");
    } else if (events_) {
        events_->add("agent-resumed", name, name + " may come back");
    }
}

void AgentRegistry::label(const std::string& name, const rpc::SettingMap& labels) {
    for (const auto& [label, value] : labels) {
        if (GivenSettings::isOne(label) && !value.empty()) GivenSettings::of({{label, value}});
        const bool known = label == "title" || label == "group" || GivenSettings::isOne(label);
        if (!known || value.size() > longestLabel || printable(value) != value) {
            throw Error(ErrorCode::invalidArgument,
                        "labels are 'title' and 'group', of 200 printable octets at most; "
                        "settings are 'runs.at-once' and 'log.level'");
        }
    }
    bool given = false;
    database_.change([&](SqlDatabase& db) {
        const auto agent = readAgent(db, name);
        if (!agent) throw Error(ErrorCode::notFound, "there is no such agent");
        rpc::SettingMap kept = agent->labels;
        for (const auto& [label, value] : labels) kept[label] = value;
        std::erase_if(kept, [](const auto& label) { return label.second.empty(); });
        given = settingsIn(kept) != settingsIn(agent->labels);
        writeLabels(db, name, kept);
    });
    // It gets them when it attaches anew, which it does by itself.
    if (given) hangUp(name, "new settings");
}

rpc::SettingMap AgentRegistry::givenSettings(const std::string& name) const {
    return settingsIn(get(name).labels);
}

std::size_t AgentRegistry::expire() {
    const std::size_t count = dropSilent() + dropUnreachable();
    noteSeen();
    return count;
}

std::size_t AgentRegistry::dropSilent() {
    const std::int64_t now = steady_.now().seconds;
    const auto silent = [&](const Attached& agent) {
        return now - agent.steadyHeard.seconds > silenceSeconds;
    };
    std::map<std::string, LinkKey> suspects;
    attached_.with([&](const Everyone& everyone) {
        for (const auto& [name, agent] : everyone) {
            if (silent(agent)) suspects.emplace(name, agent.link);
        }
    });
    std::size_t count = 0;
    for (const auto& suspect : suspects) {
        const std::string& name = suspect.first;
        const Turn turn(turns_, name);
        const bool still = attached_.with([&](const Everyone& everyone) {
            const auto found = everyone.find(name);
            return found != everyone.end() && silent(found->second);
        });
        if (still && leave(name, suspect.second, "not heard of", HangUp::yes)) ++count;
    }
    return count;
}

// An agent whose connection has ended goes on with its heartbeats over a new one, as if nothing had
// happened; but its callback is bound to the old one. Told that its link has ended, it attaches
// anew.
std::size_t AgentRegistry::dropUnreachable() {
    const Everyone present = attached_.with([](const Everyone& everyone) { return everyone; });
    std::size_t count = 0;
    rpc::setDeadline(pingDeadline);
    for (const auto& [name, agent] : present) {
        try {
            agent.control->ping();
        } catch (const CORBA::SystemException&) {
            const Turn turn(turns_, name);
            if (leave(name, agent.link, "its connection is gone", HangUp::yes)) ++count;
        }
    }
    rpc::setDeadline({});
    return count;
}

// So that a server that dies knows roughly when its agents were last there.
void AgentRegistry::noteSeen() {
    const Timestamp now = clock_.now();
    const bool due = noted_.with([&](Timestamp& noted) {
        if (now >= noted && now.seconds - noted.seconds < noteEverySeconds) return false;
        noted = now;
        return true;
    });
    if (!due) return;
    std::map<std::string, Timestamp> seen;
    attached_.with([&](const Everyone& everyone) {
        for (const auto& [name, agent] : everyone) seen.emplace(name, agent.heard);
    });
    database_.note([&](SqlDatabase& db) {
        for (const auto& [name, heard] : seen) writeLastSeen(db, name, heard);
    });
    database_.change([&](SqlDatabase& db) {
        for (const std::string& agent : dropEndedCertificates(db, now)) {
            certificatesChanged(db, agent);
        }
    });
}

void AgentRegistry::detachAll() {
    std::map<std::string, LinkKey> links;
    attached_.with([&](const Everyone& everyone) {
        for (const auto& [name, agent] : everyone) links.emplace(name, agent.link);
    });
    for (const auto& [name, link] : links) {
        const Turn turn(turns_, name);
        leave(name, link, "the server stops", HangUp::yes);
    }
}

void AgentRegistry::certificatesChanged(SqlDatabase& database, const std::string& agent) {
    certificates_.set(agent, fingerprintsOf(database, agent));
}

void AgentRegistry::readCertificates(const std::vector<std::string>& agents) {
    database_.readInTurn([&](SqlDatabase& database) {
        for (const std::string& agent : agents) certificatesChanged(database, agent);
    });
}

}  // namespace coffer
