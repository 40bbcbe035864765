#include "core/rpc/dialled.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/giopEndpoint.h>
#include <omniORB4/internal/giopRope.h>
#include <omniORB4/internal/giopStrand.h>
#include <omniORB4/internal/giopStream.h>
#include <omniORB4/omniInterceptors.h>

#include <omniORB4/internal/GIOP_C.h>  // needs those above

#include <algorithm>
#include <string>
#include <vector>

namespace coffer::rpc {

namespace {

using Replies = omni::omniInterceptors::clientReceiveReply_T;
using References = omni::omniInterceptors::decodeIOR_T;

/// Addresses as omniORB writes them, all of a reference, so that it sees that they are the same and
/// uses the same connection. Empty: nothing is to be changed.
thread_local std::vector<std::string> dialled;

std::vector<std::string> addressesIn(const omni::giopAddressList& list) {
    std::vector<std::string> addresses;
    for (const omni::giopAddress* address : list) addresses.emplace_back(address->address());
    return addresses;
}

bool isDialled(const omni::giopAddressList& list) {
    return std::equal(list.begin(), list.end(), dialled.begin(), dialled.end(),
                      [](const omni::giopAddress* address, const std::string& text) {
                          return text == address->address();
                      });
}

/// Before the results of a call are read.
CORBA::Boolean onReply(Replies::info_T& reply) {
    const omni::giopAddressList& used = reply.giop_c.ior()->getIORInfo()->addresses();
    if (!isDialled(used)) dialled = addressesIn(used);
    return true;
}

/// Once for each reference, after omniORB has read the addresses in it.
CORBA::Boolean onReference(References::info_T& reference) {
    omni::giopAddressList& addresses = reference.ior.getIORInfo()->addresses();
    if (dialled.empty() || isDialled(addresses)) return true;
    for (omni::giopAddress* old : addresses) delete old;
    addresses.erase(addresses.begin(), addresses.end());
    for (const std::string& text : dialled) {
        if (auto* address = omni::giopAddress::str2Address(text.c_str())) {
            addresses.push_back(address);
        }
    }
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
    // What omniORB makes of a reference over SSL.
    dialled = {"giop:tcp:" + Endpoint{server.host, 0}.text(), "giop:ssl:" + server.text()};
}

Dialling::~Dialling() {
    dialled.clear();
}

}  // namespace coffer::rpc
