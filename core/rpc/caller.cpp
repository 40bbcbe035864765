#include "core/rpc/caller.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/callDescriptor.h>
#include <omniORB4/omniInterceptors.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>
#include <utility>

#include "core/base/error.h"
#include "core/rpc/caller_hooks.h"
#include "core/rpc/tls_peer.h"
#include "core/service/log.h"

namespace coffer::rpc {

namespace {

using Requests = omni::omniInterceptors::serverReceiveRequest_T;

struct Current {
    bool local = false;
    std::shared_ptr<const CertificateFacts> peer;
    const char* address = nullptr;  // omniORB's, of the connection that is being served
};
thread_local Current current;
thread_local bool arrived = false;  // a call from outside, which is not being served yet

// Set as long as there are hooks.
PortableServer::Current_var poaCurrent;
const PeerCheck* accepts = nullptr;

/// Of "giop:ssl:192.0.2.7:4711" or "giop:ssl:[2001:db8::7]:4711".
std::string hostOf(std::string_view address) {
    for (int part = 0; part < 2; ++part) {
        const std::size_t colon = address.find(':');
        address.remove_prefix(colon == std::string_view::npos ? 0 : colon + 1);
    }
    address = address.substr(0, address.rfind(':'));
    if (address.starts_with('[') && address.ends_with(']')) {
        address = address.substr(1, address.size() - 2);
    }
    return std::string(address);
}

/// A call from outside: on the thread that serves it, before its servant.
CORBA::Boolean onRequest(Requests::info_T& request) {
    arrived = true;
    const auto* certificate = static_cast<const X509*>(request.peerdetails());
    current = {false, certificate ? checkedFacts(*certificate) : nullptr, request.peeraddress()};
    // The handshake may be long ago.
    if (current.peer && accepts && *accepts && !(*accepts)(*current.peer)) {
        log(LogLevel::warning, "rpc.shut-out",
            {{"caller", current.peer->name}, {"address", hostOf(current.address)}});
        throw CORBA::NO_PERMISSION(0, CORBA::COMPLETED_NO);
    }
    return true;
}

/// A call within the process passes no transport and so no `onRequest`; what the thread serves
/// beside it goes on afterwards. omniORB makes an upcall of it when the reference is not of the
/// object's type, so it was made up outside: such a call is nobody's.
void onCall(omniCallDescriptor* call, omniServant* servant) {
    if (std::exchange(arrived, false)) return call->interceptedCall(servant);
    struct Restore {
        explicit Restore(bool local) : before(std::exchange(current, {local, nullptr, nullptr})) {}
        ~Restore() { current = std::move(before); }
        Current before;
    } restore(!call->is_upcall());
    call->interceptedCall(servant);
}

std::string requireRole(Role role) {
    const Caller caller = currentCaller();
    if (!caller.is(role)) {
        throw Error(ErrorCode::permissionDenied,
                    "only for callers with a certificate of an " + std::string(nameOf(role)));
    }
    return caller.peer->name;
}

}  // namespace

CallerHooks::CallerHooks(CORBA::ORB_ptr orb, const PeerCheck& peerCheck) {
    accepts = &peerCheck;
    const CORBA::Object_var object = orb->resolve_initial_references("POACurrent");
    poaCurrent = PortableServer::Current::_narrow(object);
    omniORB::getInterceptors()->serverReceiveRequest.add(onRequest);
    omniCallDescriptor::addInterceptor(onCall);
}

CallerHooks::~CallerHooks() {
    omniORB::getInterceptors()->serverReceiveRequest.remove(onRequest);
    omniCallDescriptor::removeInterceptor(onCall);
    poaCurrent = PortableServer::Current::_nil();
    accepts = nullptr;
}

Caller currentCaller() {
    Caller caller;
    caller.local = current.local;
    if (current.peer) caller.peer = *current.peer;
    if (current.address) caller.address = hostOf(current.address);
    return caller;
}

std::string requireAgent() {
    return requireRole(Role::agent);
}

std::string requireClient() {
    return requireRole(Role::client);
}

std::string_view currentConnection() {
    return current.address ? current.address : std::string_view();
}

Bytes currentObjectId() {
    try {
        PortableServer::ObjectId_var id = poaCurrent->get_object_id();
        return {id->get_buffer(), id->get_buffer() + id->length()};
    } catch (const PortableServer::Current::NoContext&) {
        throw Error(ErrorCode::internal, "asked for the object of a call outside of any");
    }
}

}  // namespace coffer::rpc
