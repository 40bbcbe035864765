#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/base/guarded.h"
#include "core/repository/sqlite.h"

namespace coffer {

/// Connections by which a database is read while another one changes it. Who reads waits neither
/// for a commit, which takes as long as the disk does, nor for others who read, up to eight at a
/// time. They are opened when they are needed; two are kept. Safe to share between threads.
class SqlReaders {
  public:
    /// The database is open for changes longer than this lives.
    explicit SqlReaders(std::string path);
    ~SqlReaders();

    /// Runs `work(SqlDatabase&)`, which only reads: all of it one state of the database, with
    /// everything that was committed before. Statements do not leave it, and nothing in it comes
    /// back here. Errors: those of SqlDatabase.
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
        std::vector<std::unique_ptr<SqlDatabase>> idle;
        std::size_t taken = 0;
    };

    const std::string path_;
    mutable Guarded<State> state_;
};

}  // namespace coffer
