#include "core/rpc/caller.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/callDescriptor.h>
#include <omniORB4/omniInterceptors.h>
#include <openssl/x509.h>

#include <memory>
#include <utility>

#include "core/base/error.h"
#include "core/rpc/caller_hooks.h"
#include "core/rpc/tls_peer.h"

namespace coffer::rpc {

namespace {

using Requests = omni::omniInterceptors::serverReceiveRequest_T;

struct Current {
    bool local = false;
    std::shared_ptr<const CertificateFacts> peer;
};
thread_local Current current;

PortableServer::Current_var poaCurrent;  // set as long as there are hooks

/// A call from outside: on the thread that serves it, before its servant.
CORBA::Boolean onRequest(Requests::info_T& request) {
    const auto* certificate = static_cast<const X509*>(request.peerdetails());
    current = {false, certificate ? checkedFacts(*certificate) : nullptr};
    return true;
}

/// A call within the process passes no transport and so no `onRequest`; what the thread serves
/// beside it goes on afterwards.
void onCall(omniCallDescriptor* call, omniServant* servant) {
    if (call->is_upcall()) return call->interceptedCall(servant);
    struct Restore {
        Current before = std::exchange(current, Current{true, nullptr});
        ~Restore() { current = std::move(before); }
    } restore;
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

CallerHooks::CallerHooks(CORBA::ORB_ptr orb) {
    const CORBA::Object_var object = orb->resolve_initial_references("POACurrent");
    poaCurrent = PortableServer::Current::_narrow(object);
    omniORB::getInterceptors()->serverReceiveRequest.add(onRequest);
    omniCallDescriptor::addInterceptor(onCall);
}

CallerHooks::~CallerHooks() {
    omniORB::getInterceptors()->serverReceiveRequest.remove(onRequest);
    omniCallDescriptor::removeInterceptor(onCall);
    poaCurrent = PortableServer::Current::_nil();
}

Caller currentCaller() {
    Caller caller;
    caller.local = current.local;
    if (current.peer) caller.peer = *current.peer;
    return caller;
}

std::string requireAgent() {
    return requireRole(Role::agent);
}

std::string requireClient() {
    return requireRole(Role::client);
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
