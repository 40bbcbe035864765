#pragma once

#include <cstdint>
#include <vector>

#include "core/base/bytes.h"
#include "core/codec/signature.h"
#include "core/update/update_manifest.h"

namespace coffer {

/// What a package begins with: the manifest, who signed it, and the signature. The files follow, in
/// the order of the manifest, without anything between them.
struct PackageHead {
    static constexpr std::size_t largest = 4'096;  // octets

    UpdateManifest manifest;
    VerifyKey signer;

    /// Octets that it took, and where the first file begins in the package.
    std::size_t size = 0;

    /// Octets of the whole package.
    std::uint64_t packageSize() const { return size + manifest.contentSize(); }
};

/// The head of a package with this manifest.
Bytes makeHead(const UpdateManifest& manifest, const SigningKey& key);

/// Reads the head that `octets` begin with; more may follow. The signature holds for the key that
/// the head itself names. Throws Error(corrupt), (unsupported) for another format, (limitExceeded),
/// (untrusted).
PackageHead readHead(ByteView octets);

/// Throws Error(untrusted), unless one of `trusted` has signed it.
void requireSigner(const PackageHead& head, const std::vector<VerifyKey>& trusted);

/// A verify key out of 64 hexadecimal digits. Throws Error(invalidArgument).
VerifyKey releaseKeyOf(std::string_view text);

}  // namespace coffer
