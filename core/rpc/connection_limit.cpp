#include "core/rpc/connection_limit.h"

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "core/rpc/tls_socket.h"

namespace coffer::rpc {

namespace {

std::atomic<long> limit = mostConnections;
std::atomic<long> connections = 0;
std::atomic<long> withoutCertificate = 0;

// Each connection keeps how many there were when it came.
void arrive(void*, void*, CRYPTO_EX_DATA* data, int index, long, void*) {
    const auto place = static_cast<std::intptr_t>(++connections);
    CRYPTO_set_ex_data(data, index, reinterpret_cast<void*>(place));
}

void leave(void*, void* place, CRYPTO_EX_DATA*, int, long, void*) {
    if (place) --connections;
}

void leaveWithoutCertificate(void*, void* counted, CRYPTO_EX_DATA*, int, long, void*) {
    if (counted) --withoutCertificate;
}

int placeIndex() {
    static const int index =
        CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, arrive, nullptr, leave);
    return index;
}

int countedIndex() {
    static const int index = CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, nullptr,
                                                     nullptr, leaveWithoutCertificate);
    return index;
}

}  // namespace

void limitConnections() {
    placeIndex();
    countedIndex();
    limit = std::clamp(raiseDescriptorLimit() - descriptorsForOthers, 16L, mostConnections);
}

bool mayBegin(const SSL& ssl) {
    return reinterpret_cast<std::intptr_t>(SSL_get_ex_data(&ssl, placeIndex())) <= limit;
}

bool mayStay(SSL& ssl) {
    if (SSL_get0_peer_certificate(&ssl) || SSL_get_ex_data(&ssl, countedIndex())) return true;
    if (SSL_set_ex_data(&ssl, countedIndex(), &withoutCertificate) != 1) return false;
    return ++withoutCertificate <= mostWithoutCertificate;
}

}  // namespace coffer::rpc
