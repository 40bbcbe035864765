#include "core/storage/memory_store.h"

#include <algorithm>
#include <utility>

#include "core/base/error.h"
#include "core/storage/object_name.h"

namespace coffer {

namespace {
[[noreturn]] void notFound(std::string_view name) {
    throw Error(ErrorCode::notFound, "no such object: " + std::string(name));
}
}  // namespace

class MemoryStore::Writer : public ObjectWriter {
  public:
    Writer(MemoryStore& store, std::string_view name) : store_(store), name_(name) {}

    void append(ByteView data) override {
        checkOpen();
        coffer::append(data_, data);
    }

    void readBack(std::uint64_t offset, std::span<std::uint8_t> out) override {
        checkOpen();
        if (offset > data_.size() || out.size() > data_.size() - offset) {
            throw Error(ErrorCode::corrupt, "object " + name_ + " ends too early");
        }
        std::copy_n(data_.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    }

    void commit() override {
        checkOpen();
        open_ = false;
        const bool added = store_.objects_.with([&](Objects& objects) {
            return objects.try_emplace(name_, std::make_shared<Bytes>(std::move(data_))).second;
        });
        if (!added) throw Error(ErrorCode::alreadyExists, "object exists: " + name_);
    }

  private:
    void checkOpen() const {
        if (!open_) throw Error(ErrorCode::internal, "writer of " + name_ + " used after its end");
    }

    MemoryStore& store_;
    const std::string name_;
    Bytes data_;
    bool open_ = true;
};

std::unique_ptr<ObjectWriter> MemoryStore::create(std::string_view name) {
    checkObjectName(name);
    return std::make_unique<Writer>(*this, name);
}

void MemoryStore::put(std::string_view name, ByteView data) {
    checkObjectName(name);
    auto object = std::make_shared<const Bytes>(toBytes(data));
    objects_.with([&](Objects& objects) { objects[std::string(name)].swap(object); });
}

void MemoryStore::read(std::string_view name, std::uint64_t offset, std::span<std::uint8_t> out) {
    const Object object = find(name);
    if (!object) notFound(name);
    if (offset > object->size() || out.size() > object->size() - offset) {
        throw Error(ErrorCode::corrupt, "object ends too early: " + std::string(name));
    }
    const ByteView range = ByteView(*object).subspan(static_cast<std::size_t>(offset), out.size());
    std::copy(range.begin(), range.end(), out.begin());
}

std::optional<std::uint64_t> MemoryStore::size(std::string_view name) {
    const Object object = find(name);
    if (!object) return std::nullopt;
    return object->size();
}

// The lock is not held while `each` runs, which may use the store.
void MemoryStore::list(std::string_view prefix,
                       const std::function<void(std::string_view name, std::uint64_t size)>& each) {
    checkObjectPrefix(prefix);
    std::string last(prefix);
    for (;;) {
        const Object object = objects_.with([&](Objects& objects) -> Object {
            const auto next = objects.upper_bound(last);
            if (next == objects.end() || !next->first.starts_with(prefix)) return nullptr;
            last = next->first;
            return next->second;
        });
        if (!object) return;
        each(last, object->size());
    }
}

void MemoryStore::remove(std::string_view name) {
    checkObjectName(name);
    const bool removed = objects_.with([&](Objects& objects) {
        const auto found = objects.find(name);
        if (found == objects.end()) return false;
        objects.erase(found);
        return true;
    });
    if (!removed) notFound(name);
}

MemoryStore::Object MemoryStore::find(std::string_view name) const {
    checkObjectName(name);
    return objects_.with([&](const Objects& objects) -> Object {
        const auto found = objects.find(name);
        return found == objects.end() ? nullptr : found->second;
    });
}

}  // namespace coffer
