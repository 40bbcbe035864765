#pragma once

#include "core/base/retry.h"
#include "core/storage/store_decorator.h"

namespace coffer {

/// Repeats calls that fail for a reason which may pass (mayPass), where doing them twice is the
/// same as doing them once: reading, asking for a size, listing, put, and starting an object. Not
/// repeated: append and commit (the object has to be written anew: nobody knows what of it is
/// there) and remove (who finds nothing at the second time cannot tell whether it is gone for
/// good). list() asks for all names first and calls `each` afterwards, once for each.
class RetryingStore : public StoreDecorator {
  public:
    RetryingStore(ObjectStore& inner, RetryPolicy policy, Pause pause)
        : StoreDecorator(inner), retry_(policy, std::move(pause)) {}

    std::unique_ptr<ObjectWriter> create(std::string_view name) override;
    void put(std::string_view name, ByteView data) override;
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override;
    std::optional<std::uint64_t> size(std::string_view name) override;
    void list(std::string_view prefix,
              const std::function<void(std::string_view name, std::uint64_t size)>& each) override;

  private:
    const Retry retry_;
};

}  // namespace coffer
