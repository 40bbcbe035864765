#include "core/pipeline/object_copy.h"

#include <algorithm>

namespace coffer {

namespace {

constexpr std::size_t stretch = 1U << 20;  // octets read at a time

/// Reads an object from front to back and compares it with what the manifest says.
class ObjectScan {
  public:
    ObjectScan(ObjectStore& store, const NamedObject& object) : store_(store), object_(object) {
        const auto size = store.size(object.name);
        if (!size) throw Error(ErrorCode::notFound, "is missing");
        if (object.size != 0 && *size != object.size) {
            throw Error(ErrorCode::corrupt, "has " + std::to_string(*size) + " octets instead of " +
                                                std::to_string(object.size));
        }
        left_ = *size;
    }

    /// The next stretch; empty at the end, once the hash was found to be right.
    ByteView next() {
        buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(left_, stretch)));
        if (buffer_.empty()) {
            if (hash_.finish() != object_.sha256) {
                throw Error(ErrorCode::corrupt, "does not match its registered hash");
            }
            return {};
        }
        store_.read(object_.name, offset_, buffer_);
        hash_.update(buffer_);
        offset_ += buffer_.size();
        left_ -= buffer_.size();
        return buffer_;
    }

  private:
    ObjectStore& store_;
    const NamedObject& object_;
    Sha256 hash_;
    std::uint64_t offset_ = 0;
    std::uint64_t left_ = 0;
    Bytes buffer_;
};

/// Runs `read`, which reads from the source; gives what is wrong there.
template <class Work>
std::optional<Error> faultOf(Work&& read) {
    try {
        read();
        return std::nullopt;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::cancelled) throw;
        return error;
    }
}

}  // namespace

void checkObject(ObjectStore& store, const NamedObject& object, const OctetsDone& done) {
    during(object.name, [&] {
        ObjectScan scan(store, object);
        for (ByteView octets = scan.next(); !octets.empty(); octets = scan.next()) {
            done(octets.size());
        }
    });
}

std::optional<Error> copyObject(ObjectStore& from, ObjectStore& to, const NamedObject& object,
                                const Retry& retry, const OctetsDone& done) {
    return retry([&]() -> std::optional<Error> {
        std::optional<ObjectScan> scan;
        if (auto fault = faultOf([&] { scan.emplace(from, object); })) return fault;
        const auto writer = to.create(object.name);
        for (;;) {
            ByteView octets;
            if (auto fault = faultOf([&] { octets = scan->next(); })) return fault;
            if (octets.empty()) break;
            writer->append(octets);
            done(octets.size());
        }
        // Only one that is damaged, or that an attempt before this one left, is in the way.
        if (to.size(object.name)) to.remove(object.name);
        writer->commit();
        return std::nullopt;
    });
}

}  // namespace coffer
