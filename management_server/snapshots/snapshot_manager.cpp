#include "management_server/snapshots/snapshot_manager.h"

#include <algorithm>
#include <map>
#include <set>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/rpc/paging_iterator.h"
#include "core/service/log.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/retention.h"
#include "management_server/snapshots/snapshot_forms.h"
#include "management_server/snapshots/snapshot_pages.h"

namespace coffer {

namespace {

constexpr CORBA::ULong longestStretch = 4 << 20;
constexpr std::size_t longestPattern = 4096;
constexpr std::size_t longestTexts = std::size_t{4} << 20;  // octets of paths of one snapshot
constexpr std::size_t textsInLists = 16 << 10;

// The snapshots that are named, or all of them, oldest first. A wrong name is an Error.
std::vector<SnapshotInfo> chosen(Repository& repository, const Coffer::Strings& names) {
    std::set<SnapshotId> ids;
    for (CORBA::ULong i = 0; i < names.length(); ++i) {
        ids.insert(findSnapshotInfo(repository, names[i].in()).registration.id);
    }
    std::vector<SnapshotInfo> known = repository.ledger().snapshots();
    std::erase_if(known, [&](const SnapshotInfo& info) {
        return !info.isShown() || (names.length() > 0 && !ids.contains(info.registration.id));
    });
    return known;
}

void requireFolder(const TreeNode& node, const std::string& path) {
    if (node.isFolder()) return;
    throw Error(ErrorCode::invalidArgument, printable(path) + ": is no folder");
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
    DomainId domain;
    std::unique_ptr<ChunkSource> chunks;
    TreeNode node;
};

/// When the sources of a repository were last proven.
class SnapshotManager::Proofs {
  public:
    explicit Proofs(std::vector<SourceProof> newestFirst) {
        for (SourceProof& proof : newestFirst) {
            bySource_.try_emplace(SourceKey::of(proof.agent, proof.paths), std::move(proof));
        }
    }

    /// Of the source that the snapshot is of; null when it was never proven.
    const SourceProof* of(const Snapshot& snapshot) const {
        const auto found = bySource_.find(SourceKey::of(snapshot.agent, snapshot.paths));
        return found == bySource_.end() ? nullptr : &found->second;
    }

  private:
    std::map<SourceKey, SourceProof> bySource_;
};
SnapshotManager::SnapshotManager(SnapshotParts parts)
    : parts_(std::move(parts)),
      forgetting_({.repositories = parts_.repositories,
                   .retention = parts_.retention,
                   .events = parts_.events,
                   .confirmations = parts_.confirmations}) {}

Coffer::SnapshotInfos* SnapshotManager::list(const char* repository) {
    return rpc::serve("list snapshots", [&] {
        const UserSession session = parts_.sessions.require(Right::look, Scope::some());
        const auto opened = parts_.repositories.open(repository);
        const AgentNames agents = parts_.agents();
        const Proofs proofs(parts_.proofs(repository));
        std::vector<SnapshotInfo> known = chosen(*opened, {});
        keepShown(session, known);
        Coffer::SnapshotInfos_var infos = new Coffer::SnapshotInfos;
        infos->length(static_cast<CORBA::ULong>(known.size()));
        std::size_t octets = 0;
        for (CORBA::ULong i = 0; i < infos->length(); ++i) {
            const std::string agent = nameOf(agents, known[i].registration.agent);
            try {
                const auto snapshot = parts_.shelf.load(*opened, known[i]);
                infos[i] = toSnapshotInfo(*snapshot, repository, agent, textsInLists,
                                          proofs.of(*snapshot));
            } catch (const Error& error) {
                infos[i] = toUnreadableInfo(known[i], repository, agent, error);
            }
            octets += weightOf(infos[i]);
            if (octets > parts_.longestAnswer) {
                throw Error(ErrorCode::limitExceeded, std::to_string(known.size()) +
                                                          " snapshots are too many for one answer");
            }
        }
        return infos._retn();
    });
}

Coffer::SnapshotInfo* SnapshotManager::get(const char* repository, const char* snapshot) {
    return rpc::serve("get a snapshot", [&] {
        const UserSession session = parts_.sessions.require(Right::look, Scope::some());
        const auto opened = parts_.repositories.open(repository);
        const auto found = parts_.shelf.find(*opened, snapshot);
        check(session, Right::look, found->agent);
        const Proofs proofs(parts_.proofs(repository));
        return new Coffer::SnapshotInfo(toSnapshotInfo(*found, repository,
                                                       nameOf(parts_.agents(), found->agent),
                                                       longestTexts, proofs.of(*found)));
    });
}

Coffer::Entry* SnapshotManager::stat(const char* repository, const char* snapshot,
                                     const Coffer::PathOctets& where) {
    return rpc::serve("look into a snapshot", [&] {
        return new Coffer::Entry(toEntry(placeAt(Right::look, repository, snapshot, where).node));
    });
}

Coffer::Entries* SnapshotManager::content(const char* repository, const char* snapshot,
                                          const Coffer::PathOctets& where, CORBA::ULong atMost,
                                          Coffer::EntryIterator_out rest) {
    return rpc::serve("list a folder of a snapshot", [&] {
        rpc::checkPageLength(atMost);
        Place place = placeAt(Right::look, repository, snapshot, where);
        requireFolder(place.node, place.path);
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
        const Place place = placeAt(Right::readFiles, repository, snapshot, where);
        requireReadable(place.node, place.path);
        const std::uint64_t size = place.node.attributes.size;
        Coffer::Octets_var data = new Coffer::Octets;
        data->length(static_cast<CORBA::ULong>(
            std::min<std::uint64_t>(length, size - std::min<std::uint64_t>(size, offset))));
        during(printable(place.path), [&] {
            readContent(place.node.content, *place.chunks, offset,
                        {data->get_buffer(), data->length()});
        });
        return data._retn();
    });
}

Coffer::FindingIterator_ptr SnapshotManager::walk(const char* repository, const char* snapshot,
                                                  const Coffer::PathOctets& where) {
    return rpc::serve("walk through a snapshot", [&] {
        Place place = placeAt(Right::look, repository, snapshot, where);
        requireFolder(place.node, place.path);
        return keep<Coffer::FindingIterator, rpc::FindingPages>(
            place.session, walkPages(std::move(place.chunks), place.node, place.path));
    });
}

Coffer::FindingIterator_ptr SnapshotManager::search(const char* repository,
                                                    const Coffer::Strings& snapshots,
                                                    const char* pattern) {
    return rpc::serve("search snapshots", [&] {
        const UserSession session = parts_.sessions.require(Right::look, Scope::some());
        if (std::string_view(pattern).size() > longestPattern) {
            throw Error(ErrorCode::invalidArgument, "a pattern of more than 4,096 octets");
        }
        ExcludeRules rules;
        rules.add(pattern);
        const auto opened = parts_.repositories.open(repository);
        std::map<DomainId, SearchGroup> groups;
        std::vector<Coffer::Finding> unreadable;
        std::vector<SnapshotInfo> known = chosen(*opened, snapshots);
        keepShown(session, known);
        for (const SnapshotInfo& info : known) {
            try {
                auto snapshot = parts_.shelf.load(*opened, info);
                groups[info.registration.domain].snapshots.push_back(std::move(snapshot));
            } catch (const Error& error) {
                unreadable.push_back(toProblem({}, error));
            }
        }
        std::vector<SearchGroup> list;
        for (auto& [domain, group] : groups) {
            group.chunks = chunksOf(opened, domain);
            list.push_back(std::move(group));
        }
        return keep<Coffer::FindingIterator, rpc::FindingPages>(
            session, searchPages(std::move(list), std::move(rules), std::move(unreadable)));
    });
}

Coffer::DifferenceIterator_ptr SnapshotManager::compare(const char* repository, const char* before,
                                                        const Coffer::PathOctets& beforeWhere,
                                                        const char* after,
                                                        const Coffer::PathOctets& afterWhere) {
    return rpc::serve("compare snapshots", [&] {
        Place old = placeAt(Right::look, repository, before, beforeWhere);
        Place now = placeAt(Right::look, repository, after, afterWhere);
        if (old.domain != now.domain) {
            throw Error(ErrorCode::unsupported,
                        "snapshots of two dedup domains cannot be compared");
        }
        requireFolder(old.node, old.path);
        requireFolder(now.node, now.path);
        return keep<Coffer::DifferenceIterator, rpc::DifferencePages>(
            now.session, differencePages(std::move(now.chunks), old.node, now.node, now.path));
    });
}

SnapshotManager::Place SnapshotManager::placeAt(Right right, const char* repository,
                                                const char* snapshot,
                                                const Coffer::PathOctets& where) {
    Place place{
        parts_.sessions.require(right, Scope::some()), rpc::toAbsolutePath(where), {}, {}, {}};
    const auto opened = parts_.repositories.open(repository);
    const auto found = parts_.shelf.find(*opened, snapshot);
    check(place.session, right, found->agent);
    place.domain = found->domain;
    place.chunks = chunksOf(opened, found->domain);
    place.node = nodes_.nodeAt(*place.chunks, found->root, place.path);
    return place;
}

void SnapshotManager::check(const UserSession& session, Right right, const AgentId& agent) const {
    if (parts_.sessions.may(session, right, {})) return;
    parts_.sessions.check(session, right, Scope::of(nameOf(parts_.agents(), agent)));
}

void SnapshotManager::keepShown(const UserSession& session,
                                std::vector<SnapshotInfo>& snapshots) const {
    if (parts_.sessions.may(session, Right::look, {})) return;
    const AgentNames agents = parts_.agents();
    std::erase_if(snapshots, [&](const SnapshotInfo& info) {
        const Scope scope = Scope::of(nameOf(agents, info.registration.agent));
        return !parts_.sessions.may(session, Right::look, scope);
    });
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
