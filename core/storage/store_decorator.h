#pragma once

#include <memory>

#include "core/storage/object_store.h"

namespace coffer {

/// Hands every call on to another store, which outlives it; a base for stores that change some of
/// them. Safe to share between threads when the other one is.
class StoreDecorator : public ObjectStore {
  public:
    explicit StoreDecorator(ObjectStore& inner) : inner_(inner) {}
    StoreDecorator(const StoreDecorator&) = delete;
    StoreDecorator& operator=(const StoreDecorator&) = delete;

    std::unique_ptr<ObjectWriter> create(std::string_view name) override {
        return inner_.create(name);
    }
    void put(std::string_view name, ByteView data) override { inner_.put(name, data); }
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override {
        inner_.read(name, offset, out);
    }
    std::optional<std::uint64_t> size(std::string_view name) override { return inner_.size(name); }
    void list(std::string_view prefix,
              const std::function<void(std::string_view name, std::uint64_t size)>& each) override {
        inner_.list(prefix, each);
    }
    void remove(std::string_view name) override { inner_.remove(name); }
    std::optional<std::uint64_t> freeSpace() override { return inner_.freeSpace(); }

  protected:
    ObjectStore& inner_;
};

}  // namespace coffer
