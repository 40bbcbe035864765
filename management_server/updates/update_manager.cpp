#include "management_server/updates/update_manager.h"

#include <algorithm>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"

namespace coffer {

namespace {

constexpr CORBA::ULong mostAtOnce = 1'000;
constexpr CORBA::ULong mostAgents = 100'000;

void put(const PackageHead& from, Coffer::UpdatePackage& to) {
    to.version = from.manifest.version.text().c_str();
    to.platform = from.manifest.platform.c_str();
    to.signer = from.signer.hex().c_str();
    to.made = rpc::toMoment(from.manifest.made);
    to.size = static_cast<Coffer::ByteCount>(from.packageSize());
}

void put(const AgentUpdate& from, Coffer::AgentUpdate& to) {
    to.agent = from.agent.c_str();
    to.version = from.version.text().c_str();
    to.state = std::string(nameOf(from.state)).c_str();
    to.message = from.message.c_str();
    to.user = from.user.c_str();
    to.changed = rpc::toMoment(from.changed);
}

}  // namespace

Coffer::UpdatePackages* UpdateManager::list() {
    return rpc::serve("list", [&] {
        sessions_.require(Right::look, Scope::some());
        const std::vector<PackageHead> heads = shelf_.list();
        Coffer::UpdatePackages_var packages = new Coffer::UpdatePackages;
        packages->length(static_cast<CORBA::ULong>(heads.size()));
        CORBA::ULong at = 0;
        for (const PackageHead& head : heads) put(head, packages[at++]);
        return packages._retn();
    });
}

void UpdateManager::upload(Coffer::ByteCount offset, const Coffer::Octets& data,
                           CORBA::Boolean last) {
    rpc::serve("upload", [&] {
        const UserSession session = sessions_.require(Right::manageAgents);
        if (offset < 0) throw Error(ErrorCode::invalidArgument, "an offset is not negative");
        const auto take = [&] {
            shelf_.upload(static_cast<std::uint64_t>(offset), rpc::viewOf(data), last,
                          {session.owner(), [this](const PackageHead& head) {
                               requireUnused(head.manifest.version);
                           }});
        };
        if (!last) return take();
        sessions_.audited(session, {"update-package-taken", std::to_string(offset + data.length())},
                          take);
    });
}

void UpdateManager::remove(const char* name) {
    rpc::serve("remove", [&] {
        const UserSession session = sessions_.require(Right::manageAgents);
        const Version version = Version::parse(name);
        sessions_.audited(session, {"update-package-removed", version.text()}, [&] {
            requireUnused(version);
            shelf_.remove(version);
        });
    });
}

void UpdateManager::requireUnused(const Version& version) const {
    for (const AgentUpdate& update : updates_.list()) {
        if (update.open() && update.version == version) {
            throw Error(ErrorCode::conflict, "agents are to get this version: stop that");
        }
    }
}

void UpdateManager::start(const char* name, const Coffer::Strings& agents, CORBA::ULong atOnce) {
    rpc::serve("start", [&] {
        const UserSession session = sessions_.require(Right::manageAgents);
        const Version version = Version::parse(name);
        if (atOnce < 1 || atOnce > mostAtOnce) {
            throw Error(ErrorCode::invalidArgument, "1 to 1,000 agents at once");
        }
        const std::vector<std::string> wanted = chosen(agents);
        const Change change{
            "update-started",
            version.text(),
            {},
            {{"agents", std::to_string(wanted.size())}, {"at-once", std::to_string(atOnce)}}};
        sessions_.audited(session, change, [&] {
            requirePackage(version);
            updates_.order(wanted, version, atOnce, session.user);
        });
    });
}

std::vector<std::string> UpdateManager::chosen(const Coffer::Strings& agents) const {
    const std::vector<std::string> all = agents_();
    if (agents.length() == 0) return all;
    if (agents.length() > mostAgents) throw Error(ErrorCode::invalidArgument, "too many agents");
    const std::vector<std::string> wanted = rpc::toTexts(agents);
    for (const std::string& agent : wanted) {
        if (std::ranges::find(all, agent) != all.end()) continue;
        throw Error(ErrorCode::notFound,
                    "there is no agent " + printable(agent.substr(0, 64)) + " that could update");
    }
    return wanted;
}

void UpdateManager::requirePackage(const Version& version) const {
    for (const PackageHead& head : shelf_.list()) {
        if (head.manifest.version == version) return;
    }
    throw Error(ErrorCode::notFound, "there is no package of version " + version.text() +
                                         ": 'coffer update import' brings one");
}

void UpdateManager::stop() {
    rpc::serve("stop", [&] {
        const UserSession session = sessions_.require(Right::manageAgents);
        sessions_.audited(session, {"update-stopped", ""},
                          [&] { updates_.stop("stopped by " + session.user); });
    });
}

Coffer::AgentUpdates* UpdateManager::status() {
    return rpc::serve("status", [&] {
        const UserSession session = sessions_.require(Right::look, Scope::some());
        std::vector<AgentUpdate> updates = updates_.list();
        std::erase_if(updates, [&](const AgentUpdate& update) {
            return !sessions_.may(session, Right::look, Scope::of(update.agent));
        });
        Coffer::AgentUpdates_var all = new Coffer::AgentUpdates;
        all->length(static_cast<CORBA::ULong>(updates.size()));
        CORBA::ULong at = 0;
        for (const AgentUpdate& update : updates) put(update, all[at++]);
        return all._retn();
    });
}

}  // namespace coffer
