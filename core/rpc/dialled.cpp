#include "core/rpc/dialled.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/giopEndpoint.h>
#include <omniORB4/internal/giopRope.h>
#include <omniORB4/internal/giopStrand.h>
#include <omniORB4/internal/giopStream.h>
#include <omniORB4/omniInterceptors.h>

#include <omniORB4/internal/GIOP_C.h>  // needs those above

#include <memory>
#include <string>

namespace coffer::rpc {

namespace {

using Replies = omni::omniInterceptors::clientReceiveReply_T;
using References = omni::omniInterceptors::decodeIOR_T;

/// "giop:ssl:host:port", or empty.
thread_local std::string dialled;

/// Before the results of a call are read.
CORBA::Boolean onReply(Replies::info_T& reply) {
    const omni::giopAddressList& used = reply.giop_c.ior()->getIORInfo()->addresses();
    const char* address = used.empty() ? "" : used[0]->address();
    if (dialled != address) dialled = address;
    return true;
}

/// Once for each reference, after omniORB has read the addresses in it.
CORBA::Boolean onReference(References::info_T& reference) {
    if (dialled.empty()) return true;
    std::unique_ptr<omni::giopAddress> address(omni::giopAddress::str2Address(dialled.c_str()));
    if (!address) return true;
    omni::giopAddressList& addresses = reference.ior.getIORInfo()->addresses();
    for (omni::giopAddress* instead : addresses) delete instead;
    addresses.erase(addresses.begin(), addresses.end());
    addresses.push_back(address.release());
    return true;
}

}  // namespace

DialledAddresses::DialledAddresses() {
    omniORB::getInterceptors()->clientReceiveReply.add(onReply);
    omniORB::getInterceptors()->decodeIOR.add(onReference);
}

DialledAddresses::~DialledAddresses() {
    omniORB::getInterceptors()->clientReceiveReply.remove(onReply);
    omniORB::getInterceptors()->decodeIOR.remove(onReference);
}

Dialling::Dialling() {
    dialled.clear();
}

Dialling::Dialling(const Endpoint& server) {
    dialled = "giop:ssl:" + server.text();
}

Dialling::~Dialling() {
    dialled.clear();
}

}  // namespace coffer::rpc
