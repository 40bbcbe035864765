#include "core/repository/sqlite_check.h"

#include <sqlite3.h>

#include <exception>
#include <memory>
#include <string_view>

#include "core/base/error.h"

namespace coffer {

namespace {

constexpr int stepsBetweenLooks = 10'000;  // of SQLite's machine: some milliseconds

/// Nothing may be thrown through SQLite.
struct Looking {
    const std::function<void()>& look;
    std::exception_ptr thrown = {};
};

int lookNow(void* context) {
    Looking& looking = *static_cast<Looking*>(context);
    try {
        looking.look();
    } catch (...) {
        looking.thrown = std::current_exception();
    }
    return looking.thrown ? 1 : 0;
}

ErrorCode codeOf(int result) {
    switch (result & 0xff) {
        case SQLITE_IOERR:
            return ErrorCode::ioError;
        case SQLITE_BUSY:
            return ErrorCode::busy;
        case SQLITE_NOMEM:
            return ErrorCode::limitExceeded;
        default:
            return ErrorCode::corrupt;
    }
}

}  // namespace

void checkDatabase(const std::string& path, const std::function<void()>& look) {
    sqlite3* raw = nullptr;
    int result =
        sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, sqlite3_close);
    const auto require = [&](int wanted) {
        if (result == wanted) return;
        throw Error(codeOf(result), "database " + path + ": " + sqlite3_errstr(result));
    };
    require(SQLITE_OK);
    Looking looking{look};
    sqlite3_progress_handler(raw, stepsBetweenLooks, lookNow, &looking);
    sqlite3_stmt* prepared = nullptr;
    result = sqlite3_prepare_v2(raw, "PRAGMA quick_check(1)", -1, &prepared, nullptr);
    const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(prepared,
                                                                          sqlite3_finalize);
    if (result == SQLITE_OK) result = sqlite3_step(prepared);
    if (looking.thrown) std::rethrow_exception(looking.thrown);
    require(SQLITE_ROW);
    const unsigned char* said = sqlite3_column_text(prepared, 0);
    if (!said || reinterpret_cast<const char*>(said) != std::string_view("ok")) {
        throw Error(ErrorCode::corrupt, "database " + path + " is damaged");
    }
}

}  // namespace coffer
