#include "store_server/store_server.h"

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/steady_clock.h"
#include "core/service/log.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds round{5};

// Sessions stay when the clock of the system is set.
const SteadyClock steady;

// What the server has not handed over yet.
void require(Disk& disk, const rpc::HandedOver& given) {
    for (const std::string& file : {given.authorityFile(), given.certificateFile(),
                                    given.tokenKeyFile(), given.agentsFile()}) {
        if (disk.stat(file)) continue;
        throw Error(ErrorCode::notFound,
                    printable(file) +
                        " is missing: set store.address in server.ini and start coffer-server "
                        "once; it hands over what a store needs");
    }
}

SecretKey keyIn(const std::string& file) {
    return during(printable(file), [&] { return rpc::tokenKeyIn(readTextFile(file)); });
}

}  // namespace

StoreServer::StoreServer(Disk& disk, const rpc::HandedOver& given, const StoreSettings& settings,
                         const Clock& clock)
    : disk_(disk),
      given_(given),
      settings_(settings),
      tokens_((require(disk, given), keyIn(given.tokenKeyFile())), clock),
      agents_(disk, given.agentsFile()),
      repositories_(disk, given.repositories, clock),
      certificate_(disk.open(given.certificateFile())) {}

void StoreServer::serve(rpc::Orb& orb) {
    sessions_ = std::make_unique<rpc::LeaseKeeper>(
        PortableServer::POA_var(orb.poa("store-sessions")), steady, rpc::storeLeases);
    const PortableServer::ServantBase_var servant(new rpc::StoreServant(
        {.repositories = repositories_,
         .tokens = tokens_,
         .sessions = *sessions_,
         .limits = settings_.limits,
         .caller = [this] { return agents_.asKnown(rpc::currentCaller()); }}));
    orb.serve("CofferStore", servant.in());
    housekeeping_ = std::make_unique<rpc::KeepAlive>(
        [this, &orb] {
            sessions_->expire();
            repositories_.closeRemoved();
            followCertificate(orb);
        },
        round);
}

void StoreServer::stop(rpc::Orb& orb) {
    housekeeping_.reset();
    orb.stopIntake();
}

void StoreServer::followCertificate(rpc::Orb& orb) {
    certificate_.with([&](std::shared_ptr<DiskReader>& shown) {
        if (shown->named()) return;
        try {
            auto fresh = disk_.open(given_.certificateFile());
            orb.reloadIdentity();
            shown = std::move(fresh);
            log(LogLevel::info, "certificate.read");
        } catch (const Error& error) {
            log(LogLevel::error, "certificate.not-read", {{"message", error.what()}});
        }
    });
}

}  // namespace coffer
