#include "core/repository/sqlite_readers.h"

#include <exception>

#include "core/base/error.h"

namespace coffer {

namespace {
constexpr std::size_t most = 8;  // at a time
constexpr std::size_t kept = 2;  // while nobody uses them
}  // namespace

SqlReaders::SqlReaders(std::string path) : path_(std::move(path)), file_(databaseFileId(path_)) {
    state_.with([](State& state) { state.idle.reserve(kept); });
}

SqlReaders::~SqlReaders() = default;

// SQLite opens by name alone. Of another file it would take the log for that file's, so it is not
// even tried there.
std::unique_ptr<SqlDatabase> SqlReaders::open() const {
    const auto isSame = [this] { return databaseFileId(path_) == file_; };
    try {
        if (isSame()) {
            auto database = std::make_unique<SqlDatabase>(SqlDatabase::reader(path_));
            if (isSame()) return database;
        }
    } catch (const Error& error) {
        if (error.code() != ErrorCode::notFound) throw;
    }
    throw Error(ErrorCode::conflict,
                "database " + path_ + " was removed or replaced while it was open");
}

std::unique_ptr<SqlDatabase> SqlReaders::State::take() {
    if (idle.empty()) return nullptr;
    std::unique_ptr<SqlDatabase> database = std::move(idle.back());
    idle.pop_back();
    ++used;
    return database;
}

SqlReaders::Turn::Turn(const SqlReaders& readers)
    : readers_(readers), thrown_(std::uncaught_exceptions()) {
    readers_.state_.when([](const State& state) { return state.turns < most; },
                         [&](State& state) {
                             ++state.turns;
                             database_ = state.take();
                         });
    if (database_) return;
    try {
        database_ = readers_.open();
        readers_.state_.with([](State& state) { ++state.used; });
    } catch (...) {
        // The program may have too many files open: one that another turn has will do.
        readers_.state_.when(
            [](const State& state) { return !state.idle.empty() || state.used == 0; },
            [&](State& state) {
                database_ = state.take();
                if (!database_) --state.turns;
            },
            Wake::all);
        if (!database_) throw;
    }
}

// What is not kept is closed behind this, outside of the lock.
SqlReaders::Turn::~Turn() {
    const bool mayStay = isSound();
    readers_.state_.change([&](State& state) {
        --state.turns;
        --state.used;
        if (mayStay && state.idle.size() < kept) state.idle.push_back(std::move(database_));
    });
}

// One that still stands in an old state could begin no other; one in which something has failed may
// fail again.
bool SqlReaders::Turn::isSound() const {
    return std::uncaught_exceptions() == thrown_ && !database_->isInTransaction();
}

}  // namespace coffer
