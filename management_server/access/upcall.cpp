#include "management_server/access/upcall.h"

#include "core/rpc/caller.h"

namespace coffer {

namespace {

std::optional<std::string> callingClient() {
    if (rpc::currentCaller().local) return {};
    return rpc::requireClient();
}

}  // namespace

SessionTable::Call sessionCalls(
    std::function<std::vector<Grant>(const std::string& user)> grants,
    std::function<std::vector<Grant>(const std::vector<std::string>& groups)> groupGrants) {
    return {rpc::currentObjectId, callingClient, std::move(grants), std::move(groupGrants)};
}

CORBA::Object_ptr referenceIn(rpc::Orb& orb, const std::string& poa, ByteView id,
                              const char* type) {
    PortableServer::ObjectId octets;
    octets.length(static_cast<CORBA::ULong>(id.size()));
    std::copy(id.begin(), id.end(), octets.get_buffer());
    const PortableServer::POA_var home = orb.poa(poa);
    return home->create_reference_with_id(octets, type);
}

}  // namespace coffer
