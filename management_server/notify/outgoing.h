#pragma once

#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include <functional>
#include <optional>
#include <string>

#include "core/base/error.h"
#include "core/base/guarded.h"
#include "core/trust/pinned_authority.h"

namespace coffer {

// Connections to other programs that the server makes, with deadlines of ten seconds for each step.

/// Runs `work`; exceptions of Poco leave it as Error(unavailable), with "doing" in front.
void outgoing(const std::string& doing, const std::function<void()>& work);

/// How the other end's certificate is checked: against a file of authorities (PEM), or those of the
/// system; TLS 1.2 or later, and its name has to be the host's. Throws Error(invalidArgument) for a
/// file that is none.
Poco::Net::Context::Ptr checkingContext(const std::string& authorityFile);

/// A connection to the first address of a host that answers. What Poco throws, it throws.
Poco::Net::StreamSocket connected(const Endpoint& where);

/// TLS over a connection; the other end's certificate has been checked. What Poco throws, it
/// throws.
Poco::Net::StreamSocket secured(const Poco::Net::StreamSocket& socket, const std::string& host,
                                const Poco::Net::Context::Ptr& context);

/// The socket of a call under way, so that another thread can end it. Safe to share.
class OpenSocket {
  public:
    /// Lets go of the socket, which then is closed when nobody else has it.
    class Hold {
      public:
        explicit Hold(OpenSocket& open) : open_(open) {}
        ~Hold() {
            open_.state_.with([](State& state) { state.socket.reset(); });
        }
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;

      private:
        OpenSocket& open_;
    };

    /// As long as the hold lives this is it, before TLS. Throws Error(cancelled) once stop() was
    /// called.
    [[nodiscard]] Hold set(const Poco::Net::StreamSocket& socket);

    /// Connections end, now and as soon as they are made.
    void stop() noexcept;

  private:
    struct State {
        bool stopped = false;
        std::optional<Poco::Net::StreamSocket> socket;
    };
    Guarded<State> state_;
};

}  // namespace coffer
