#include "core/storage/retrying_store.h"

#include <string>
#include <utility>
#include <vector>

namespace coffer {

std::unique_ptr<ObjectWriter> RetryingStore::create(std::string_view name) {
    return retry_([&] { return inner_.create(name); });
}

void RetryingStore::put(std::string_view name, ByteView data) {
    retry_([&] { inner_.put(name, data); });
}

void RetryingStore::read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) {
    retry_([&] { inner_.read(name, offset, out); });
}

std::optional<std::uint64_t> RetryingStore::size(std::string_view name) {
    return retry_([&] { return inner_.size(name); });
}

void RetryingStore::list(
    std::string_view prefix,
    const std::function<void(std::string_view name, std::uint64_t size)>& each) {
    std::vector<std::pair<std::string, std::uint64_t>> objects;
    retry_([&] {
        objects.clear();
        inner_.list(prefix, [&](std::string_view name, std::uint64_t size) {
            objects.emplace_back(name, size);
        });
    });
    for (const auto& [name, size] : objects) each(name, size);
}

}  // namespace coffer
