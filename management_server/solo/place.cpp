#include "management_server/solo/place.h"

#include "core/base/error.h"
#include "core/base/paths.h"
#include "core/base/printable.h"
#include "core/repository/config_format.h"
#include "management_server/solo/trash_look.h"

namespace coffer::solo {

RepositoryConfig readConfig(ObjectStore& store, const std::string& folder) {
    if (!store.size(config_format::configName)) {
        throw Error(ErrorCode::notFound, "there is no repository in " + printable(folder) +
                                             "; 'coffer-solo --repo DIR init' makes a new one");
    }
    return during("repository " + printable(folder), [&] { return RepositoryConfig::read(store); });
}

Place::Place(const GlobalOptions& options)
    : disk_(makeSystemDisk()),
      folder_(disk_->canonical(options.repository)),
      store_(*disk_, folder_) {}

std::unique_ptr<Place> Place::look(const GlobalOptions& options) {
    std::unique_ptr<Place> place(new Place(options));
    place->findState(options, readConfig(place->store_, place->folder_).repositoryId);
    place->requireState();
    const auto lock = lockToLook(place->state_->lockPath());
    place->repository_.emplace(place->partsToLook(),
                               lock ? Repository::Access::read : Repository::Access::peek);
    return place;
}

std::unique_ptr<Place> Place::lockExisting(const GlobalOptions& options) {
    std::unique_ptr<Place> place(new Place(options));
    place->findState(options, readConfig(place->store_, place->folder_).repositoryId);
    place->requireState();
    place->lockForChange();
    return place;
}

std::unique_ptr<Place> Place::change(const GlobalOptions& options) {
    auto place = lockExisting(options);
    place->openForChange();
    if (const auto by = lookIntoTrash(place->state_->trashLook(), place->clock_.now())) {
        place->repository_->forgetDue(*by);
    }
    return place;
}

std::unique_ptr<Place> Place::rebuild(const GlobalOptions& options, Rebuild what) {
    auto place = lockExisting(options);
    place->removeDatabaseFile("index/catalog");
    if (what == Rebuild::databases) {
        for (const char* file : {"repo.db", "repo.db-wal", "repo.db-shm"}) {
            place->removeDatabaseFile(file);
        }
    }
    place->openForChange();
    return place;
}

std::unique_ptr<Place> Place::create(const GlobalOptions& options) {
    std::unique_ptr<Place> place(new Place(options));
    if (place->store_.size(config_format::configName)) {
        throw Error(ErrorCode::alreadyExists,
                    "there is a repository in " + printable(place->folder_) + " already");
    }
    const auto id = randomId<RepositoryId>();
    place->findState(options, id);
    place->requireNoState();
    makeFolders(*place->disk_, place->folder_);
    place->lockForChange();
    Repository::create(place->parts(), {}, id);
    writeReadme(*place->disk_, place->folder_);
    place->openForChange();
    place->addAgent();
    return place;
}

std::unique_ptr<Place> Place::adopt(const GlobalOptions& options, const RecoveryKit& kit) {
    std::unique_ptr<Place> place(new Place(options));
    place->findState(options, readConfig(place->store_, place->folder_).repositoryId);
    place->requireNoState();
    place->lockForChange();
    Repository::adopt(place->parts(), kit);
    place->openForChange();
    place->addAgent();
    return place;
}

AgentIdentity Place::agent() {
    if (auto agent = AgentIdentity::load(state_->keys())) return *agent;
    throw Error(ErrorCode::notFound, "agent-keys is missing in " + printable(state_->path()));
}

void Place::requireOutsideState(const std::string& folder) const {
    if (!isWithin(folder, state_->path())) return;
    throw Error(ErrorCode::invalidArgument,
                printable(folder) + " lies in the state folder " + printable(state_->path()));
}

void Place::findState(const GlobalOptions& options, const RepositoryId& id) {
    state_.emplace(*disk_, options, id);
}

void Place::requireState() {
    if (state_->hasKeys()) {
        state_->make();  // what is missing beside the keys can be made anew
        return;
    }
    throw Error(ErrorCode::notFound,
                "this machine has no keys for the repository " + printable(folder_) +
                    " (looked in " + printable(state_->path()) +
                    "); name the right folder with --state, or take the repository over with "
                    "'adopt' and the recovery kit");
}

void Place::requireNoState() {
    if (!state_->hasKeys()) return;
    throw Error(ErrorCode::alreadyExists,
                "the state folder " + printable(state_->path()) + " is in use for a repository");
}

void Place::lockForChange() {
    state_->make();
    locks_.emplace(coffer::lockForChange(state_->lockPath(), folder_));
}

void Place::openForChange() {
    store_.clearTemporary();
    state_->keys().clearTemporary();
    LocalStore(*disk_, state_->restoreFolder()).clearTemporary();
    repository_.emplace(parts(), Repository::Access::write);
}

void Place::removeDatabaseFile(const std::string& name) {
    removeIfThere(*disk_, state_->databases() + "/" + name);
}

void Place::addAgent() {
    const AgentIdentity agent = AgentIdentity::random();
    agent.save(state_->keys());
    repository_->enrol(agent.id, agent.sign.verifyKey());
}

}  // namespace coffer::solo
