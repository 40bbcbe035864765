#include "core/rpc/orb.h"

#include <omniORB4/BiDirPolicy.h>
#include <omniORB4/internal/objectAdapter.h>
#include <omniORB4/minorCode.h>

#include <atomic>
#include <map>
#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/rpc/caller_hooks.h"
#include "core/rpc/connection_limit.h"
#include "core/rpc/dialled.h"
#include "core/rpc/orb_options.h"
#include "core/rpc/tls_context.h"
#include "core/rpc/tls_guard.h"

namespace coffer::rpc {

namespace {

std::atomic<bool> taken = false;

// Named objects live in two POAs. Other ORBs find them in omniORB's own by their mere names; but
// only a POA with a policy of its own takes references to objects behind the caller's connection,
// and it stands in the key of its objects.
constexpr const char* knownPoa = "known";
constexpr std::string_view knownKey = "%ffknown%00";

/// omniORB keeps one state for a whole process.
class OnlyOne {
  public:
    OnlyOne() {
        if (taken.exchange(true)) {
            throw Error(ErrorCode::conflict, "there is an ORB in this process already");
        }
    }
    ~OnlyOne() { taken = false; }
    OnlyOne(const OnlyOne&) = delete;
    OnlyOne& operator=(const OnlyOne&) = delete;
};

/// Of the ORB and everything that it needs, destroyed in the reverse order.
class RunningOrb {
  public:
    explicit RunningOrb(const OrbSettings& settings) : orb_(startOmniOrb(optionsOf(settings))) {}
    ~RunningOrb() { orb_->destroy(); }
    RunningOrb(const RunningOrb&) = delete;
    RunningOrb& operator=(const RunningOrb&) = delete;

    CORBA::ORB_ptr get() const { return orb_; }

  private:
    CORBA::ORB_var orb_;
};

Error cannotStart(const OrbSettings& settings, const CORBA::INITIALIZE& failure) {
    const char* minor = failure.NP_minorString();
    if (settings.role != OrbRole::server) {
        return {ErrorCode::internal, std::string("start omniORB: ") + (minor ? minor : "failed")};
    }
    return {ErrorCode::busy, "cannot listen at " + settings.listen.text() +
                                 ": in use, or no address of this machine"};
}

}  // namespace

class Orb::Impl {
  public:
    explicit Impl(const OrbSettings& settings);
    ~Impl();
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;

    PortableServer::POA_ptr makeKnown();
    PortableServer::POA_ptr makeSession(const std::string& name,
                                        PortableServer::ServantBase* servant);
    PortableServer::POA_ptr makePoa(const std::string& name, CORBA::PolicyList policies);
    void findListening();

    OnlyOne only;
    std::optional<TlsIdentity> identity;
    const PeerRules rules;
    std::optional<RunningOrb> orb;
    std::optional<CallerHooks> hooks;
    std::optional<DialledAddresses> addresses;
    PortableServer::POA_var root;
    PortableServer::POA_var known;
    PortableServer::POA_var named;  // omniORB's own
    PortableServer::POAManager_var manager;
    PortableServer::POAManager_var namedManager;
    Endpoint listening;
    Guarded<std::map<std::string, PortableServer::POA_var>> poas;
};

Orb::Impl::Impl(const OrbSettings& settings)
    : rules{settings.accepts, settings.role == OrbRole::worker} {
    if (settings.role != OrbRole::embedded) {
        requireTlsGuard();
        identity.emplace(settings.authorityFile, settings.identityFile);
        sslContext::singleton = new TlsContext(*identity, rules);  // omniORB's from now on
    }
    if (settings.role == OrbRole::server) limitConnections();
    try {
        orb.emplace(settings);
        hooks.emplace(orb->get(), rules.accepts);
        if (settings.role != OrbRole::server && settings.role != OrbRole::embedded) {
            addresses.emplace();
        }
        CORBA::Object_var object = orb->get()->resolve_initial_references("RootPOA");
        root = PortableServer::POA::_narrow(object);
        manager = root->the_POAManager();
        object = orb->get()->resolve_initial_references("omniINSPOA");
        named = PortableServer::POA::_narrow(object);
        namedManager = named->the_POAManager();
        known = makeKnown();
        if (settings.role == OrbRole::server) findListening();
        manager->activate();
        namedManager->activate();
    } catch (const CORBA::INITIALIZE& failure) {
        throw cannotStart(settings, failure);
    }
}

Orb::Impl::~Impl() {
    orb->get()->shutdown(true);
}

void Orb::Impl::findListening() {
    constexpr std::string_view scheme = "giop:ssl:";
    const auto& endpoints = omni::omniObjAdapter::listMyEndpoints();
    for (CORBA::ULong at = 0; at < endpoints.length(); ++at) {
        const std::string text = static_cast<const char*>(endpoints[at]);
        if (text.starts_with(scheme)) {
            listening = Endpoint::parse(text.substr(scheme.size()));
            return;
        }
    }
    throw Error(ErrorCode::internal, "omniORB listens nowhere");
}

/// Adds what all our POAs have in common: ids that we choose, and callbacks to whoever calls.
PortableServer::POA_ptr Orb::Impl::makePoa(const std::string& name, CORBA::PolicyList policies) {
    const CORBA::ULong before = policies.length();
    policies.length(before + 2);
    policies[before] = root->create_id_assignment_policy(PortableServer::USER_ID);
    policies[before + 1] = new BiDirPolicy::BidirectionalPolicy(BiDirPolicy::BOTH);
    return root->create_POA(name.c_str(), manager, policies);
}

PortableServer::POA_ptr Orb::Impl::makeKnown() {
    CORBA::PolicyList policies;
    policies.length(1);
    policies[0] = root->create_lifespan_policy(PortableServer::PERSISTENT);
    return makePoa(knownPoa, policies);
}

PortableServer::POA_ptr Orb::Impl::makeSession(const std::string& name,
                                               PortableServer::ServantBase* servant) {
    CORBA::PolicyList policies;
    if (!servant) return makePoa(name, policies);
    policies.length(3);
    policies[0] = root->create_request_processing_policy(PortableServer::USE_DEFAULT_SERVANT);
    policies[1] = root->create_servant_retention_policy(PortableServer::NON_RETAIN);
    policies[2] = root->create_id_uniqueness_policy(PortableServer::MULTIPLE_ID);
    PortableServer::POA_var made = makePoa(name, policies);
    made->set_servant(servant);
    return made._retn();
}

Orb::Orb(const OrbSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}

Orb::~Orb() = default;

const Endpoint& Orb::listening() const {
    return impl_->listening;
}

void Orb::serve(const std::string& name, PortableServer::ServantBase* servant) {
    const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId(name.c_str());
    impl_->known->activate_object_with_id(id, servant);
    impl_->named->activate_object_with_id(id, servant);
}

PortableServer::POA_ptr Orb::poa(const std::string& name,
                                 PortableServer::ServantBase* defaultServant) {
    return impl_->poas.with([&](auto& poas) {
        PortableServer::POA_var& poa = poas[name];
        if (CORBA::is_nil(poa)) poa = impl_->makeSession(name, defaultServant);
        return PortableServer::POA::_duplicate(poa);
    });
}

CORBA::Object_ptr Orb::reach(const Endpoint& server, const std::string& name) {
    const Endpoint checked = Endpoint::parse(server.text());
    const Dialling asItSays;
    // GIOP before 1.2 is never bidirectional.
    const std::string where =
        "corbaloc:ssliop:1.2@" + checked.text() + "/" + std::string(knownKey) + name;
    return impl_->orb->get()->string_to_object(where.c_str());
}

CORBA::Object_ptr Orb::reachAgain(const Endpoint& server, const std::string& reference) {
    const Endpoint checked = Endpoint::parse(server.text());
    const Dialling there(checked);
    try {
        return impl_->orb->get()->string_to_object(reference.c_str());
    } catch (const CORBA::SystemException&) {
        throw Error(ErrorCode::corrupt, "a reference to an object does not parse");
    }
}

CORBA::Object_ptr Orb::reachLocal(const std::string& name) {
    try {
        const PortableServer::ObjectId_var id = PortableServer::string_to_ObjectId(name.c_str());
        return impl_->known->id_to_reference(id);
    } catch (const PortableServer::POA::ObjectNotActive&) {
        throw Error(ErrorCode::notFound, "nothing is served as " + name);
    }
}

void Orb::reloadIdentity() {
    if (impl_->identity) impl_->identity->reload();
}

void Orb::stopIntake() {
    impl_->manager->discard_requests(false);
    impl_->namedManager->discard_requests(false);
}

CORBA::ORB_ptr Orb::get() const {
    return impl_->orb->get();
}

}  // namespace coffer::rpc
