#pragma once

#include <dirent.h>

#include <memory>
#include <optional>
#include <string>

namespace coffer {

/// The names in an open folder, as they are read. Used by one thread.
class FolderStream {
  public:
    /// Borrows the descriptor for the call alone. Throws Error.
    explicit FolderStream(int folder);

    /// The next name but "." and ".."; nothing at the end.
    std::optional<std::string> next();

  private:
    struct Closer {
        void operator()(DIR* stream) const { ::closedir(stream); }
    };
    std::unique_ptr<DIR, Closer> stream_;
};

}  // namespace coffer
