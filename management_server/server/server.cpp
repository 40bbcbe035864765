#include "management_server/server/server.h"

#include "management_server/server/server_served.h"

namespace coffer {

Server::Server(const ServerParts& parts) : parts_(std::make_unique<Parts>(parts)) {}

Server::~Server() = default;

bool Server::accepts(const CertificateFacts& peer) const noexcept {
    return parts_->registry.accepts(peer);
}

void Server::serve(rpc::Orb& orb) {
    served_ = std::make_unique<Served>(*parts_, orb);
}

void Server::reload() {
    served_->reload();
}

void Server::tick() {
    served_->tick();
}

void Server::stop() {
    if (served_) served_->stop();
}

}  // namespace coffer
