#include "core/rpc/store/store_servant.h"

#include <memory>
#include <optional>

#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/store/backup_session.h"
#include "core/rpc/store/restore_session.h"
#include "core/rpc/store/session_gate.h"

namespace coffer::rpc {

void requireAgent(const Caller& caller, const std::string& agent) {
    if (caller.local || (caller.is(Role::agent) && caller.peer->name == agent)) return;
    throw Error(ErrorCode::permissionDenied, "only for the agent that carries out the run");
}

RunGrant StoreServant::grantOf(const Coffer::Octets& token, RunGrant::Kind kind) const {
    RunGrant grant = parts_.tokens.check(viewOf(token));
    requireAgent(parts_.caller(), grant.agent);
    if (grant.kind != kind) {
        throw Error(ErrorCode::permissionDenied, "the run's token is for another kind of run");
    }
    return grant;
}

Coffer::BackupSession_ptr StoreServant::beginBackup(const Coffer::Octets& token,
                                                    const Coffer::Octets& base,
                                                    Coffer::BackupTerms_out terms,
                                                    CORBA::Boolean& basePinned) {
    return serve("beginBackup", [&] {
        const RunGrant grant = grantOf(token, RunGrant::Kind::backup);
        std::optional<SnapshotId> from;
        if (base.length() > 0) from = toId<SnapshotId>(base);
        auto told = std::make_unique<Coffer::BackupTerms>();
        bool pinned = false;
        const CORBA::Object_var session = parts_.sessions.keep(
            grant.agent,
            [&](const Lease& lease) {
                auto servant = std::make_unique<BackupSession>(parts_, grant, from, lease);
                servant->fillTerms(*told);
                pinned = servant->basePinned();
                return servant.release();
            },
            {grant.run, grant.attempt});
        Coffer::BackupSession_var narrowed = Coffer::BackupSession::_narrow(session);
        terms = told.release();
        basePinned = pinned;
        return narrowed._retn();
    });
}

Coffer::RestoreSession_ptr StoreServant::beginRestore(const Coffer::Octets& token,
                                                      Coffer::RestoreTerms_out terms) {
    return serve("beginRestore", [&] {
        const RunGrant grant = grantOf(token, RunGrant::Kind::restore);
        auto told = std::make_unique<Coffer::RestoreTerms>();
        const CORBA::Object_var session = parts_.sessions.keep(
            grant.agent,
            [&](const Lease& lease) {
                auto servant = std::make_unique<RestoreSession>(parts_, grant, lease);
                servant->fillTerms(*told);
                return servant.release();
            },
            {grant.run, grant.attempt});
        Coffer::RestoreSession_var narrowed = Coffer::RestoreSession::_narrow(session);
        terms = told.release();
        return narrowed._retn();
    });
}

}  // namespace coffer::rpc
