#include "management_server/repositories/repository_manager.h"

#include <cstring>
#include <utility>

#include "core/base/printable.h"
#include "core/rpc/convert.h"
#include "core/rpc/failure.h"
#include "core/service/log.h"

namespace coffer {

namespace {

constexpr const char* removeAction = "remove-repository";
constexpr const char* despiteTasks = "despite-tasks";
constexpr const char* deleteData = "delete-data";
constexpr const char* idOfRepository = "id";   // another one may get its name
constexpr std::size_t longestKit = 64 * 1024;  // octets, with whatever stands around the key

void checkKitLength(const char* kit) {
    if (std::strlen(kit) > longestKit) {
        throw Error(ErrorCode::limitExceeded, "this is far too long for a recovery kit");
    }
}

rpc::SettingMap factsOf(Repository& repository) {
    Ledger& ledger = repository.ledger();
    PackTotals all;
    for (const PackState state : {PackState::received, PackState::verified, PackState::suspect}) {
        all.packs += ledger.totals(state).packs;
        all.bytes += ledger.totals(state).bytes;
    }
    std::uint64_t snapshots = 0;
    for (const SnapshotInfo& snapshot : ledger.snapshots()) {
        if (snapshot.isShown()) ++snapshots;
    }
    const PackTotals unverified = ledger.totals(PackState::received);
    return {{"created", toIso8601(repository.config().created)},
            {"snapshots", std::to_string(snapshots)},
            {"packs", std::to_string(all.packs)},
            {"stored-bytes", std::to_string(all.bytes)},
            {"chunks", std::to_string(repository.index().chunkCount())},
            {"unverified-packs", std::to_string(unverified.packs)},
            {"unverified-bytes", std::to_string(unverified.bytes)},
            {"damaged-packs", std::to_string(ledger.totals(PackState::suspect).packs)},
            {"generation", std::to_string(ledger.head().sequence)}};
}

// What its folder was asked for since the server opened it.
void addStoreFacts(rpc::SettingMap& facts, const StoreMetrics& metrics) {
    const auto of = [&](StoreCall call) { return metrics.at(static_cast<std::size_t>(call)); };
    const CallMetrics read = of(StoreCall::read);
    const CallMetrics append = of(StoreCall::append);
    const CallMetrics commit = of(StoreCall::commit);
    const CallMetrics put = of(StoreCall::put);
    std::uint64_t failures = 0;
    for (const CallMetrics& call : metrics) failures += call.failures;
    const auto milliseconds = [](std::chrono::nanoseconds time) {
        return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
    };
    facts["store-reads"] = std::to_string(read.calls);
    facts["store-read-bytes"] = std::to_string(read.octets);
    facts["store-read-ms"] = milliseconds(read.time);
    facts["store-writes"] = std::to_string(commit.calls + put.calls);
    facts["store-written-bytes"] = std::to_string(append.octets + put.octets);
    facts["store-write-ms"] = milliseconds(append.time + commit.time + put.time);
    facts["store-failures"] = std::to_string(failures);
}

RemovalOrder orderOf(const rpc::SettingMap& options) {
    return {rpc::truthIn(options, despiteTasks, false), rpc::truthIn(options, deleteData, false)};
}

std::string idOf(const ServerRepositories& repositories, const std::string& name) {
    repositories.get(name);
    const auto own = repositories.ownFacts(name);
    return own ? own->id.hex() : std::string();
}

rpc::SettingMap optionsOf(const RemovalOrder& order) {
    const auto word = [](bool truth) { return truth ? "yes" : "no"; };
    return {{despiteTasks, word(order.despiteTasks)}, {deleteData, word(order.deleteData)}};
}

// What the second person sees.
std::string subjectOf(const rpc::SettingMap& parameters, const RemovalOrder& order) {
    return "repository " + parameters.at("repository") + " (" + parameters.at(idOfRepository) +
           ")" + (order.deleteData ? " with all its data" : "") +
           (order.despiteTasks ? ", although tasks name it" : "");
}

rpc::SettingMap factsOf(const Removal& removal) {
    return {{"removed-until", toIso8601(removal.due)},
            {"removed-by", removal.user},
            {"data", removal.deleteData ? "will be deleted" : "stays"}};
}

}  // namespace

RepositoryManager::RepositoryManager(SessionTable& sessions, ServerRepositories& repositories,
                                     EventRecorder& events, const Clock& clock, Facts more,
                                     RepositoryRemoving removing)
    : sessions_(sessions),
      repositories_(repositories),
      events_(events),
      clock_(clock),
      more_(std::move(more)),
      removing_(removing) {
    if (!removing_.removals || !removing_.confirmations) return;
    removing_.confirmations->carryOut(
        removeAction,
        [&known = repositories_, &removals = *removing_.removals](const Request& request) {
            const std::string& repository = request.parameters.at("repository");
            const auto asked = request.parameters.find(idOfRepository);
            if (asked == request.parameters.end() || asked->second != idOf(known, repository)) {
                throw Error(ErrorCode::conflict,
                            "another repository is called " + repository + " now: ask again");
            }
            removals.remove(request.user, repository, orderOf(request.parameters));
        });
}

Coffer::RepositoryInfos* RepositoryManager::list() {
    return rpc::serve("list repositories", [&] {
        sessions_.require(Right::look, Scope::some());
        const std::vector<RepositoryRecord> records = repositories_.list();
        Coffer::RepositoryInfos_var infos = new Coffer::RepositoryInfos;
        infos->length(static_cast<CORBA::ULong>(records.size()));
        for (CORBA::ULong i = 0; i < infos->length(); ++i) {
            // One that cannot be opened must not hide the others.
            try {
                infos[i] = infoOf(records[i]);
            } catch (const Error& error) {
                infos[i].name = records[i].name.c_str();
                infos[i].folder = printable(records[i].folder).c_str();
                infos[i].kitConfirmed = false;
                infos[i].facts = rpc::toSettings({{"problem", error.what()}});
            }
        }
        return infos._retn();
    });
}

Coffer::RepositoryInfo* RepositoryManager::get(const char* name) {
    return rpc::serve("get a repository", [&] {
        sessions_.require(Right::look, Scope::some());
        return new Coffer::RepositoryInfo(infoOf(repositories_.get(name)));
    });
}

void RepositoryManager::create(const char* name, const Coffer::PathOctets& folder) {
    rpc::serve("create a repository", [&] {
        const UserSession session = sessions_.require(Right::manageRepositories);
        const std::string path = rpc::toAbsolutePath(folder);
        sessions_.audited(session, {"repository-created", name, {}, {{"folder", path}}},
                          [&] { repositories_.create(name, path); });
        events_.add("repository-created", name, std::string("repository ") + name + " in " + path,
                    {{"user", session.user}});
    });
}

void RepositoryManager::adopt(const char* name, const Coffer::PathOctets& folder, const char* kit) {
    rpc::serve("adopt a repository", [&] {
        const UserSession session = sessions_.require(Right::manageRepositories);
        const std::string path = rpc::toAbsolutePath(folder);
        checkKitLength(kit);
        sessions_.audited(session, {"repository-adopted", name, {}, {{"folder", path}}},
                          [&] { repositories_.adopt(name, path, RecoveryKit::fromText(kit)); });
        events_.add("repository-adopted", name,
                    std::string("repository ") + name + " in " + path + " taken over",
                    {{"user", session.user}});
    });
}

char* RepositoryManager::exportKit(const char* name) {
    return rpc::serve("export a recovery kit", [&] {
        const UserSession session = sessions_.require(Right::manageRepositories);
        const RepositoryRecord record = repositories_.get(name);
        const std::string kit = sessions_.audited(session, {"kit-exported", name}, [&] {
            return repositories_.open(name)->kit().toText(clock_.now(), printable(record.folder));
        });
        log(LogLevel::warning, "kit.exported", {{"repository", name}, {"user", session.user}});
        events_.add("kit-exported", name, std::string("recovery kit of ") + name + " exported",
                    {{"user", session.user}});
        return CORBA::string_dup(kit.c_str());
    });
}

void RepositoryManager::confirmKit(const char* name, const char* kit) {
    rpc::serve("confirm a recovery kit", [&] {
        const UserSession session = sessions_.require(Right::manageRepositories);
        checkKitLength(kit);
        sessions_.audited(session, {"kit-confirmed", name}, [&] {
            repositories_.open(name)->confirmKit(RecoveryKit::fromText(kit));
        });
        log(LogLevel::info, "kit.confirmed", {{"repository", name}, {"user", session.user}});
        events_.add("kit-confirmed", name, std::string("recovery kit of ") + name + " confirmed",
                    {{"user", session.user}});
    });
}

RepositoryRemovals& RepositoryManager::removals() const {
    if (removing_.removals) return *removing_.removals;
    throw Error(ErrorCode::unsupported, "this server removes no repositories");
}

Coffer::Moment RepositoryManager::remove(const char* name, const Coffer::Settings& options) {
    return rpc::serve("remove a repository", [&] {
        const UserSession session = sessions_.require(Right::forget);
        const RemovalOrder order = orderOf(rpc::toMap(options));
        const std::string repository = repositories_.get(name).name;
        removals().require(repository, order);
        const rpc::SettingMap wanted = optionsOf(order);
        const Change change{"repository-removed",
                            repository,
                            {{"folder", repositories_.get(repository).folder}},
                            wanted};
        return sessions_.audited(session, change, [&] {
            if (removing_.confirmations) {
                rpc::SettingMap parameters = wanted;
                parameters["repository"] = repository;
                parameters[idOfRepository] = idOf(repositories_, repository);
                removing_.confirmations->require(session.user, removeAction,
                                                 subjectOf(parameters, order), parameters);
            }
            return rpc::toMoment(removals().remove(session.user, repository, order));
        });
    });
}

void RepositoryManager::keep(const char* name) {
    rpc::serve("keep a repository", [&] {
        const UserSession session = sessions_.require(Right::mark);
        const std::string repository = repositories_.get(name).name;
        sessions_.audited(session, {"repository-kept", repository},
                          [&] { removals().keep(session.user, repository); });
    });
}

// Nothing of it is opened.
Coffer::RepositoryInfo RepositoryManager::infoOfRemoved(const RepositoryRecord& record) const {
    const auto own = repositories_.ownFacts(record.name);
    Coffer::RepositoryInfo info;
    info.name = record.name.c_str();
    info.folder = printable(record.folder).c_str();
    if (own) info.id = own->id.hex().c_str();
    info.kitConfirmed = own && own->kitConfirmed;
    info.facts = rpc::toSettings(factsOf(*record.removal));
    return info;
}

Coffer::RepositoryInfo RepositoryManager::infoOf(const RepositoryRecord& record) const {
    if (record.removal) return infoOfRemoved(record);
    const auto repository = repositories_.open(record.name);
    Coffer::RepositoryInfo info;
    info.name = record.name.c_str();
    info.folder = printable(record.folder).c_str();
    info.id = repository->config().repositoryId.hex().c_str();
    info.kitConfirmed = repository->kitConfirmed();
    rpc::SettingMap facts = factsOf(*repository);
    if (more_) facts.merge(more_(record.name, *repository));
    addStoreFacts(facts, repositories_.metrics(record.name));
    info.facts = rpc::toSettings(facts);
    return info;
}

}  // namespace coffer
