#pragma once

#include "core/storage/disk.h"
#include "core/update/update_package.h"
#include "tests/support/simulated_disk.h"

namespace coffer {

inline const SigningKey& releaseKey() {
    static const SigningKey key = SigningKey::fromSeed(SecretKey::from(Bytes(32, 7)));
    return key;
}

inline UpdateManifest::File sampleFile(const std::string& name, std::string_view content) {
    return {name, content.size(), sha256(bytesOf(content))};
}

/// Of two files whose contents are below.
inline constexpr std::string_view agentContent = "the agent's program";
inline constexpr std::string_view workerContent = "the worker's";

inline UpdateManifest sampleManifest(const char* version = "1.4.0") {
    UpdateManifest manifest;
    manifest.version = Version::parse(version);
    manifest.platform = ownPlatform();
    manifest.made = Timestamp{1'000, 5};
    manifest.files = {sampleFile("coffer-worker", workerContent),
                      sampleFile("coffer-workstation-agent", agentContent)};
    return manifest;
}

/// What follows the head.
inline Bytes sampleContent() {
    Bytes content = toBytes(bytesOf(workerContent));
    append(content, bytesOf(agentContent));
    return content;
}

inline Bytes samplePackage(const char* version = "1.4.0") {
    Bytes package = makeHead(sampleManifest(version), releaseKey());
    append(package, sampleContent());
    return package;
}

inline void putFile(Disk& disk, const std::string& path, ByteView octets) {
    makeFolders(disk, parentOf(path));
    removeIfThere(disk, path);
    const auto writer = disk.create(path);
    writer->write(octets);
    writer->sync();
}

}  // namespace coffer
