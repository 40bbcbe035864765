#include <dlfcn.h>
#include <fcntl.h>
#include <omniORB4/acconfig.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string_view>

#include "core/base/error.h"
#include "core/rpc/tls_guard.h"

namespace {

/// 4.3.3 as 40303.
constexpr unsigned numberOf(std::string_view version) {
    unsigned number = 0;
    unsigned part = 0;
    for (const char c : version) {
        if (c == '.') {
            number = (number + part) * 100;
            part = 0;
        } else {
            part = part * 10 + static_cast<unsigned>(c - '0');
        }
    }
    return number + part;
}
static_assert(numberOf("4.3.3") == 40303);
static_assert(numberOf(PACKAGE_VERSION) < numberOf("4.3.3"),
              "this omniORB locks TLS connections itself: remove the guard");

/// OpenSSL's own function of a name.
template <class Function>
Function original(const char* name) {
    return reinterpret_cast<Function>(::dlsym(RTLD_NEXT, name));
}

void makeMutex(void*, void*, CRYPTO_EX_DATA* data, int index, long, void*) {
    CRYPTO_set_ex_data(data, index, new std::mutex);
}

void freeMutex(void*, void* mutex, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<std::mutex*>(mutex);
}

// Threads of omniORB go on their own, some of them after main has: OpenSSL, which tidies up in
// each, must not be gone by then.
const int stays = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);

// Before any connection is made, so that each has its mutex.
const int mutexIndex =
    CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, makeMutex, nullptr, freeMutex);

std::mutex& mutexOf(const SSL* ssl) {
    return *static_cast<std::mutex*>(SSL_get_ex_data(ssl, mutexIndex));
}

/// What came of the last operation of this thread. It belongs to the operation, so it is asked for
/// under the same lock.
struct Outcome {
    const SSL* ssl = nullptr;
    int error = SSL_ERROR_NONE;
};
thread_local Outcome lastOutcome;

int originalError(const SSL* ssl, int result) {
    static const auto function = original<int (*)(const SSL*, int)>("SSL_get_error");
    return function(ssl, result);
}

bool isBlocking(int socket) {
    const int flags = ::fcntl(socket, F_GETFL);
    return flags >= 0 && !(flags & O_NONBLOCK);
}

constexpr int longestWait = 10'000;  // milliseconds

/// Whether the socket is ready.
bool waitFor(int socket, int error) {
    pollfd wanted{};
    wanted.fd = socket;
    wanted.events = error == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT;
    return ::poll(&wanted, 1, longestWait) > 0;
}

/// Runs an operation that may read or write. Its socket never blocks within it; where the caller
/// expects that, the wait is here, without the lock. Now and then omniORB gets a look at its
/// deadline: one of its threads may have made the socket a blocking one under another's hands.
template <class Operation>
int serialised(SSL* ssl, Operation operation) {
    const int socket = SSL_get_fd(ssl);
    for (;;) {
        int result = 0;
        int number = 0;
        {
            const std::lock_guard lock(mutexOf(ssl));
            ERR_clear_error();
            errno = 0;
            result = operation();
            number = errno;
            lastOutcome = {ssl, originalError(ssl, result)};
        }
        const int error = lastOutcome.error;
        const bool wants = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE;
        if (!wants || !isBlocking(socket) || !waitFor(socket, error)) {
            errno = wants ? EAGAIN : number;
            return result;
        }
    }
}

// A socket as OpenSSL sees it: like its own, but for MSG_DONTWAIT.

int socketOf(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool isTransient(int number) {
    return number == EAGAIN || number == EINTR;
}

int writeSocket(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t sent =
        ::send(socketOf(bio), data, static_cast<std::size_t>(size), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && isTransient(errno)) BIO_set_retry_write(bio);
    return static_cast<int>(sent);
}

int readSocket(BIO* bio, char* data, int size) {
    BIO_clear_retry_flags(bio);
    const ssize_t got = ::recv(socketOf(bio), data, static_cast<std::size_t>(size), MSG_DONTWAIT);
    if (got < 0 && isTransient(errno)) BIO_set_retry_read(bio);
    return static_cast<int>(got);
}

long controlSocket(BIO* bio, int command, long, void* result) {
    switch (command) {
        case BIO_CTRL_FLUSH:
        case BIO_CTRL_DUP:
            return 1;
        case BIO_C_GET_FD:
            if (result) *static_cast<int*>(result) = socketOf(bio);
            return socketOf(bio);
        default:
            return 0;
    }
}

int createSocket(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

int destroySocket(BIO*) {
    return 1;  // the socket is omniORB's
}

BIO_METHOD* makeSocketMethod() {
    BIO_METHOD* method = BIO_meth_new(
        BIO_get_new_index() | BIO_TYPE_SOURCE_SINK | BIO_TYPE_DESCRIPTOR, "socket, not waiting");
    if (!method) return nullptr;
    BIO_meth_set_create(method, createSocket);
    BIO_meth_set_destroy(method, destroySocket);
    BIO_meth_set_write(method, writeSocket);
    BIO_meth_set_read(method, readSocket);
    BIO_meth_set_ctrl(method, controlSocket);
    return method;
}

BIO* socketBio(int socket) {
    static BIO_METHOD* const method = makeSocketMethod();  // for as long as there are connections
    BIO* bio = method ? BIO_new(method) : nullptr;
    if (bio) BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    return bio;
}

}  // namespace

// In the place of OpenSSL's, for omniORB and for this program.
extern "C" {

int SSL_set_fd(SSL* ssl, int socket) {
    BIO* in = socketBio(socket);
    BIO* out = socketBio(socket);
    if (!in || !out) {
        BIO_free(in);
        BIO_free(out);
        return 0;
    }
    SSL_set0_rbio(ssl, in);
    SSL_set0_wbio(ssl, out);
    return 1;
}

int SSL_read(SSL* ssl, void* data, int size) {
    static const auto function = original<int (*)(SSL*, void*, int)>("SSL_read");
    return serialised(ssl, [&] { return function(ssl, data, size); });
}

int SSL_write(SSL* ssl, const void* data, int size) {
    static const auto function = original<int (*)(SSL*, const void*, int)>("SSL_write");
    return serialised(ssl, [&] { return function(ssl, data, size); });
}

int SSL_accept(SSL* ssl) {
    static const auto function = original<int (*)(SSL*)>("SSL_accept");
    return serialised(ssl, [&] { return function(ssl); });
}

int SSL_connect(SSL* ssl) {
    static const auto function = original<int (*)(SSL*)>("SSL_connect");
    return serialised(ssl, [&] { return function(ssl); });
}

int SSL_pending(const SSL* ssl) {
    static const auto function = original<int (*)(const SSL*)>("SSL_pending");
    const std::lock_guard lock(mutexOf(ssl));
    return function(ssl);
}

int SSL_shutdown(SSL* ssl) {
    static const auto function = original<int (*)(SSL*)>("SSL_shutdown");
    const std::lock_guard lock(mutexOf(ssl));
    lastOutcome = {};
    return function(ssl);
}

void SSL_set_shutdown(SSL* ssl, int mode) {
    static const auto function = original<void (*)(SSL*, int)>("SSL_set_shutdown");
    const std::lock_guard lock(mutexOf(ssl));
    function(ssl, mode);
}

int SSL_get_error(const SSL* ssl, int result) {
    return lastOutcome.ssl == ssl ? lastOutcome.error : originalError(ssl, result);
}

}  // extern "C"

namespace coffer::rpc {

void requireTlsGuard() {
    // As the dynamic linker looks it up for omniORB.
    if (::dlsym(RTLD_DEFAULT, "SSL_read") != reinterpret_cast<void*>(&SSL_read)) {
        throw Error(ErrorCode::internal, "the program does not offer its guard of TLS to omniORB");
    }
}

}  // namespace coffer::rpc
