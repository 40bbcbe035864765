#include "core/storage/metered_store.h"

#include <utility>

namespace coffer {

std::string_view nameOf(StoreCall call) {
    constexpr std::string_view names[storeCallCount] = {
        "create", "append", "read-back", "commit", "put", "read", "size", "list", "remove"};
    return names[static_cast<std::size_t>(call)];
}

/// Enters one call into its meter: from its construction to its end, failed unless told otherwise.
class MeteredStore::Timing {
  public:
    explicit Timing(Meter& meter) : meter_(meter), start_(Steady::now()) {}
    Timing(const Timing&) = delete;
    Timing& operator=(const Timing&) = delete;

    ~Timing() {
        const std::int64_t time =
            std::chrono::duration_cast<std::chrono::nanoseconds>(Steady::now() - start_).count();
        ++meter_.calls;
        meter_.time += time;
        if (!succeeded_) ++meter_.failures;
        std::int64_t slowest = meter_.slowest.load();
        while (time > slowest && !meter_.slowest.compare_exchange_weak(slowest, time)) {
        }
    }

    void succeed(std::uint64_t octets = 0) {
        succeeded_ = true;
        meter_.octets += octets;
    }

  private:
    using Steady = std::chrono::steady_clock;
    Meter& meter_;
    const Steady::time_point start_;
    bool succeeded_ = false;
};

class MeteredStore::Writer : public ObjectWriter {
  public:
    Writer(std::unique_ptr<ObjectWriter> inner, MeteredStore& store)
        : inner_(std::move(inner)), store_(store) {}

    void append(ByteView data) override {
        Timing timing(store_.meterOf(StoreCall::append));
        inner_->append(data);
        timing.succeed(data.size());
    }
    void readBack(std::uint64_t offset, std::span<std::uint8_t> out) override {
        Timing timing(store_.meterOf(StoreCall::readBack));
        inner_->readBack(offset, out);
        timing.succeed(out.size());
    }
    void commit() override {
        Timing timing(store_.meterOf(StoreCall::commit));
        inner_->commit();
        timing.succeed();
    }

  private:
    const std::unique_ptr<ObjectWriter> inner_;
    MeteredStore& store_;
};

StoreMetrics MeteredStore::metrics() const {
    StoreMetrics metrics;
    for (std::size_t i = 0; i < storeCallCount; ++i) {
        const Meter& meter = meters_.at(i);
        metrics.at(i) = {meter.calls.load(), meter.failures.load(), meter.octets.load(),
                         std::chrono::nanoseconds(meter.time.load()),
                         std::chrono::nanoseconds(meter.slowest.load())};
    }
    return metrics;
}

std::unique_ptr<ObjectWriter> MeteredStore::create(std::string_view name) {
    Timing timing(meterOf(StoreCall::create));
    auto writer = std::make_unique<Writer>(inner_.create(name), *this);
    timing.succeed();
    return writer;
}

void MeteredStore::put(std::string_view name, ByteView data) {
    Timing timing(meterOf(StoreCall::put));
    inner_.put(name, data);
    timing.succeed(data.size());
}

void MeteredStore::read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) {
    Timing timing(meterOf(StoreCall::read));
    inner_.read(name, offset, out);
    timing.succeed(out.size());
}

std::optional<std::uint64_t> MeteredStore::size(std::string_view name) {
    Timing timing(meterOf(StoreCall::size));
    const auto size = inner_.size(name);
    timing.succeed();
    return size;
}

void MeteredStore::list(
    std::string_view prefix,
    const std::function<void(std::string_view name, std::uint64_t size)>& each) {
    Timing timing(meterOf(StoreCall::list));
    inner_.list(prefix, each);
    timing.succeed();
}

void MeteredStore::remove(std::string_view name) {
    Timing timing(meterOf(StoreCall::remove));
    inner_.remove(name);
    timing.succeed();
}

}  // namespace coffer
