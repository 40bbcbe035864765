#include "core/pipeline/restore_mark.h"

#include "core/base/digest.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "CofferRm";
constexpr std::uint16_t formatVersion = 1;
constexpr std::uint64_t markLimit = 256 * 1024;

FileLock takeIn(Disk& disk, const std::string& folder, const std::string& name,
                const RestoreMarker::TakeLock& take) {
    makeFolders(disk, folder);
    return take(folder + "/" + name + ".lock");
}

}  // namespace

Bytes RestoreMark::encode() const {
    WireWriter writer = beginObject(magic, formatVersion);
    writer.sized(restore);
    writer.sized(bootId);
    return writer.take();
}

RestoreMark RestoreMark::decode(ByteView data) {
    WireReader reader = openObject(data, magic, formatVersion);
    RestoreMark mark;
    mark.restore = reader.text(markLimit);
    mark.bootId = reader.text(markLimit);
    reader.expectEnd();
    return mark;
}

RestoreMarker::RestoreMarker(Disk& disk, const std::string& folder, const std::string& target,
                             const TakeLock& take)
    : store_(disk, folder),
      name_(sha256(bytesOf(target)).hex().substr(0, 32)),
      lock_(takeIn(disk, folder, name_, take)) {}

std::optional<RestoreMark> RestoreMarker::read() {
    if (!store_.size(name_)) return {};
    return RestoreMark::decode(readAll(store_, name_, markLimit));
}

void RestoreMarker::write(const RestoreMark& mark) {
    store_.put(name_, mark.encode());
}

// The lock's file stays: who waits for it may have opened it already.
void RestoreMarker::remove() {
    store_.remove(name_);
}

}  // namespace coffer
