#include "core/update/update_package.h"

#include <algorithm>
#include <string_view>

#include "core/base/error.h"
#include "core/base/wire.h"

namespace coffer {

namespace {

constexpr std::string_view magic = "COFFERUP";
constexpr std::uint8_t format = 1;
constexpr std::string_view purpose = "coffer update package 1";
constexpr std::size_t largestManifest = PackageHead::largest - 128;

}  // namespace

Bytes makeHead(const UpdateManifest& manifest, const SigningKey& key) {
    const Bytes octets = manifest.encode();
    WireWriter writer;
    writer.raw(bytesOf(magic));
    writer.u8(format);
    writer.raw(key.verifyKey().view());
    writer.sized(octets);
    writer.raw(key.sign(purpose, octets).view());
    return writer.take();
}

PackageHead readHead(ByteView octets) {
    return during("head of an update package", [&] {
        const ByteView first = octets.first(std::min(octets.size(), PackageHead::largest));
        WireReader reader(first);
        if (textOf(reader.raw(magic.size())) != magic) {
            throw Error(ErrorCode::corrupt, "this is no update package");
        }
        if (const unsigned found = reader.u8(); found != format) {
            throw Error(ErrorCode::unsupported, "format " + std::to_string(found) +
                                                    " is not known to this version of Coffer");
        }
        PackageHead head;
        head.signer = reader.id<VerifyKey>();
        const ByteView manifest = reader.sized(largestManifest);
        // Nothing of it is looked at before.
        verifySignature(head.signer, purpose, manifest, reader.id<Signature>());
        head.manifest = UpdateManifest::decode(manifest);
        head.size = first.size() - reader.remaining();
        return head;
    });
}

void requireSigner(const PackageHead& head, const std::vector<VerifyKey>& trusted) {
    if (std::ranges::find(trusted, head.signer) != trusted.end()) return;
    throw Error(ErrorCode::untrusted, "the update is signed by " + head.signer.hex() +
                                          ", which is none of this agent's release keys");
}

VerifyKey releaseKeyOf(std::string_view text) {
    if (text.size() != 2 * sizeof(VerifyKey::bytes)) {
        throw Error(ErrorCode::invalidArgument, "a release key has 64 hexadecimal digits");
    }
    return VerifyKey::from(fromHex(text));
}

}  // namespace coffer
