#include "core/trust/certificate.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <optional>

#include "core/base/bytes.h"
#include "core/base/error.h"
#include "core/trust/openssl.h"
#include "core/trust/validity.h"

namespace coffer {

namespace {

using TimePtr = std::unique_ptr<ASN1_TIME, OpensslDeleter<ASN1_TIME_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;

/// The one value of a kind in the subject; nothing when there is none, several or an odd one.
std::optional<std::string> subjectValue(const X509& certificate, int kind) {
    const X509_NAME* subject = X509_get_subject_name(&certificate);
    const int at = X509_NAME_get_index_by_NID(subject, kind, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(subject, kind, at) >= 0) return {};
    unsigned char* text = nullptr;
    const int size =
        ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
    if (size < 0) {
        ERR_clear_error();
        return {};
    }
    std::string value(reinterpret_cast<char*>(text), static_cast<std::size_t>(size));
    OPENSSL_free(text);
    return value;
}

std::optional<Role> roleOf(std::string_view name) {
    for (const Role role : {Role::server, Role::agent, Role::client, Role::store}) {
        if (nameOf(role) == name) return role;
    }
    return {};
}

/// Extended key usage that a role has, and no other.
std::uint32_t usageOf(Role role) {
    return serves(role) ? XKU_SSL_SERVER : XKU_SSL_CLIENT;
}

Timestamp timestampOf(const ASN1_TIME& time) {
    const TimePtr epoch(ASN1_TIME_set(nullptr, 0));
    int days = 0;
    int seconds = 0;
    if (!epoch || ASN1_TIME_diff(&days, &seconds, epoch.get(), &time) != 1) {
        throw Error(ErrorCode::corrupt, "a certificate whose validity does not parse");
    }
    return {std::int64_t{days} * 86'400 + seconds, 0};
}

std::string serialOf(const X509& certificate) {
    const NumberPtr number(ASN1_INTEGER_to_BN(X509_get0_serialNumber(&certificate), nullptr));
    require(number != nullptr, "read a serial number");
    Bytes octets(static_cast<std::size_t>(BN_num_bytes(number.get())));
    BN_bn2bin(number.get(), octets.data());
    return toHex(octets);
}

}  // namespace

std::string_view nameOf(Role role) {
    switch (role) {
        case Role::server:
            return "server";
        case Role::agent:
            return "agent";
        case Role::client:
            return "client";
        case Role::store:
            return "store";
    }
    return "";
}

CertificateFacts factsOf(const X509& certificate) {
    const auto name = subjectValue(certificate, NID_commonName);
    const auto unit = subjectValue(certificate, NID_organizationalUnitName);
    const auto role = unit ? roleOf(*unit) : std::nullopt;
    if (!name || !role) {
        throw Error(ErrorCode::untrusted, "a certificate whose subject has no name or no role");
    }
    // The library caches extensions in the object.
    if (X509_get_extended_key_usage(const_cast<X509*>(&certificate)) != usageOf(*role)) {
        throw Error(ErrorCode::untrusted, "a certificate whose key usage does not fit its role");
    }
    CertificateFacts facts;
    facts.name = *name;
    facts.role = *role;
    facts.fingerprint = fingerprintOf(certificate);
    facts.serial = serialOf(certificate);
    facts.notBefore = timestampOf(*X509_get0_notBefore(&certificate));
    facts.notAfter = timestampOf(*X509_get0_notAfter(&certificate));
    checkCommonName(facts.name);
    return facts;
}

CertificateFacts factsOf(std::string_view pem) {
    return factsOf(*readCertificate(pem));
}

Validity validityOf(std::string_view pem) {
    return validityOf(*readCertificate(pem));
}

Validity validityOf(const X509& certificate) {
    return {timestampOf(*X509_get0_notBefore(&certificate)),
            timestampOf(*X509_get0_notAfter(&certificate))};
}

std::string textOf(const Validity& validity) {
    return "it holds from " + toIso8601(validity.notBefore) + " to " + toIso8601(validity.notAfter);
}

std::string fingerprintOf(const X509& certificate) {
    std::array<std::uint8_t, 32> digest{};
    unsigned length = digest.size();
    require(X509_digest(&certificate, EVP_sha256(), digest.data(), &length) == 1,
            "hash a certificate");
    return toHex(digest);
}

std::string fingerprintOf(std::string_view pem) {
    return fingerprintOf(*readCertificate(pem));
}

}  // namespace coffer
