#pragma once

#include <chrono>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "core/rpc/store/keep_alive.h"

namespace coffer::rpc {

/// A client's hold on a session at a store: keeps it alive, and tells the server when it is over,
/// once, no matter whether it can be reached. Safe to share.
template <class Session>
class SessionHold {
  public:
    /// Takes the reference over.
    explicit SessionHold(typename Session::_ptr_type session)
        : session_(session), keepAlive_([this] {
              setDeadline(std::chrono::seconds(20));
              call("keep the session", [this] { session_->keepAlive(); });
          }) {}
    SessionHold(const SessionHold&) = delete;
    SessionHold& operator=(const SessionHold&) = delete;

    ~SessionHold() { closeOnce(session_.in()); }

    typename Session::_ptr_type operator->() const { return session_.in(); }

    static void closeOnce(typename Session::_ptr_type session) {
        setDeadline(std::chrono::seconds(2));
        try {
            call("end the session", [&] { session->close(); });
        } catch (const Error&) {
            // Its lease ends it then.
        }
        setDeadline({});
    }

  private:
    const typename Session::_var_type session_;
    const KeepAlive keepAlive_;
};

}  // namespace coffer::rpc
