#include "management_server/server/store_handover.h"

#include <boost/filesystem.hpp>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/store/agent_list.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

// Whatever the umask says.
void setMode(const std::string& path, unsigned mode) {
    namespace fs = boost::filesystem;
    boost::system::error_code failure;
    fs::permissions(path, static_cast<fs::perms>(mode), failure);
    if (failure) throw Error::fromErrno(failure.value(), "let the group into " + printable(path));
}

// An administrator may have set the bit by which new files get the folder's group.
void letGroupIn(const std::string& folder) {
    namespace fs = boost::filesystem;
    setMode(folder, (static_cast<unsigned>(fs::status(folder).permissions()) & 07000U) | 0770U);
}

}  // namespace

StoreHandover::StoreHandover(Disk& disk, const ServerFolder& server,
                             const CertificateAuthority& authority, const AgentRegistry& agents,
                             const Clock& clock, std::vector<std::string> hosts)
    : disk_(disk),
      server_(server),
      agents_(agents),
      given_(server.path()),
      certificate_(authority, clock, given_.certificateFile(), std::move(hosts), Role::store) {}

void StoreHandover::begin() {
    makeFolders(disk_, given_.folder);
    makeFolders(disk_, given_.repositories);
    // The store reads what it is given and can put nothing else in its place.
    setMode(given_.folder, 0750);
    letGroupIn(given_.repositories);
    put(given_.authorityFile(), readTextFile(server_.authorityFile()));
    put(given_.tokenKeyFile(), readTextFile(server_.storeKeyFile()));
    if (!disk_.stat(given_.lockFile())) {
        disk_.create(given_.lockFile());
        setMode(given_.lockFile(), 0660);
    }
    renewCertificate();
    tellAgents();
}

void StoreHandover::tellAgents() {
    told_.with([&](std::uint64_t& told) {
        std::uint64_t seen = told;
        const auto changed = agents_.certificatesSince(seen);
        if (!changed) return;
        put(given_.agentsFile(), rpc::encodeAgentList(*changed));
        told = seen;
    });
}

void StoreHandover::renewCertificate() {
    if (certificate_.due()) put(given_.certificateFile(), certificate_.make());
}

void StoreHandover::put(const std::string& file, std::string_view text) {
    replaceFile(disk_, file, bytesOf(text), [](const std::string& fresh) { setMode(fresh, 0640); });
}

}  // namespace coffer
