#include "tests/support/held_sync.h"

#include <sqlite3.h>

#include <chrono>
#include <stdexcept>
#include <utility>

#include "core/base/guarded.h"
#include "core/base/threads.h"

namespace coffer {

namespace {

constexpr std::chrono::seconds longestAsking{30};

struct Gate {
    bool isHeld = false;
    bool isReached = false;
    bool isChanged = false;
    bool isAsked = false;
};

Guarded<Gate> gate;

// SQLite's own, and what is put in their place. All of them are used by open databases.
sqlite3_vfs* system = nullptr;
sqlite3_vfs held;
int (*synchronise)(sqlite3_file*, int) = nullptr;
sqlite3_io_methods heldMethods;

int synchroniseHeld(sqlite3_file* file, int flags) {
    gate.change([](Gate& it) { it.isReached = it.isHeld; });
    gate.when([](const Gate& it) { return !it.isHeld; }, [](const Gate&) {});
    return synchronise(file, flags);
}

int openHeld(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* given) {
    const int result = system->xOpen(system, name, file, flags, given);
    if (result == SQLITE_OK && (flags & SQLITE_OPEN_WAL) != 0) {
        heldMethods = *file->pMethods;
        synchronise = std::exchange(heldMethods.xSync, synchroniseHeld);
        file->pMethods = &heldMethods;
    }
    return result;
}

}  // namespace

HeldSync::HeldSync() {
    system = sqlite3_vfs_find(nullptr);
    held = *system;
    held.zName = "held";
    held.pNext = nullptr;
    held.xOpen = openHeld;
    sqlite3_vfs_register(&held, 1);
}

HeldSync::~HeldSync() {
    sqlite3_vfs_unregister(&held);
}

bool HeldSync::holdDuring(const std::function<void()>& change, const std::function<void()>& ask) {
    gate.with([](Gate& it) { it = {.isHeld = true}; });
    ThreadScope threads;
    const auto letGo = [] { gate.change([](Gate& it) { it.isHeld = false; }); };
    const auto ended = [](bool Gate::*what) { gate.change([&](Gate& it) { it.*what = true; }); };
    threads.start(
        [&] {
            change();
            ended(&Gate::isChanged);
        },
        letGo);
    const bool isReached =
        gate.when([](const Gate& it) { return it.isReached || it.isChanged || !it.isHeld; },
                  [](const Gate& it) { return it.isReached; });
    bool isAsked = false;
    if (isReached) {
        threads.start(
            [&] {
                ask();
                ended(&Gate::isAsked);
            },
            [&] { ended(&Gate::isAsked); });
        isAsked = gate.whenOrAt(
            std::chrono::steady_clock::now() + longestAsking,
            [](const Gate& it) { return it.isAsked; }, [](const Gate& it) { return it.isAsked; });
    }
    letGo();
    threads.join();
    if (!isReached) throw std::logic_error("the change synchronised nothing");
    return isAsked;
}

}  // namespace coffer
