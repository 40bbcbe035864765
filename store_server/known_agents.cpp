#include "store_server/known_agents.h"

#include <span>
#include <utility>

#include "core/base/error.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr std::size_t longestList = 64U << 20;
constexpr std::size_t readAtOnce = 64U << 10;

Bytes contentOf(DiskReader& file) {
    Bytes octets;
    for (std::size_t size = 0;;) {
        octets.resize(size + readAtOnce);
        const std::size_t got = file.read(size, std::span(octets).subspan(size));
        octets.resize(size += got);
        if (got == 0) return octets;
        if (size > longestList) throw Error(ErrorCode::limitExceeded, "it is too large");
    }
}

}  // namespace

// The server puts a new file in the place of the one before.
void KnownAgents::readAgain(State& state) const {
    if (state.file && state.file->named()) return;
    try {
        during(file_, [&] {
            state.file = disk_.open(file_);
            state.agents = rpc::decodeAgentList(textOf(contentOf(*state.file)));
        });
        log(LogLevel::debug, "agents.read",
            {{"certificates", std::to_string(state.agents.size())}});
        state.told = false;
    } catch (const Error& error) {
        state.file.reset();
        state.agents.clear();
        if (!std::exchange(state.told, true)) {
            log(LogLevel::error, "agents.not-read", {{"message", error.what()}});
        }
    }
}

std::optional<std::string> KnownAgents::nameOf(const CertificateFacts& peer) const {
    if (peer.role != Role::agent) return {};
    return state_.with([&](State& state) -> std::optional<std::string> {
        readAgain(state);
        const auto found = state.agents.find(peer.fingerprint);
        if (found == state.agents.end()) return {};
        return found->second;
    });
}

bool KnownAgents::accepts(const CertificateFacts& peer) const noexcept {
    try {
        return nameOf(peer).has_value();
    } catch (...) {
        return false;
    }
}

rpc::Caller KnownAgents::asKnown(rpc::Caller caller) const {
    if (!caller.peer) return caller;
    if (const auto name = nameOf(*caller.peer)) {
        caller.peer->name = *name;
    } else {
        caller.peer.reset();
    }
    return caller;
}

}  // namespace coffer
