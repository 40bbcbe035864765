#include "core/repository/sqlite_readers.h"

namespace coffer {

namespace {
constexpr std::size_t most = 8;  // at a time
}

SqlReaders::SqlReaders(std::string path) : path_(std::move(path)) {
    state_.with([](State& state) { state.idle.reserve(most); });
}

SqlReaders::~SqlReaders() = default;

SqlReaders::Turn::Turn(const SqlReaders& readers) : readers_(readers) {
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

// There is room for it: no more than were reserved are ever open.
SqlReaders::Turn::~Turn() {
    readers_.state_.change([&](State& state) {
        --state.taken;
        state.idle.push_back(std::move(database_));
    });
}

}  // namespace coffer
