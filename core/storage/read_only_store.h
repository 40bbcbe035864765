#pragma once

#include "core/storage/store_decorator.h"

namespace coffer {

/// A store that can only be looked at: every change throws Error(permissionDenied), whatever the
/// caller thinks it may do.
class ReadOnlyStore : public StoreDecorator {
  public:
    using StoreDecorator::StoreDecorator;

    std::unique_ptr<ObjectWriter> create(std::string_view name) override;
    void put(std::string_view name, ByteView data) override;
    void remove(std::string_view name) override;
};

}  // namespace coffer
