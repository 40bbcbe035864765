#include "management_server/catalog/catalog_servant.h"

#include <algorithm>
#include <limits>
#include <unordered_map>

#include "core/base/error.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"
#include "management_server/catalog/catalog_pages.h"

namespace coffer {

namespace {

constexpr std::size_t longestPattern = 4'096;
constexpr std::size_t mostUnreadNamed = 1'000;

std::optional<EntryType> typeIn(const rpc::SettingMap& options) {
    const auto found = options.find("kind");
    if (found == options.end()) return {};
    for (auto type = EntryType::file; type <= EntryType::blockDevice;
         type = static_cast<EntryType>(static_cast<int>(type) + 1)) {
        if (nameOf(type) == found->second) return type;
    }
    throw Error(ErrorCode::invalidArgument, "there is no such kind of entry");
}

bool meansAway(const Error& error) {
    return error.code() == ErrorCode::noSpace || error.code() == ErrorCode::ioError ||
           error.code() == ErrorCode::busy;
}

CatalogQuery queryOf(const Coffer::PathOctets& pattern, const Coffer::PathOctets& below,
                     const rpc::SettingMap& options) {
    if (pattern.length() > longestPattern) {
        throw Error(ErrorCode::invalidArgument, "a pattern of more than 4,096 octets");
    }
    return {.pattern = rpc::textOf(pattern),
            .ignoreCase = rpc::truthIn(options, "ignore-case", false),
            .below = rpc::toAbsolutePath(below),
            .type = typeIn(options)};
}

}  // namespace

Coffer::CatalogIterator_ptr CatalogServant::find(const char* repository,
                                                 const Coffer::PathOctets& pattern,
                                                 const Coffer::PathOctets& below,
                                                 const Coffer::Settings& options,
                                                 Coffer::CatalogState_out state) {
    return rpc::serve("search the catalogue", [&] {
        const UserSession session = parts_.sessions.require(Right::look, Scope::some());
        const rpc::SettingMap map = rpc::toMap(options);
        CatalogQuery query = queryOf(pattern, below, map);
        const std::string name = repository;
        const auto opened = parts_.repositories.open(name);
        AgentNames agents = parts_.agents();
        Coffer::CatalogState_var stand = new Coffer::CatalogState;
        KnownSnapshots known =
            viewOf(chosen(session, *opened, agents, map), name, *opened, stand.inout());
        const auto pages = std::make_shared<CatalogPages>(
            std::move(known), std::move(query), std::move(agents), rpc::truthIn(map, "list", false),
            [&catalogs = parts_.catalogs, name, opened] {
                auto file = catalogs.open(name, *opened);
                if (!file) throw Error(ErrorCode::busy, "the catalogue is being made anew");
                return file;
            });
        const auto iterator = rpc::keepPages<Coffer::CatalogIterator, CatalogPagingIterator>(
            parts_.iterators, session.owner(),
            [&sessions = parts_.sessions, &catalogs = parts_.catalogs, key = session.id, name,
             pages](unsigned atMost, Coffer::CatalogVersions& page) {
                sessions.require(key);
                try {
                    return pages->fill(atMost, page);
                } catch (const Error& error) {
                    if (!meansDamage(error)) throw;
                    catalogs.damaged(name, error);
                    throw Error(ErrorCode::busy, "the catalogue is damaged and made anew");
                }
            });
        state = stand._retn();
        return iterator;
    });
}

Coffer::CatalogState* CatalogServant::state(const char* repository) {
    return rpc::serve("look at the catalogue", [&] {
        const UserSession session = parts_.sessions.require(Right::look, Scope::some());
        const auto opened = parts_.repositories.open(repository);
        Coffer::CatalogState_var stand = new Coffer::CatalogState;
        viewOf(chosen(session, *opened, parts_.agents(), {}), repository, *opened, stand.inout());
        return stand._retn();
    });
}

void CatalogServant::rebuild(const char* repository) {
    rpc::serve("make the catalogue anew", [&] {
        const UserSession session = parts_.sessions.require(Right::manageRepositories);
        const std::string name = repository;
        parts_.repositories.open(name);
        log(LogLevel::info, "catalog.rebuild", {{"repository", name}, {"user", session.user}});
        parts_.catalogs.rebuild(name);
    });
}

// The snapshots that a question is about, oldest first: shown, and of agents that the user may see.
std::vector<SnapshotInfo> CatalogServant::chosen(const UserSession& session, Repository& repository,
                                                 const AgentNames& agents,
                                                 const rpc::SettingMap& options) const {
    const bool all = parts_.sessions.may(session, Right::look, {});
    const std::string only = rpc::textIn(options, "agent", "");
    constexpr auto ever = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    const std::uint64_t after = rpc::numberIn(options, "after", 0);
    const std::uint64_t before = rpc::numberIn(options, "before", ever);
    std::unordered_map<AgentId, bool, IdHash> shown;
    const auto isShown = [&](const AgentId& id) {
        const auto [known, isNew] = shown.try_emplace(id, false);
        if (isNew) {
            const std::string name = nameOf(agents, id);
            known->second = (only.empty() || name == only) &&
                            (all || parts_.sessions.may(session, Right::look, Scope::of(name)));
        }
        return known->second;
    };
    std::vector<SnapshotInfo> snapshots = repository.ledger().snapshots();
    std::erase_if(snapshots, [&](const SnapshotInfo& info) {
        const auto seconds =
            static_cast<std::uint64_t>(std::max<std::int64_t>(0, info.committed.seconds));
        return !info.isShown() || seconds < after || seconds > before ||
               !isShown(info.registration.agent);
    });
    return snapshots;
}

KnownSnapshots CatalogServant::viewOf(const std::vector<SnapshotInfo>& chosen,
                                      const std::string& name, Repository& repository,
                                      Coffer::CatalogState& state) const {
    std::unordered_map<SnapshotId, Timestamp, IdHash> committed;
    for (const SnapshotInfo& info : chosen) committed[info.registration.id] = info.committed;
    KnownSnapshots known;
    state.read = 0;
    for (const CatalogSnapshot& each : knownIn(name, repository, known.incarnation)) {
        const auto found = committed.find(each.id);
        if (!each.whole || found == committed.end()) continue;
        known.view[each.source].push_back({each.number, each.id, found->second});
        committed.erase(found);
        ++state.read;
    }
    state.unreadCount = static_cast<CORBA::ULong>(committed.size());
    state.unread.length(static_cast<CORBA::ULong>(std::min(committed.size(), mostUnreadNamed)));
    CORBA::ULong at = 0;
    for (const SnapshotInfo& info : chosen) {
        if (at == state.unread.length()) break;
        if (!committed.contains(info.registration.id)) continue;
        state.unread[at++] = info.registration.id.hex().c_str();
    }
    state.working = parts_.catalogs.isWorking(name);
    return known;
}

// Nothing of one that is being made anew, turns out to be damaged, or cannot be opened now: who
// asks can look into the snapshots themselves.
std::vector<CatalogSnapshot> CatalogServant::knownIn(const std::string& name,
                                                     Repository& repository,
                                                     std::int64_t& incarnation) const {
    try {
        const auto file = parts_.catalogs.open(name, repository);
        if (!file) return {};
        incarnation = file->incarnation();
        return file->snapshots();
    } catch (const Error& error) {
        if (meansDamage(error)) {
            parts_.catalogs.damaged(name, error);
        } else if (meansAway(error)) {
            log(LogLevel::warning, "catalog.away",
                {{"repository", name}, {"message", error.what()}});
        } else {
            throw;
        }
        return {};
    }
}

}  // namespace coffer
