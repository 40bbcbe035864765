#include "management_server/notify/outgoing.h"

#include <Poco/Exception.h>
#include <Poco/Net/DNS.h>
#include <Poco/Net/HostEntry.h>
#include <Poco/Net/NetSSL.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <openssl/ssl.h>

#include <filesystem>

#include "core/base/printable.h"

namespace coffer {

namespace {

using Poco::Net::Context;

const Poco::Timespan patience{10, 0};
constexpr int deepestChain = 9;
constexpr std::size_t longestComplaint = 300;

}  // namespace

void outgoing(const std::string& doing, const std::function<void()>& work) {
    try {
        work();
    } catch (const Poco::Exception& error) {
        const std::string why = error.displayText().substr(0, longestComplaint);
        throw Error(ErrorCode::unavailable, doing + ": " + printable(why));
    }
}

Context::Ptr checkingContext(const std::string& authorityFile) {
    try {
        if (!authorityFile.empty() && !std::filesystem::is_regular_file(authorityFile)) {
            throw Error(ErrorCode::invalidArgument, "there is no file " + printable(authorityFile));
        }
        Poco::Net::initializeSSL();
        Context::Ptr context(new Context(Context::TLS_CLIENT_USE, "", "", authorityFile,
                                         Context::VERIFY_STRICT, deepestChain,
                                         authorityFile.empty()));
        context->enableExtendedCertificateVerification(true);
        ::SSL_CTX_set_min_proto_version(context->sslContext(), TLS1_2_VERSION);
        return context;
    } catch (const Poco::Exception& error) {
        throw Error(ErrorCode::invalidArgument,
                    printable(authorityFile) + ": " + printable(error.displayText()));
    }
}

Poco::Net::StreamSocket connected(const Endpoint& where) {
    const auto addresses = Poco::Net::DNS::hostByName(where.host).addresses();
    for (std::size_t i = 0; i < addresses.size(); ++i) {
        try {
            Poco::Net::StreamSocket socket;
            socket.connect(Poco::Net::SocketAddress(addresses[i], where.port), patience);
            socket.setReceiveTimeout(patience);
            socket.setSendTimeout(patience);
            return socket;
        } catch (const Poco::Exception&) {
            if (i + 1 == addresses.size()) throw;
        }
    }
    throw Error(ErrorCode::unavailable, printable(where.host) + " has no address");
}

Poco::Net::StreamSocket secured(const Poco::Net::StreamSocket& socket, const std::string& host,
                                const Context::Ptr& context) {
    Poco::Net::SecureStreamSocket secure =
        Poco::Net::SecureStreamSocket::attach(socket, host, context);
    secure.completeHandshake();
    secure.verifyPeerCertificate(host);
    return secure;
}

OpenSocket::Hold OpenSocket::set(const Poco::Net::StreamSocket& socket) {
    state_.with([&](State& state) {
        if (state.stopped) throw Error(ErrorCode::cancelled, "the server is stopping");
        state.socket = socket;
    });
    return Hold(*this);
}

void OpenSocket::stop() noexcept {
    try {
        state_.with([](State& state) {
            state.stopped = true;
            if (state.socket) state.socket->shutdown();
        });
    } catch (const Poco::Exception&) {
        // It has ended by itself.
    }
}

}  // namespace coffer
