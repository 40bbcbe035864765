#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "core/storage/store_decorator.h"

namespace coffer {

/// What a store is asked for.
enum class StoreCall { create, append, readBack, commit, put, read, size, list, remove };
constexpr std::size_t storeCallCount = 9;
std::string_view nameOf(StoreCall call);

struct CallMetrics {
    std::uint64_t calls = 0;
    std::uint64_t failures = 0;          // of the calls, those that threw
    std::uint64_t octets = 0;            // of content, of calls that did not fail
    std::chrono::nanoseconds time{};     // all calls together
    std::chrono::nanoseconds slowest{};  // the longest of them
};

using StoreMetrics = std::array<CallMetrics, storeCallCount>;  // by StoreCall

/// Counts and times what a store is asked for. Time spent in the callback of a list counts as
/// the store's. Safe to share between threads; outlives its writers.
class MeteredStore : public StoreDecorator {
  public:
    using StoreDecorator::StoreDecorator;

    /// What was asked since it was made. A call that runs meanwhile may be counted in part.
    StoreMetrics metrics() const;

    std::unique_ptr<ObjectWriter> create(std::string_view name) override;
    void put(std::string_view name, ByteView data) override;
    void read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) override;
    std::optional<std::uint64_t> size(std::string_view name) override;
    void list(std::string_view prefix,
              const std::function<void(std::string_view name, std::uint64_t size)>& each) override;
    void remove(std::string_view name) override;

  private:
    class Writer;
    class Timing;
    struct Meter {
        std::atomic<std::uint64_t> calls{0};
        std::atomic<std::uint64_t> failures{0};
        std::atomic<std::uint64_t> octets{0};
        std::atomic<std::int64_t> time{0};  // nanoseconds
        std::atomic<std::int64_t> slowest{0};
    };
    Meter& meterOf(StoreCall call) { return meters_.at(static_cast<std::size_t>(call)); }

    std::array<Meter, storeCallCount> meters_;
};

}  // namespace coffer
