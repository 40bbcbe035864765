#include "management_server/snapshots/snapshot_manager.h"

#include <map>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/paging_iterator.h"
#include "core/service/log.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/tree_reader.h"
#include "management_server/snapshots/snapshot_forms.h"
#include "management_server/snapshots/snapshot_pages.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestStretch = 4 << 20;
constexpr std::size_t longestPattern = 4096;
constexpr std::size_t longestAnswer = std::size_t{12} << 20;  // octets, about; a message has 16 MiB
constexpr std::size_t whatInLists = 16 << 10;                 // octets of paths of one snapshot

std::string nameOf(const AgentNames& agents, const AgentId& id) {
    const auto found = agents.find(id);
    return found == agents.end() ? id.hex() : found->second;
}

// Of one that cannot be opened: what the ledger knows.
Coffer::SnapshotInfo unreadableInfo(const SnapshotInfo& info, const char* repository,
                                    const std::string& agent, const Error& error) {
    Coffer::SnapshotInfo result;
    result.id = info.registration.id.hex().c_str();
    result.repository = repository;
    result.agent = agent.c_str();
    result.started = rpc::unknownMoment();
    result.committed = rpc::toMoment(info.committed);
    result.counts = rpc::toSettings({{"problem", error.what()}});
    return result;
}

std::size_t weightOf(const Coffer::SnapshotInfo& info) {
    std::size_t octets = 1024;
    for (CORBA::ULong i = 0; i < info.what.length(); ++i) octets += 8 + info.what[i].length();
    return octets;
}

void requireReadable(const TreeNode& node, const std::string& path) {
    if (node.attributes.type != EntryType::file) {
        throw Error(ErrorCode::invalidArgument, printable(path) + ": is no regular file");
    }
    if ((node.condition & unreadable) != 0) {
        throw Error(ErrorCode::notFound,
                    printable(path) + ": could not be read when it was backed up");
    }
}

}  // namespace

/// An entry of a snapshot, and how to read on from it.
struct SnapshotManager::Place {
    UserSession session;
    std::string path;
    std::unique_ptr<ChunkSource> chunks;
    TreeNode node;
};

Coffer::SnapshotInfos* SnapshotManager::list(const char* repository) {
    return rpc::serve("list snapshots", [&] {
        parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const AgentNames agents = parts_.agents();
        std::vector<SnapshotInfo> known = opened->ledger().snapshots();
        std::erase_if(known, [](const SnapshotInfo& info) { return !info.isShown(); });
        Coffer::SnapshotInfos_var infos = new Coffer::SnapshotInfos;
        infos->length(static_cast<CORBA::ULong>(known.size()));
        std::size_t octets = 0;
        for (CORBA::ULong i = 0; i < infos->length(); ++i) {
            const std::string agent = nameOf(agents, known[i].registration.agent);
            try {
                infos[i] = toSnapshotInfo(*parts_.shelf.load(*opened, known[i]), repository, agent,
                                          whatInLists);
            } catch (const Error& error) {
                infos[i] = unreadableInfo(known[i], repository, agent, error);
            }
            octets += weightOf(infos[i]);
            if (octets > longestAnswer) {
                throw Error(ErrorCode::limitExceeded, std::to_string(known.size()) +
                                                          " snapshots are too many for one answer");
            }
        }
        return infos._retn();
    });
}

Coffer::SnapshotInfo* SnapshotManager::get(const char* repository, const char* snapshot) {
    return rpc::serve("get a snapshot", [&] {
        parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const auto found = parts_.shelf.find(*opened, snapshot);
        return new Coffer::SnapshotInfo(toSnapshotInfo(
            *found, repository, nameOf(parts_.agents(), found->agent), longestAnswer));
    });
}

Coffer::Entry* SnapshotManager::stat(const char* repository, const char* snapshot,
                                     const Coffer::PathOctets& where) {
    return rpc::serve("look into a snapshot", [&] {
        return new Coffer::Entry(toEntry(placeAt(repository, snapshot, where).node));
    });
}

Coffer::Entries* SnapshotManager::content(const char* repository, const char* snapshot,
                                          const Coffer::PathOctets& where, CORBA::ULong atMost,
                                          Coffer::EntryIterator_out rest) {
    return rpc::serve("list a folder of a snapshot", [&] {
        rpc::checkPageLength(atMost);
        Place place = placeAt(repository, snapshot, where);
        if (!place.node.isFolder()) {
            throw Error(ErrorCode::invalidArgument, printable(place.path) + ": is no folder");
        }
        rpc::EntryPages::Fill fill = folderPages(std::move(place.chunks), place.node);
        Coffer::Entries_var page = new Coffer::Entries;
        rest = Coffer::EntryIterator::_nil();
        if (fill(atMost, page.inout())) {
            rest = keep<Coffer::EntryIterator, rpc::EntryPages>(place.session, std::move(fill));
        }
        return page._retn();
    });
}

Coffer::Octets* SnapshotManager::read(const char* repository, const char* snapshot,
                                      const Coffer::PathOctets& where, CORBA::ULongLong offset,
                                      CORBA::ULong length) {
    return rpc::serve("read a file of a snapshot", [&] {
        if (length > longestStretch) {
            throw Error(ErrorCode::invalidArgument, "a stretch has at most 4 MiB");
        }
        const Place place = placeAt(repository, snapshot, where);
        requireReadable(place.node, place.path);
        const Bytes data = during(printable(place.path), [&] {
            return readContent(place.node.content, place.node.attributes.size, *place.chunks,
                               offset, length);
        });
        return new Coffer::Octets(rpc::toOctets(data));
    });
}

Coffer::FindingIterator_ptr SnapshotManager::search(const char* repository, const char* pattern) {
    return rpc::serve("search snapshots", [&] {
        const UserSession session = parts_.sessions.require();
        if (std::string_view(pattern).size() > longestPattern) {
            throw Error(ErrorCode::invalidArgument, "a pattern of more than 4,096 octets");
        }
        ExcludeRules rules;
        rules.add(pattern);
        const auto opened = parts_.repositories.open(repository);
        std::map<DomainId, SearchGroup> groups;
        std::vector<std::string> unreadable;
        for (const SnapshotInfo& info : opened->ledger().snapshots()) {
            if (!info.isShown()) continue;
            try {
                auto snapshot = parts_.shelf.load(*opened, info);
                groups[info.registration.domain].snapshots.push_back(std::move(snapshot));
            } catch (const Error& error) {
                unreadable.emplace_back(error.what());
            }
        }
        std::vector<SearchGroup> list;
        for (auto& [domain, group] : groups) {
            group.chunks = chunksOf(opened, domain);
            list.push_back(std::move(group));
        }
        return keep<Coffer::FindingIterator, rpc::FindingPages>(
            session, findingPages(std::move(list), std::move(rules), std::move(unreadable)));
    });
}

Coffer::DifferenceIterator_ptr SnapshotManager::compare(const char* repository, const char* before,
                                                        const char* after) {
    return rpc::serve("compare snapshots", [&] {
        const UserSession session = parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const auto old = parts_.shelf.find(*opened, before);
        const auto now = parts_.shelf.find(*opened, after);
        if (old->domain != now->domain) {
            throw Error(ErrorCode::unsupported,
                        "snapshots of two dedup domains cannot be compared");
        }
        return keep<Coffer::DifferenceIterator, rpc::DifferencePages>(
            session, differencePages(chunksOf(opened, now->domain), old->root, now->root));
    });
}

void SnapshotManager::forget(const char* repository, const char* snapshot) {
    rpc::serve("forget a snapshot", [&] {
        const UserSession session = parts_.sessions.require();
        const auto opened = parts_.repositories.open(repository);
        const SnapshotId id = findSnapshotInfo(*opened, snapshot).registration.id;
        opened->forget(id);
        log(LogLevel::info, "snapshot.forgotten",
            {{"repository", repository}, {"snapshot", id.hex()}, {"user", session.user}});
        parts_.events.add("snapshot-forgotten", id.hex(),
                          "snapshot " + id.hex() + " of " + repository + " forgotten",
                          {{"repository", repository}, {"user", session.user}});
    });
}

SnapshotManager::Place SnapshotManager::placeAt(const char* repository, const char* snapshot,
                                                const Coffer::PathOctets& where) {
    Place place{parts_.sessions.require(), rpc::toAbsolutePath(where), {}, {}};
    const auto opened = parts_.repositories.open(repository);
    const auto found = parts_.shelf.find(*opened, snapshot);
    place.chunks = chunksOf(opened, found->domain);
    place.node = nodeAt(*place.chunks, found->root, place.path);
    return place;
}

std::unique_ptr<ChunkSource> SnapshotManager::chunksOf(
    const std::shared_ptr<Repository>& repository, const DomainId& domain) {
    return std::make_unique<SnapshotChunks>(parts_.readers, repository, domain);
}

// An iterator belongs to its session: who asks for a page has to be its user, and keeps it alive.
template <class Interface, class Servant>
typename Interface::_ptr_type SnapshotManager::keep(const UserSession& session,
                                                    typename Servant::Fill fill) {
    return rpc::keepPages<Interface, Servant>(
        parts_.iterators, session.owner(),
        [&sessions = parts_.sessions, key = session.id, fill = std::move(fill)](unsigned atMost,
                                                                                auto& page) {
            sessions.require(key);
            return fill(atMost, page);
        });
}

}  // namespace coffer
