#include "management_server/solo/restore_marker.h"

#include <boost/filesystem.hpp>

#include "core/base/printable.h"
#include "core/base/wire.h"
#include "core/repository/envelope.h"

namespace coffer::solo {

namespace {

constexpr std::string_view magic = "CofferRm";
constexpr std::uint16_t formatVersion = 0;
constexpr std::uint64_t markLimit = 256 * 1024;

std::string nameFor(const std::string& target) {
    return sha256(bytesOf(target)).hex().substr(0, 32);
}

}  // namespace

Bytes RestoreMark::encode() const {
    WireWriter writer = beginObject(magic, formatVersion);
    writer.raw(snapshot.view());
    writer.sized(path);
    writer.sized(bootId);
    return writer.take();
}

RestoreMark RestoreMark::decode(ByteView data) {
    WireReader reader = openObject(data, magic, formatVersion);
    RestoreMark mark;
    mark.snapshot = reader.id<SnapshotId>();
    mark.path = reader.text(markLimit);
    mark.bootId = reader.text(markLimit);
    reader.expectEnd();
    return mark;
}

RestoreMarker::RestoreMarker(StateFolder& state, const std::string& target)
    : state_(state), name_(nameFor(target)), lock_(during("restore to " + printable(target), [&] {
          return FileLock::take(state.restoreFolder() + "/" + name_ + ".lock");
      })) {}

std::optional<RestoreMark> RestoreMarker::read() {
    if (!state_.restores().size(name_)) return {};
    return RestoreMark::decode(readAll(state_.restores(), name_, markLimit));
}

void RestoreMarker::write(const RestoreMark& mark) {
    state_.restores().put(name_, mark.encode());
}

void RestoreMarker::remove() {
    state_.restores().remove(name_);
    // The lock is still held; who opened its file before finds no mark.
    boost::system::error_code ignored;
    boost::filesystem::remove(state_.restoreFolder() + "/" + name_ + ".lock", ignored);
}

}  // namespace coffer::solo
