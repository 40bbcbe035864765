#include "management_panel/client/connection.h"

#include "core/base/error.h"
#include "management_panel/client/saved_session.h"

namespace coffer::client {

namespace {

Coffer::Session_var sessionFrom(rpc::Orb& orb, const SavedSession& saved) {
    try {
        const CORBA::Object_var object = orb.reachAgain(saved.server, saved.reference);
        if (!CORBA::is_nil(object)) return Coffer::Session::_unchecked_narrow(object);
    } catch (const Error&) {
        // Told below, as a nil reference is.
    }
    throw Error(ErrorCode::loginAgain, "the saved session is damaged");
}

}  // namespace

Connection::Connection(const ClientFolder& folder) {
    const SavedSession saved = loadSession(folder);
    if (saved.reference.empty()) throw Error(ErrorCode::loginAgain, "nobody is logged in");
    orb_ = std::make_unique<rpc::Orb>(rpc::OrbSettings{.role = rpc::OrbRole::client,
                                                       .authorityFile = folder.authorityFile(),
                                                       .identityFile = folder.identityFile()});
    session_ = sessionFrom(*orb_, saved);
}

Connection::Connection(Coffer::Session_ptr session)
    : session_(Coffer::Session::_duplicate(session)) {}

Connection::~Connection() = default;

Coffer::AgentManager_ptr Connection::agents() {
    if (CORBA::is_nil(agents_))
        agents_ = inSession("reach the agents", [&] { return session_->agents(); });
    return agents_.in();
}

Coffer::RunManager_ptr Connection::runs() {
    if (CORBA::is_nil(runs_)) runs_ = inSession("reach the runs", [&] { return session_->runs(); });
    return runs_.in();
}

Coffer::SnapshotManager_ptr Connection::snapshots() {
    if (CORBA::is_nil(snapshots_)) {
        snapshots_ = inSession("reach the snapshots", [&] { return session_->snapshots(); });
    }
    return snapshots_.in();
}

Coffer::RepositoryManager_ptr Connection::repositories() {
    if (CORBA::is_nil(repositories_)) {
        repositories_ =
            inSession("reach the repositories", [&] { return session_->repositories(); });
    }
    return repositories_.in();
}

Coffer::EventLog_ptr Connection::events() {
    if (CORBA::is_nil(events_))
        events_ = inSession("reach the events", [&] { return session_->events(); });
    return events_.in();
}

Coffer::AccessManager_ptr Connection::access() {
    if (CORBA::is_nil(access_))
        access_ = inSession("reach the users", [&] { return session_->access(); });
    return access_.in();
}

Coffer::TaskManager_ptr Connection::tasks() {
    if (CORBA::is_nil(tasks_))
        tasks_ = inSession("reach the tasks", [&] { return session_->tasks(); });
    return tasks_.in();
}

Coffer::RunLog_ptr Connection::logs() {
    if (CORBA::is_nil(logs_))
        logs_ = inSession("reach the logs of runs", [&] { return session_->logs(); });
    return logs_.in();
}

Coffer::StatusBoard_ptr Connection::status() {
    if (CORBA::is_nil(status_))
        status_ = inSession("reach the status", [&] { return session_->status(); });
    return status_.in();
}

Coffer::QueueBoard_ptr Connection::queue() {
    if (CORBA::is_nil(queue_))
        queue_ = inSession("reach the queue", [&] { return session_->queue(); });
    return queue_.in();
}

Coffer::UpdateManager_ptr Connection::updates() {
    if (CORBA::is_nil(updates_))
        updates_ = inSession("reach the updates", [&] { return session_->updates(); });
    return updates_.in();
}

Coffer::SettingsManager_ptr Connection::settings() {
    if (CORBA::is_nil(settings_))
        settings_ = inSession("reach the settings", [&] { return session_->serverSettings(); });
    return settings_.in();
}

Coffer::FileCatalog_ptr Connection::catalog() {
    if (CORBA::is_nil(catalog_))
        catalog_ = inSession("reach the catalogue", [&] { return session_->catalog(); });
    return catalog_.in();
}

}  // namespace coffer::client
