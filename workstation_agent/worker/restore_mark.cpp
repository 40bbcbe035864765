#include "workstation_agent/worker/restore_mark.h"

#include "core/base/digest.h"
#include "core/repository/envelope.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "CofferRr";
constexpr std::uint16_t formatVersion = 0;
constexpr std::uint64_t markLimit = 4096;

std::string nameFor(const std::string& target) {
    return sha256(bytesOf(target)).hex().substr(0, 32);
}

FileLock takeLock(Disk& disk, const std::string& folder, const std::string& name,
                  const RunWorld& world) {
    makeFolders(disk, folder);
    return lockFor(world, folder + "/" + name + ".lock");
}

}  // namespace

Bytes RestoreMark::encode() const {
    WireWriter writer = beginObject(magic, formatVersion);
    writer.u64(static_cast<std::uint64_t>(run));
    writer.sized(bootId);
    return writer.take();
}

RestoreMark RestoreMark::decode(ByteView data) {
    WireReader reader = openObject(data, magic, formatVersion);
    RestoreMark mark;
    mark.run = static_cast<std::int64_t>(reader.u64());
    mark.bootId = reader.text(markLimit);
    reader.expectEnd();
    return mark;
}

RestoreMarker::RestoreMarker(Disk& disk, const std::string& folder, const std::string& target,
                             const RunWorld& world)
    : store_(disk, folder), name_(nameFor(target)), lock_(takeLock(disk, folder, name_, world)) {}

std::optional<RestoreMark> RestoreMarker::read() {
    if (!store_.size(name_)) return {};
    return RestoreMark::decode(readAll(store_, name_, markLimit));
}

void RestoreMarker::write(const RestoreMark& mark) {
    store_.put(name_, mark.encode());
}

void RestoreMarker::remove() {
    store_.remove(name_);
}

}  // namespace coffer
