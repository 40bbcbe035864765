#include "core/update/update_manifest.h"

#include <algorithm>
#include <numeric>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::size_t longestVersion = 20;
constexpr std::size_t smallestFile = 1 + 1 + 1 + 32;  // octets of its entry

bool isName(std::string_view text) {
    const auto allowed = [](char each) {
        return (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
               (each >= '0' && each <= '9') || each == '-' || each == '_' || each == '.';
    };
    return !text.empty() && text.size() <= UpdateManifest::longestName && text.front() != '.' &&
           std::ranges::all_of(text, allowed);
}

void require(bool fine, const std::string& what) {
    if (!fine) throw Error(ErrorCode::corrupt, "manifest of an update: " + what);
}

Version versionOf(const std::string& text) {
    try {
        return Version::parse(text);
    } catch (const Error& error) {
        throw Error(ErrorCode::corrupt, std::string("manifest of an update: ") + error.what());
    }
}

}  // namespace

std::uint64_t UpdateManifest::contentSize() const {
    return std::accumulate(files.begin(), files.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const File& file) { return sum + file.size; });
}

void UpdateManifest::check() const {
    require(isName(platform), "the platform has no name");
    require(files.size() <= mostFiles, "too many files");
    for (std::size_t at = 0; at < files.size(); ++at) {
        const File& file = files[at];
        require(isName(file.name), "a file has the name \"" + printable(file.name) + "\"");
        require(file.name != headFile, "no file may have the name \"head\"");
        require(file.size > 0, file.name + " is empty");
        require(at == 0 || files[at - 1].name < file.name, "its files are not in order");
        if (file.size > largestFile) {
            throw Error(ErrorCode::limitExceeded, "update: " + file.name + " is larger than " +
                                                      std::to_string(largestFile) + " octets");
        }
    }
    if (contentSize() > largestContent) {
        throw Error(ErrorCode::limitExceeded, "update: its files are larger than " +
                                                  std::to_string(largestContent) +
                                                  " octets together");
    }
    for (const char* program : {agentProgram, workerProgram}) {
        const bool found =
            std::ranges::any_of(files, [&](const File& file) { return file.name == program; });
        require(found, std::string("it has no ") + program);
    }
}

Bytes UpdateManifest::encode() const {
    check();
    WireWriter writer;
    writer.sized(version.text());
    writer.sized(platform);
    writer.time(made);
    writer.varint(files.size());
    for (const File& file : files) {
        writer.sized(file.name);
        writer.varint(file.size);
        writer.raw(file.digest.view());
    }
    return writer.take();
}

UpdateManifest UpdateManifest::decode(ByteView octets) {
    WireReader reader(octets);
    UpdateManifest manifest;
    manifest.version = versionOf(reader.text(longestVersion));
    manifest.platform = reader.text(longestName);
    manifest.made = reader.time();
    const std::size_t count = reader.count(smallestFile, "files of an update");
    require(count <= mostFiles, "too many files");
    for (std::size_t each = 0; each < count; ++each) {
        File file;
        file.name = reader.text(longestName);
        file.size = reader.varint();
        file.digest = reader.id<Digest>();
        manifest.files.push_back(std::move(file));
    }
    reader.expectEnd();
    manifest.check();
    return manifest;
}

std::string ownPlatform() {
    return COFFER_PLATFORM;
}

}  // namespace coffer
