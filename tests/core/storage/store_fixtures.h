#pragma once

#include <memory>
#include <string>

#include "core/storage/local_store.h"
#include "core/storage/memory_store.h"
#include "core/storage/metered_store.h"
#include "core/storage/read_only_store.h"
#include "core/storage/retrying_store.h"
#include "core/storage/throttling_store.h"
#include "tests/support/scratch_folder.h"
#include "tests/support/simulated_disk.h"

namespace coffer {

// One kind of store each; a second call of open() sees what the first store wrote.

struct MemoryPlace {
    MemoryStore store;
    ObjectStore& open() { return store; }
};

struct SystemDiskPlace {
    ScratchFolder folder;
    std::unique_ptr<Disk> disk = makeSystemDisk();
    std::unique_ptr<LocalStore> store;
    ObjectStore& open() {
        store = std::make_unique<LocalStore>(*disk, folder / "deep/root");
        return *store;
    }
};

struct SimulatedDiskPlace {
    SimulatedDisk disk;
    std::unique_ptr<LocalStore> store;
    ObjectStore& open() {
        store = std::make_unique<LocalStore>(disk, "/deep/root");
        return *store;
    }
};

// Decorators, each around a store in memory.

struct RetryingPlace {
    MemoryStore store;
    RetryingStore decorated{store, {}, [](std::chrono::nanoseconds) {}};
    ObjectStore& open() { return decorated; }
};

struct ThrottlingPlace {
    MemoryStore store;
    ManualClock clock;
    Throttle throttle{BandwidthSchedule::parse("1K"), clock, [](std::chrono::nanoseconds) {}};
    ThrottlingStore decorated{store, throttle};
    ObjectStore& open() { return decorated; }
};

struct MeteredPlace {
    MemoryStore store;
    MeteredStore decorated{store};
    ObjectStore& open() { return decorated; }
};

/// Looks through a ReadOnlyStore and changes what is behind it.
struct ReadOnlyPlace {
    class Store : public ReadOnlyStore {
      public:
        explicit Store(MemoryStore& store) : ReadOnlyStore(store) {}
        std::unique_ptr<ObjectWriter> create(std::string_view name) override {
            return inner_.create(name);
        }
        void put(std::string_view name, ByteView data) override { inner_.put(name, data); }
        void remove(std::string_view name) override { inner_.remove(name); }
    };

    MemoryStore store;
    Store both{store};
    ObjectStore& open() { return both; }
};

}  // namespace coffer
