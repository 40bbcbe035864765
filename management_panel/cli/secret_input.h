#pragma once

#include <string>

#include "core/base/cancel.h"

namespace coffer::cli {

/// Passwords, one a line, from a file or from standard input ("-"). Used by one thread.
class SecretInput {
  public:
    /// Empty: they are asked for on the terminal. Throws Error(notFound), (limitExceeded).
    SecretInput(const std::string& file, const CancelToken& cancel);

    /// The next one: the next line, or what is typed at the question. Throws
    /// Error(invalidArgument) when there is none, or no terminal to ask on.
    std::string next(const std::string& question);

    bool asks() const { return asks_; }

  private:
    const bool asks_;
    const CancelToken& cancel_;
    std::string lines_;
};

/// The whole of a text file, or of standard input ("-"). Throws Error(notFound), (limitExceeded),
/// (ioError).
std::string readText(const std::string& file, std::size_t mostMiB = 1);

}  // namespace coffer::cli
