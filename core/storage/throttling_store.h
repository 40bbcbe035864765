#pragma once

#include "core/storage/store_decorator.h"
#include "core/storage/throttle.h"

namespace coffer {

/// Moves the octets of objects, both ways, no faster than a throttle allows. Calls without content
/// are not held up.
class ThrottlingStore : public StoreDecorator {
  public:
    /// Both outlive it and its writers.
    ThrottlingStore(ObjectStore& inner, Throttle& throttle)
        : StoreDecorator(inner), throttle_(throttle) {}

    std::unique_ptr<ObjectWriter> create(std::string_view name) override;
    void put(std::string_view name, ByteView data) override;
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override;

  private:
    class Writer;

    Throttle& throttle_;
};

}  // namespace coffer
