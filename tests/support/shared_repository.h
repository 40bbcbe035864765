#pragma once

#include <memory>
#include <set>
#include <span>
#include <string>

#include "core/base/error.h"
#include "core/base/file_lock.h"
#include "core/repository/repository.h"
#include "core/storage/store_decorator.h"
#include "tests/support/memory_folder.h"
#include "tests/support/test_repository.h"

namespace coffer {

/// Hands on to another store, but cannot read what is named here.
class UnreadableObjects : public StoreDecorator {
  public:
    explicit UnreadableObjects(ObjectStore& inner) : StoreDecorator(inner) {}
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override {
        if (names.contains(std::string(name))) throw Error(ErrorCode::ioError, std::string(name));
        inner_.read(name, offset, out);
    }

    std::set<std::string> names;
};

/// A repository that two programs have open for writing, "server" and "store", as far as one
/// process can be two: each has its own Repository on the same objects, databases and locks.
class SharedRepository {
  public:
    SharedRepository() : kit(createWithAgent({objects, state, databases.path(), clock}, agent)) {
        open(server, "server");
        open(store, "store");
    }

    RepositoryPlace place(const std::string& program) {
        ObjectStore& its = program == "server" ? static_cast<ObjectStore&>(serverObjects) : objects;
        RepositoryPlace place{its, state, databases.path(), clock};
        place.sharing = Sharing{databases.path(), program, "index-" + program};
        return place;
    }

    /// (Again) with the lock that the program holds while it runs.
    void open(std::unique_ptr<Repository>& repository, const std::string& program) {
        repository.reset();
        auto& lock = program == "server" ? serverLock : storeLock;
        lock.reset();
        lock = FileLock::take(Sharing::lockOf(databases.path(), program));
        repository = std::make_unique<Repository>(place(program), Repository::Access::write);
    }

    AgentKeys keys() const { return server->agentKeys(agent); }
    ChunkId id(const TestChunk& chunk) const { return idOf(keys(), chunk); }

    MemoryStore objects;
    UnreadableObjects serverObjects{objects};
    MemoryStore state;
    MemoryFolder databases;
    ManualClock clock;
    AgentIdentity agent = AgentIdentity::random();
    RecoveryKit kit;
    std::optional<FileLock> serverLock, storeLock;
    std::unique_ptr<Repository> server, store;
};

}  // namespace coffer
