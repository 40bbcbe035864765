#include "core/storage/throttling_store.h"

#include <utility>

namespace coffer {

class ThrottlingStore::Writer : public ObjectWriter {
  public:
    Writer(std::unique_ptr<ObjectWriter> inner, Throttle& throttle)
        : inner_(std::move(inner)), throttle_(throttle) {}

    void append(ByteView data) override {
        throttle_.take(data.size());
        inner_->append(data);
    }
    void readBack(std::uint64_t offset, std::span<std::uint8_t> out) override {
        throttle_.take(out.size());
        inner_->readBack(offset, out);
    }
    void commit() override { inner_->commit(); }

  private:
    const std::unique_ptr<ObjectWriter> inner_;
    Throttle& throttle_;
};

std::unique_ptr<ObjectWriter> ThrottlingStore::create(std::string_view name) {
    return std::make_unique<Writer>(inner_.create(name), throttle_);
}

void ThrottlingStore::put(std::string_view name, ByteView data) {
    throttle_.take(data.size());
    inner_.put(name, data);
}

void ThrottlingStore::read(std::string_view name, std::uint64_t offset,
                           std::span<std::uint8_t> out) {
    throttle_.take(out.size());
    inner_.read(name, offset, out);
}

}  // namespace coffer
