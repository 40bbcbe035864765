#include <dlfcn.h>
#include <fcntl.h>
#include <omniORB4/acconfig.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
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

/// What the guard keeps of a connection.
struct Guard {
    mutable std::mutex mutex;
    bool incomplete = false;  // what has been read ahead ends within a record
};

void makeGuard(void*, void*, CRYPTO_EX_DATA* data, int index, long, void*) {
    CRYPTO_set_ex_data(data, index, new Guard);
}

void freeGuard(void*, void* guard, CRYPTO_EX_DATA*, int, long, void*) {
    delete static_cast<Guard*>(guard);
}

// Threads of omniORB go on their own, some of them after main has: OpenSSL, which tidies up in
// each, must not be gone by then.
const int stays = OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);

// Before any connection is made, so that each has its guard.
const int guardIndex =
    CRYPTO_get_ex_new_index(CRYPTO_EX_INDEX_SSL, 0, nullptr, makeGuard, nullptr, freeGuard);

Guard& guardOf(const SSL* ssl) {
    return *static_cast<Guard*>(SSL_get_ex_data(ssl, guardIndex));
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
constexpr int longestRecord = SSL3_RT_MAX_PLAIN_LENGTH;

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
            const std::lock_guard lock(guardOf(ssl).mutex);
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

// What this thread writes is followed by more at once, so that the kernel may wait for that.
thread_local bool moreFollows = false;

// A socket as OpenSSL sees it: like its own, but for MSG_DONTWAIT and MSG_MORE.

int socketOf(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool isTransient(int number) {
    return number == EAGAIN || number == EINTR;
}

int writeSocket(BIO* bio, const char* data, int size) {
    BIO_clear_retry_flags(bio);
    const int flags = MSG_DONTWAIT | MSG_NOSIGNAL | (moreFollows ? MSG_MORE : 0);
    const ssize_t sent = ::send(socketOf(bio), data, static_cast<std::size_t>(size), flags);
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

int write(SSL* ssl, const void* data, int size, bool more) {
    static const auto function = original<int (*)(SSL*, const void*, int)>("SSL_write");
    return serialised(ssl, [&] {
        moreFollows = more;
        const int written = function(ssl, data, size);
        moreFollows = false;
        return written;
    });
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
    return serialised(ssl, [&] {
        const int got = function(ssl, data, size);
        guardOf(ssl).incomplete = SSL_want_read(ssl);
        return got;
    });
}

// Of more than a record, all but the last one goes into large segments, which wake the peer seldom.
int SSL_write(SSL* ssl, const void* data, int size) {
    if (size <= longestRecord) return write(ssl, data, size, false);
    const int before = (size - 1) / longestRecord * longestRecord;
    const int written = write(ssl, data, before, true);
    if (written != before) return written;
    const int rest = write(ssl, static_cast<const char*>(data) + before, size - before, false);
    if (rest <= 0) lastOutcome = {ssl, SSL_ERROR_NONE};  // a part was written: come again for more
    return before + std::max(rest, 0);
}

int SSL_accept(SSL* ssl) {
    static const auto function = original<int (*)(SSL*)>("SSL_accept");
    return serialised(ssl, [&] { return function(ssl); });
}

int SSL_connect(SSL* ssl) {
    static const auto function = original<int (*)(SSL*)>("SSL_connect");
    return serialised(ssl, [&] { return function(ssl); });
}

// Asked whether a read would find something without the socket: records that were read ahead and
// are not opened yet count, too.
int SSL_pending(const SSL* ssl) {
    static const auto function = original<int (*)(const SSL*)>("SSL_pending");
    const Guard& guard = guardOf(ssl);
    const std::lock_guard lock(guard.mutex);
    const int opened = function(ssl);
    return opened > 0 || guard.incomplete ? opened : SSL_has_pending(ssl);
}

int SSL_shutdown(SSL* ssl) {
    static const auto function = original<int (*)(SSL*)>("SSL_shutdown");
    const std::lock_guard lock(guardOf(ssl).mutex);
    lastOutcome = {};
    return function(ssl);
}

void SSL_set_shutdown(SSL* ssl, int mode) {
    static const auto function = original<void (*)(SSL*, int)>("SSL_set_shutdown");
    const std::lock_guard lock(guardOf(ssl).mutex);
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
