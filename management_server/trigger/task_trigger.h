#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "management_server/access/authentication.h"
#include "management_server/access/session_table.h"
#include "management_server/http/http_listener.h"

namespace coffer {

/// Starts tasks over HTTP (docs/tasks.md): POST /tasks/NAME/run with the token of a user, who may
/// what he might with it by CORBA. Safe to share between threads.
class TaskTrigger {
  public:
    /// All outlive it.
    struct Parts {
        Authentication& authentication;
        SessionTable& sessions;

        /// Starts a task for a session, with all its checks: TaskManager::start.
        std::function<std::vector<std::int64_t>(const UserSession&, const std::string& task)> start;
    };

    explicit TaskTrigger(Parts parts) : parts_(std::move(parts)) {}

    /// Never throws.
    HttpAnswer answer(const HttpRequest& request) const;

  private:
    HttpAnswer start(const KnownUser& user, const std::string& task) const;

    const Parts parts_;
};

}  // namespace coffer
