#pragma once

#include <memory>
#include <utility>

#include "core/rpc/failure.h"
#include "core/rpc/orb.h"
#include "idl/management.hh"
#include "management_panel/client/client_folder.h"

namespace coffer::client {

/// A call to an object of the session, as rpc::call. Sessions end with their server: when it does
/// not know the object any more, the session has ended, too (Error(loginAgain)).
template <class Work>
auto inSession(const char* doing, Work&& work) {
    try {
        return rpc::call(doing, std::forward<Work>(work));
    } catch (const Error& error) {
        if (error.code() != ErrorCode::gone) throw;
        throw Error(ErrorCode::loginAgain, "the session has ended");
    }
}

/// A session at the server, and what is reached from it. The ORB of the process belongs to it. Used
/// by one thread; the references it gives may be used by several, as long as it lives. All throw
/// Error(loginAgain) when the session has ended, (unavailable)….
class Connection {
  public:
    /// Goes on with the session that the last login saved. No connection is made yet.
    explicit Connection(const ClientFolder& folder);

    /// A session of a process that has an ORB already.
    explicit Connection(Coffer::Session_ptr session);

    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    /// All are borrowed, and asked for at the server at their first use.
    Coffer::Session_ptr session() const { return session_.in(); }
    Coffer::AgentManager_ptr agents();
    Coffer::RunManager_ptr runs();
    Coffer::SnapshotManager_ptr snapshots();
    Coffer::RepositoryManager_ptr repositories();
    Coffer::EventLog_ptr events();
    Coffer::AccessManager_ptr access();
    Coffer::TaskManager_ptr tasks();
    Coffer::RunLog_ptr logs();
    Coffer::StatusBoard_ptr status();
    Coffer::QueueBoard_ptr queue();
    Coffer::UpdateManager_ptr updates();
    Coffer::SettingsManager_ptr settings();
    Coffer::FileCatalog_ptr catalog();

  private:
    std::unique_ptr<rpc::Orb> orb_;  // goes last
    Coffer::Session_var session_;
    Coffer::AgentManager_var agents_;
    Coffer::RunManager_var runs_;
    Coffer::SnapshotManager_var snapshots_;
    Coffer::RepositoryManager_var repositories_;
    Coffer::EventLog_var events_;
    Coffer::AccessManager_var access_;
    Coffer::TaskManager_var tasks_;
    Coffer::RunLog_var logs_;
    Coffer::StatusBoard_var status_;
    Coffer::QueueBoard_var queue_;
    Coffer::UpdateManager_var updates_;
    Coffer::SettingsManager_var settings_;
    Coffer::FileCatalog_var catalog_;
};

}  // namespace coffer::client
