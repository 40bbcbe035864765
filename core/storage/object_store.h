#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "core/base/bytes.h"

namespace coffer {

/// An object on its way into a store. Nobody sees it before commit(); destruction without commit
/// leaves nothing behind. After one failure every later call fails. Used by one thread.
class ObjectWriter {
  public:
    virtual ~ObjectWriter() = default;
    virtual void append(ByteView data) = 0;

    /// Fills `out` with octets that were appended before. Throws Error(corrupt) for others.
    virtual void readBack(std::uint64_t offset, std::span<std::uint8_t> out) = 0;

    /// When it returns, readers see the whole object, also after power loss.
    /// Throws Error(alreadyExists) if the name is taken by then; the old object stays.
    virtual void commit() = 0;
};

/// A flat set of named, immutable runs of octets: a folder, memory, later S3.
/// Names: parts of [a-z0-9._-] joined by '/', no part empty or starting with '.', 200 octets at
/// most (else Error(invalidArgument)). Safe to share between threads. Errors: notFound,
/// alreadyExists, noSpace, permissionDenied, ioError; the trail names the object.
class ObjectStore {
  public:
    virtual ~ObjectStore() = default;

    /// Starts a new object.
    virtual std::unique_ptr<ObjectWriter> create(std::string_view name) = 0;

    /// Creates or replaces an object. When it returns, readers see all of the new octets, also
    /// after power loss; on failure or a crash on the way they see all of the old or all of the
    /// new.
    virtual void put(std::string_view name, ByteView data) = 0;

    /// Fills `out` from `offset`. Throws Error(corrupt) when the object ends before that.
    virtual void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) = 0;

    /// Size in octets, or nothing when there is no such object.
    virtual std::optional<std::uint64_t> size(std::string_view name) = 0;

    /// Calls `each` for every object whose name starts with `prefix` (empty or ending in '/'),
    /// in ascending order of names. Things in the place that are not objects are passed over.
    virtual void list(
        std::string_view prefix,
        const std::function<void(std::string_view name, std::uint64_t size)>& each) = 0;

    /// Removes an object; durable when it returns. Throws Error(notFound).
    virtual void remove(std::string_view name) = 0;

    /// Octets that may still be written; nothing where nobody can tell.
    virtual std::optional<std::uint64_t> freeSpace() { return {}; }
};

/// The whole object; Error(limitExceeded) when it is larger than `limit`.
Bytes readAll(ObjectStore& store, std::string_view name, std::uint64_t limit);

/// Creates an object that must not exist yet, in one go.
void putNew(ObjectStore& store, std::string_view name, ByteView data);

/// Removes an object; nothing happens when there is none.
void removeIfThere(ObjectStore& store, std::string_view name);

/// Throws Error(invalidArgument) unless `name` keeps to the rules above.
void checkObjectName(std::string_view name);

}  // namespace coffer
