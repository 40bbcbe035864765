#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.h"
#include "core/base/guarded.h"
#include "core/codec/signature.h"
#include "core/repository/ids.h"
#include "core/rpc/caller.h"
#include "core/rpc/convert.h"
#include "core/trust/certificate.h"
#include "idl/agent.hh"
#include "management_server/agents/agent_listener.h"
#include "management_server/agents/known_certificates.h"
#include "management_server/database/server_database.h"
#include "management_server/events/event_recorder.h"

namespace coffer {

/// An agent as the server knows it.
struct AgentRecord {
    std::string name;     // of its certificates; unique
    AgentId id;           // as it signs packs and snapshots
    VerifyKey verifyKey;  // checks those signatures
    Timestamp enrolled;
    std::optional<Timestamp> revoked;
    std::optional<Timestamp> lastSeen;
    rpc::SettingMap facts;  // "host", "system", "version"…
    bool suspended = false;
    rpc::SettingMap labels{};                    // as of label()
    std::optional<Timestamp> certificateEnds{};  // of the certificate that ends last
    bool attached = false;
    std::string address{};  // of the peer, while it is attached

    /// Whether it has told that it can do this (docs/protocol.md, features).
    bool has(const std::string& feature) const {
        return ("," + fact("features") + ",").find("," + feature + ",") != std::string::npos;
    }

    /// Empty when it has not told.
    std::string fact(const std::string& its) const {
        const auto found = facts.find(its);
        return found == facts.end() ? "" : found->second;
    }
};

/// What an AgentLink has as its object id.
using LinkKey = Id<16, struct LinkKeyTag>;

/// What an agent brings when it attaches; bounded already (agent_bounds.h).
struct Attachment {
    Coffer::AgentControl_var control;
    rpc::SettingMap facts;
    Coffer::RunProgressList active;
    std::vector<std::int64_t> unreported;
};

/// The agents of this server: who is enrolled, who is revoked, and the callbacks of those that are
/// attached. Safe to share between threads; no lock is held during a remote call.
class AgentRegistry {
  public:
    /// Without a heartbeat for so long, an agent counts as gone.
    static constexpr std::int64_t silenceSeconds = 90;

    /// All outlive it. `steady` tells who is silent, for one that is set would make all of them so.
    /// Events about agents are entered when there is a recorder.
    AgentRegistry(ServerDatabase& database, const Clock& clock, const Clock& steady,
                  EventRecorder* events = nullptr);

    /// Who is told, before the first agent attaches. Outlives the registry. What an agent does is
    /// told in its order, one thing at a time; agents do not wait for each other.
    void tell(AgentListener& listener);

    /// Throws Error(notFound).
    AgentRecord get(const std::string& name) const;
    std::vector<AgentRecord> list() const;  // by name

    /// The callback of an attached agent. Throws Error(notFound) when there is no such agent,
    /// (permissionDenied) when it is revoked, (unavailable) when it is away.
    Coffer::AgentControl_var control(const std::string& name) const;

    bool isAttached(const std::string& name) const;

    /// For OrbSettings::accepts: refuses agents' certificates that were revoked or never issued.
    /// Quick, from memory.
    bool accepts(const CertificateFacts& peer) const noexcept;

    /// What accepts() goes by: names of agents by the fingerprints of their certificates; nothing
    /// when that is what it was at `seen`, which then counts anew. For one who has to be told.
    std::optional<std::map<std::string, std::string>> certificatesSince(std::uint64_t& seen) const {
        return certificates_.since(seen);
    }

    /// Name of the agent that calls. Throws Error(permissionDenied) for anybody else, and for a
    /// certificate that has been revoked since its connection was made.
    std::string callingAgent(const rpc::Caller& caller) const;

    /// The caller, of an agent with the name that it has now instead of that of its certificate.
    rpc::Caller asKnown(rpc::Caller caller) const;

    /// Makes the callback the agent's present one, and the key that of its only link. Throws as
    /// callingAgent, and what the listener throws: then it is not attached.
    LinkKey attach(const rpc::Caller& caller, Attachment attachment);

    /// A sign of life over a link. Throws Error(gone) when the agent has attached anew or counts
    /// as gone, (permissionDenied) when the link is another agent's.
    void heard(const std::string& agent, const LinkKey& link);

    /// The agent says that it goes; nothing happens when it has attached anew.
    void detach(const std::string& agent, const LinkKey& link);

    /// Refuses the agent's certificates from now on, drops its callback, ends its connection and
    /// tells the listener. Safe to repeat. Throws Error(notFound).
    void revoke(const std::string& name);

    /// Refuses the agent's certificates, ends its connection and lets its runs wait, until it is
    /// resumed. Safe to repeat. Throws Error(notFound), (conflict) for one that is revoked.
    void suspend(const std::string& name, bool suspended);

    /// Changes labels: "title" and "group", up to 200 octets each, and settings that the agent is
    /// given (GivenSettings); an empty value takes one away. Throws Error(notFound),
    /// (invalidArgument).
    void label(const std::string& name, const rpc::SettingMap& labels);

    /// What an agent is told when it attaches. Throws Error(notFound).
    rpc::SettingMap givenSettings(const std::string& name) const;

    /// Gives an agent another name, and has `also` do what goes with it in the same transaction; it
    /// detaches and attaches anew under the name. Throws as renameAgent (agent_rows.h), and what
    /// `also` throws: then nothing has happened.
    void rename(const std::string& name, const std::string& fresh,
                const std::function<void(SqlDatabase&)>& also);

    /// Detaches agents that have been silent too long or cannot be called back, and notes when the
    /// others were seen; for the housekeeping. Gives how many were detached.
    std::size_t expire();

    /// The server is stopping: all are detached, and calls to them that are under way fail.
    void detachAll();

    /// Reads anew which certificates of an agent are good. Within ServerDatabase::change, so that
    /// memory and database change in the same order; that of changeCertificates(), where the agent
    /// is known before.
    void certificatesChanged(SqlDatabase& database, const std::string& agent);

    /// As ServerDatabase::change, of what the certificates of these agents depend on. What could
    /// not be committed does not stay in memory.
    template <class Work>
    auto changeCertificates(const std::vector<std::string>& agents, Work&& work) {
        try {
            return database_.change(std::forward<Work>(work));
        } catch (...) {
            readCertificates(agents);
            throw;
        }
    }

    /// The certificates of these agents are again what the database says.
    void readCertificates(const std::vector<std::string>& agents);

  private:
    struct Attached {
        LinkKey link;
        Coffer::AgentControl_var control;
        Timestamp heard;
        Timestamp steadyHeard;  // the same by the steady clock
        std::string address;
    };
    using Everyone = std::map<std::string, Attached>;  // by name
    class Turn;

    /// Whether the agent's connection ends, too.
    enum class HangUp { no, yes };
    void hangUp(const std::string& agent, const char* why);
    void hangUpWithin(const Turn& turn, const std::string& agent, const char* why);
    bool leave(const std::string& agent, const LinkKey& link, const char* why, HangUp hangUp);
    std::size_t dropSilent();
    std::size_t dropUnreachable();
    void noteSeen();

    ServerDatabase& database_;
    const Clock& clock_;
    const Clock& steady_;
    EventRecorder* const events_;
    AgentListener* listener_ = nullptr;
    KnownCertificates certificates_;
    Guarded<Everyone> attached_;
    Guarded<std::set<std::string>> turns_;  // agents whose state is being changed
    Guarded<Timestamp> noted_;
};

}  // namespace coffer
