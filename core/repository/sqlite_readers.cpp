#include "core/repository/sqlite_readers.h"

#include <exception>

namespace coffer {

namespace {
constexpr std::size_t most = 8;  // at a time
constexpr std::size_t kept = 2;  // while nobody uses them
}  // namespace

SqlReaders::SqlReaders(std::string path) : path_(std::move(path)) {
    state_.with([](State& state) { state.idle.reserve(kept); });
}

SqlReaders::~SqlReaders() = default;

SqlReaders::Turn::Turn(const SqlReaders& readers)
    : readers_(readers), thrown_(std::uncaught_exceptions()) {
    readers_.state_.when([](const State& state) { return state.taken < most; },
                         [&](State& state) {
                             ++state.taken;
                             if (state.idle.empty()) return;
                             database_ = std::move(state.idle.back());
                             state.idle.pop_back();
                         });
    if (database_) return;
    try {
        database_ = std::make_unique<SqlDatabase>(SqlDatabase::reader(readers_.path_));
    } catch (...) {
        readers_.state_.change([](State& state) { --state.taken; });
        throw;
    }
}

// What is not kept is closed behind this, outside of the lock.
SqlReaders::Turn::~Turn() {
    const bool isSound = this->isSound();
    readers_.state_.change([&](State& state) {
        --state.taken;
        if (isSound && state.idle.size() < kept) state.idle.push_back(std::move(database_));
    });
}

// One that still stands in an old state could begin no other; one in which something has failed may
// fail again.
bool SqlReaders::Turn::isSound() const {
    return std::uncaught_exceptions() == thrown_ && !database_->isInTransaction();
}

}  // namespace coffer
