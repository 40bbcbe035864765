#include "management_server/solo/kit_file.h"

#include <fstream>
#include <iostream>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer::solo {

namespace {

constexpr std::size_t kitLimit = 64 * 1024;  // octets of a file that may be one

std::string readText(std::istream& in) {
    std::string text(kitLimit, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.bad()) throw Error(ErrorCode::ioError, "cannot be read");
    return text;
}

}  // namespace

RecoveryKit readKit(Disk& disk, const std::string& file) {
    if (file == "-") return RecoveryKit::fromText(readText(std::cin));
    return during("read " + printable(file), [&] {
        const auto reader = disk.open(disk.canonical(file));
        std::string text(kitLimit, '\0');
        text.resize(reader->read(0, {reinterpret_cast<std::uint8_t*>(text.data()), text.size()}));
        return RecoveryKit::fromText(text);
    });
}

void writeKit(Disk& disk, const std::string& file, const std::string& text) {
    if (file == "-") {
        std::cout << text << std::flush;
        return;
    }
    const std::string path = disk.canonical(file);
    if (disk.stat(path)) {
        throw Error(ErrorCode::alreadyExists, printable(file) + ": is there already");
    }
    const auto writer = disk.create(path);
    writer->write(bytesOf(text));
    writer->sync();
    disk.syncFolder(parentOf(path));
}

}  // namespace coffer::solo
