#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/guarded.h"
#include "core/repository/sqlite.h"
#include "core/repository/sqlite_file.h"

namespace coffer {

/// Connections by which a database is read while another one changes it. Who reads waits neither
/// for a commit, which takes as long as the disk does, nor for others who read, up to eight at a
/// time, or as many as can be opened. They are opened when they are needed; two are kept. Safe to
/// share between threads.
class SqlReaders {
  public:
    /// The database is open for changes longer than this lives. Throws Error of errno.
    explicit SqlReaders(std::string path);
    ~SqlReaders();

    /// Runs `work(SqlDatabase&)`, which only reads: all of it one state of the database, with
    /// everything that was committed before. Statements do not leave it, and nothing in it comes
    /// back here. Errors: those of SqlDatabase; (conflict) when another file has taken the place of
    /// the database.
    template <class Work>
    auto read(Work&& work) const {
        const Turn turn(*this);
        const SqlReading reading(turn.database());
        return std::forward<Work>(work)(turn.database());
    }

  private:
    /// A connection that is its own as long as it lives.
    class Turn {
      public:
        explicit Turn(const SqlReaders& readers);
        ~Turn();
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;

        SqlDatabase& database() const { return *database_; }

      private:
        bool isSound() const;

        const SqlReaders& readers_;
        const int thrown_;  // by others, when it began
        std::unique_ptr<SqlDatabase> database_;
    };
    struct State {
        std::unique_ptr<SqlDatabase> take();

        std::vector<std::unique_ptr<SqlDatabase>> idle;
        std::size_t turns = 0;
        std::size_t used = 0;  // connections that turns have
    };
    std::unique_ptr<SqlDatabase> open() const;

    const std::string path_;
    const DatabaseFileId file_;
    mutable Guarded<State> state_;
};

}  // namespace coffer
