#pragma once

#include <mutex>
#include <string>

#include "core/base/error.h"

namespace coffer {

/// How a program writes; every program for people has these two options.
struct OutputOptions {
    bool json = false;
    bool quiet = false;
};

/// Something about one entry that did not go as it should.
struct Warning {
    std::string path;  // octets; empty: about the whole
    ErrorCode code = ErrorCode::ioError;
    std::string message;  // printable
};

/// All that a program writes to standard error: warnings as they happen, notes, and one line of
/// progress that gives way to them. With --json each is a document on a line of its own. Safe to
/// share between threads.
class Reporter {
  public:
    explicit Reporter(const OutputOptions& options);

    void warn(const Warning& warning);
    void warn(const std::string& message);

    /// Something good to know; not with --quiet.
    void note(const std::string& message);

    /// Whether progress is drawn over and over on one line, or written as a line now and then.
    bool redraws() const { return redraws_; }

    /// Shows the progress; an empty text takes the drawn line away.
    void progress(const std::string& line);

  private:
    void write(const std::string& line);

    const bool json_;
    const bool quiet_;
    const bool redraws_;
    std::mutex mutex_;
    std::string drawn_;  // stands on the terminal now, without an end of line
};

/// Prints why `program` failed.
void reportError(const std::string& program, const Error& error, bool json);

}  // namespace coffer
