#include "core/update/update_package.h"
#include "core/update/version_record.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const ByteView input{data, size};
    const SigningKey key = SigningKey::fromSeed(fixedKey(7));
    mayRefuse([&] { readHead(input); });
    // Whatever a release key signs: the manifest itself is hostile.
    mayRefuse([&] {
        const UpdateManifest manifest = UpdateManifest::decode(input);
        require(manifest.encode() == toBytes(input), "a manifest has one form");
        const PackageHead head = readHead(makeHead(manifest, key));
        require(head.manifest == manifest, "a manifest comes back");
    });
    mayRefuse([&] {
        const VersionRecord record = VersionRecord::decode(textOf(input));
        require(VersionRecord::decode(record.encode()) == record, "a record comes back");
    });
    return 0;
}
