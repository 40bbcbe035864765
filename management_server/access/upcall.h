#pragma once

#include "core/base/bytes.h"
#include "core/rpc/orb.h"
#include "management_server/access/session_table.h"

namespace coffer {

/// How a SessionTable learns of the calls that this process serves; `grants` and `groupGrants` as
/// its Call has them.
SessionTable::Call sessionCalls(
    std::function<std::vector<Grant>(const std::string& user)> grants,
    std::function<std::vector<Grant>(const std::vector<std::string>& groups)> groupGrants = {});

/// A reference to an object of a POA that has a default servant. `type` is a repository id:
/// "IDL:Coffer/Session:1.0".
CORBA::Object_ptr referenceIn(rpc::Orb& orb, const std::string& poa, ByteView id, const char* type);

}  // namespace coffer
