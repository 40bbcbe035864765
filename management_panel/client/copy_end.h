#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/base/bytes.h"
#include "core/base/cancel.h"

namespace coffer::client {

/// What cp may find at a place.
struct CopyItem {
    std::string name;
    enum class Kind { file, folder, other } kind = Kind::other;
};

/// A new file being written from its beginning to its end. Used by one thread.
class CopyWriter {
  public:
    virtual ~CopyWriter() = default;
    virtual void append(ByteView data) = 0;

    /// When it returns, the file is complete.
    virtual void finish() = 0;

    /// Removes what was written, as far as possible. Never throws.
    virtual void abandon() = 0;
};

/// One side of a copy: this machine, or an agent. Paths are of that side. Used by one thread.
class CopyEnd {
  public:
    virtual ~CopyEnd() = default;

    /// Nothing when nothing is there.
    virtual std::optional<CopyItem> look(const std::string& path) = 0;

    virtual void list(const std::string& path,
                      const std::function<void(const CopyItem&)>& take) = 0;

    virtual void read(const std::string& path, const std::function<void(ByteView)>& take,
                      const CancelToken& cancel) = 0;

    /// Both throw Error(alreadyExists) when something is there.
    virtual std::unique_ptr<CopyWriter> create(const std::string& path) = 0;
    virtual void makeFolder(const std::string& path) = 0;
};

}  // namespace coffer::client
