#pragma once

#include <map>
#include <memory>
#include <string>

#include "core/base/guarded.h"
#include "core/storage/object_store.h"

namespace coffer {

/// Objects in memory, for tests and small transient stores. Safe to share between threads; must
/// outlive its writers.
class MemoryStore : public ObjectStore {
  public:
    std::unique_ptr<ObjectWriter> create(std::string_view name) override;
    void put(std::string_view name, ByteView data) override;
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override;
    std::optional<std::uint64_t> size(std::string_view name) override;
    void list(std::string_view prefix,
              const std::function<void(std::string_view name, std::uint64_t size)>& each) override;
    void remove(std::string_view name) override;

  private:
    class Writer;
    using Object = std::shared_ptr<const Bytes>;
    using Objects = std::map<std::string, Object, std::less<>>;

    Object find(std::string_view name) const;  // null when there is none

    Guarded<Objects> objects_;
};

}  // namespace coffer
