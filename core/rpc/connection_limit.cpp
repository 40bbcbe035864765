#include "core/rpc/connection_limit.h"

#include <omniORB4/CORBA.h>
#include <omniORB4/internal/giopStrand.h>
#include <omniORB4/omniInterceptors.h>

#include <algorithm>
#include <atomic>

#include "core/rpc/tls_socket.h"

namespace coffer::rpc {

namespace {

using Acceptances = omni::omniInterceptors::serverAcceptConnection_T;

std::atomic<long> limit = ConnectionLimit::most;
std::atomic<long> withoutCertificate = 0;

long countConnections() {
    const omni_tracedmutex_lock lock(*omni::omniTransportLock);
    long count = 0;
    for (const omni::StrandList* at = omni::giopStrand::passive.next;
         at != &omni::giopStrand::passive; at = at->next) {
        ++count;
    }
    return count;
}

/// Before the handshake.
CORBA::Boolean onConnection(Acceptances::info_T& connection) {
    if (countConnections() > limit) {
        connection.reject = true;
        connection.why = "too many connections";
    }
    return true;
}

// Goes with its connection.
void leave(void*, void* counted, CRYPTO_EX_DATA*, int, long, void*) {
    if (counted) --withoutCertificate;
}

int countedIndex() {
    static const int index =
        CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr, nullptr, leave);
    return index;
}

}  // namespace

ConnectionLimit::ConnectionLimit() {
    countedIndex();
    limit = std::clamp(raiseDescriptorLimit() - descriptorsForOthers, 16L, most);
    omniORB::getInterceptors()->serverAcceptConnection.add(onConnection);
}

ConnectionLimit::~ConnectionLimit() {
    omniORB::getInterceptors()->serverAcceptConnection.remove(onConnection);
}

bool admitAfterHandshake(SSL& ssl) {
    if (SSL_get0_peer_certificate(&ssl) || SSL_get_ex_data(&ssl, countedIndex())) return true;
    if (SSL_set_ex_data(&ssl, countedIndex(), &withoutCertificate) != 1) return false;
    return ++withoutCertificate <= ConnectionLimit::mostWithoutCertificate;
}

}  // namespace coffer::rpc
