#include "tests/core/rpc/orb/raw_peer.h"

#include <openssl/err.h>

#include <array>
#include <stdexcept>

namespace coffer {

RawPeer::RawPeer(const Endpoint& server) : wire_(BIO_new_connect(server.text().c_str())) {
    if (BIO_do_connect(wire_.get()) != 1) throw std::runtime_error("no connection");
}

RawPeer::~RawPeer() {
    SSL_free(ssl_);
    SSL_CTX_free(context_);
}

bool RawPeer::startTls(int version, const std::string& identityFile) {
    context_ = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_max_proto_version(context_, version);
    SSL_CTX_set_security_level(context_, 0);
    if (!identityFile.empty()) {
        SSL_CTX_use_certificate_chain_file(context_, identityFile.c_str());
        SSL_CTX_use_PrivateKey_file(context_, identityFile.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_ = SSL_new(context_);
    BIO_up_ref(wire_.get());
    SSL_set_bio(ssl_, wire_.get(), wire_.get());
    const bool done = SSL_connect(ssl_) == 1;
    ERR_clear_error();
    return done;
}

void RawPeer::send(const std::string& octets) {
    const int size = static_cast<int>(octets.size());
    if (ssl_) {
        SSL_write(ssl_, octets.data(), size);
    } else {
        BIO_write(wire_.get(), octets.data(), size);
    }
    ERR_clear_error();
}

std::string RawPeer::receiveAll() {
    std::string all;
    std::array<char, 4096> block{};
    for (;;) {
        const int size = static_cast<int>(block.size());
        const int got =
            ssl_ ? SSL_read(ssl_, block.data(), size) : BIO_read(wire_.get(), block.data(), size);
        ERR_clear_error();
        if (got <= 0) return all;
        all.append(block.data(), static_cast<std::size_t>(got));
    }
}

bool RawPeer::renegotiate() {
    const bool done = SSL_renegotiate(ssl_) == 1 && SSL_do_handshake(ssl_) == 1;
    ERR_clear_error();
    return done;
}

}  // namespace coffer
