#pragma once

#include <omniORB4/CORBA.h>

#include <functional>
#include <memory>
#include <string>

#include "core/trust/certificate.h"
#include "core/trust/pinned_authority.h"

namespace coffer::rpc {

/// What a program does with CORBA; decides all options of the ORB in one place.
enum class OrbRole {
    server,   // listens; calls agents back over their own connections
    agent,    // dials out and is called back over the same connection
    worker,   // dials out over several ordinary connections
    client,   // dials out over one ordinary connection
    embedded  // everything in one process: no port is opened, no call leaves it
};

struct OrbSettings {
    OrbRole role = OrbRole::client;

    // PEM files. The identity holds a certificate and its private key; without one (empty) only
    // calls that need none can be made. Ignored when embedded.
    std::string authorityFile{};
    std::string identityFile{};

    Endpoint listen{};  // of a server; port 0 takes a free one

    /// Asked in every handshake for the peer's certificate, which has been checked against the
    /// authority; false ends the connection. Asked again for every call that comes in: false
    /// refuses it (NO_PERMISSION). Called by any thread, quick, and never throws.
    std::function<bool(const CertificateFacts& peer)> accepts{};
};

/// The ORB of this process: one at a time, as omniORB has it. Threads and connections end with it.
/// Safe to share.
class Orb {
  public:
    /// Throws Error(conflict) when there is one already, (busy) when the port is taken, (notFound),
    /// (corrupt) for the PEM files.
    explicit Orb(const OrbSettings& settings);

    /// Stops intake, waits for calls being served, closes connections. Never inside of an upcall.
    ~Orb();
    Orb(const Orb&) = delete;
    Orb& operator=(const Orb&) = delete;

    /// Where a server really listens.
    const Endpoint& listening() const;

    /// Makes `servant` reachable by name ("CofferGate"). Adds a reference to it; yours stays yours
    /// (PortableServer::Servant_var).
    void serve(const std::string& name, PortableServer::ServantBase* servant);

    /// A POA for objects of sessions; made on the first call of a name. With `defaultServant` every
    /// id leads to that one (a reference to it is added), else each object is activated. Its
    /// objects take calls over connections that the peer opened or, in an agent, that it opened
    /// itself.
    PortableServer::POA_ptr poa(const std::string& name,
                                PortableServer::ServantBase* defaultServant = nullptr);

    /// A reference to the named object of a server. No connection is made yet. References that it
    /// gives lead to the same address, whatever the server thinks that it is called.
    CORBA::Object_ptr reach(const Endpoint& server, const std::string& name);

    /// The object of a server that a stringified reference names, wherever the reference says that
    /// it is. In place of string_to_object, which would look for it where this thread has called
    /// last. Throws Error(corrupt).
    CORBA::Object_ptr reachAgain(const Endpoint& server, const std::string& reference);

    /// The same in this process (embedded).
    CORBA::Object_ptr reachLocal(const std::string& name);

    /// Reads the identity file anew; handshakes from now on use it. Running connections stay.
    void reloadIdentity();

    /// Ends intake; blocked calls of others return. The destructor does the rest.
    void stopIntake();

    CORBA::ORB_ptr get() const;

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace coffer::rpc
