#pragma once

#include <memory>
#include <string>

#include "core/storage/local_store.h"
#include "core/storage/memory_store.h"
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

}  // namespace coffer
