#include "core/pipeline/throttled_stores.h"

#include <utility>

namespace coffer {

namespace {

class ThrottledUpload : public PackUpload {
  public:
    ThrottledUpload(std::unique_ptr<PackUpload> inner, Throttle& throttle)
        : inner_(std::move(inner)), throttle_(throttle) {}

    PackId id() const override { return inner_->id(); }
    void append(ByteView slice) override {
        throttle_.take(slice.size());
        inner_->append(slice);
    }
    void finish(const PackRegistration& registration) override { inner_->finish(registration); }

  private:
    const std::unique_ptr<PackUpload> inner_;
    Throttle& throttle_;
};

}  // namespace

std::unique_ptr<PackUpload> ThrottledBackupStore::openPack() {
    return std::make_unique<ThrottledUpload>(inner_.openPack(), throttle_);
}

Bytes ThrottledRestoreStore::fetch(const PlannedBlock& block) {
    throttle_.take(block.place.sealedLength);
    return inner_.fetch(block);
}

}  // namespace coffer
