#include "core/trust/certificate_authority.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>

#include "core/base/error.h"
#include "core/base/random.h"
#include "core/trust/openssl.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

using ExtensionPtr = std::unique_ptr<X509_EXTENSION, OpensslDeleter<X509_EXTENSION_free>>;
using NamesPtr = std::unique_ptr<GENERAL_NAMES, OpensslDeleter<GENERAL_NAMES_free>>;
using NamePtr = std::unique_ptr<GENERAL_NAME, OpensslDeleter<GENERAL_NAME_free>>;
using NumberPtr = std::unique_ptr<BIGNUM, OpensslDeleter<BN_free>>;

constexpr std::chrono::hours authorityValidity{24 * 365 * 20 + 24 * 5};
constexpr std::size_t mostHosts = 100;
constexpr std::size_t longestHost = 255;
constexpr int weakestEc = 256;  // bits
constexpr int weakestRsa = 2048;

std::string certificateIn(const std::string& folder) {
    return folder + "/authority.pem";
}

std::string keyIn(const std::string& folder) {
    return folder + "/authority.key";
}

bool exists(const std::string& path) {
    try {
        readTextFile(path);
        return true;
    } catch (const Error& error) {
        if (error.code() == ErrorCode::notFound) return false;
        throw;
    }
}

/// 128 random bits; the first one stays 0, since a serial number is positive.
void setSerial(X509& certificate) {
    std::array<std::uint8_t, 16> octets{};
    fillRandom(octets);
    octets[0] = (octets[0] & 0x7f) | 0x40;  // always 16 octets
    const NumberPtr number(BN_bin2bn(octets.data(), octets.size(), nullptr));
    require(number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)),
            "set a serial number");
}

void setValidity(X509& certificate, Timestamp now, std::chrono::seconds validity) {
    const std::int64_t from = now.seconds - std::chrono::seconds(validBefore).count();
    require(ASN1_TIME_set(X509_getm_notBefore(&certificate), from) != nullptr &&
                ASN1_TIME_set(X509_getm_notAfter(&certificate), now.seconds + validity.count()) !=
                    nullptr,
            "set the validity of a certificate");
}

void addToName(X509_NAME& name, const char* field, std::string_view text) {
    require(X509_NAME_add_entry_by_txt(&name, field, MBSTRING_UTF8,
                                       reinterpret_cast<const unsigned char*>(text.data()),
                                       static_cast<int>(text.size()), -1, 0) == 1,
            "name a certificate");
}

void add(X509& certificate, X509* issuer, int kind, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, &certificate, nullptr, nullptr, 0);
    const ExtensionPtr extension(X509V3_EXT_nconf_nid(nullptr, &context, kind, value));
    require(extension && X509_add_ext(&certificate, extension.get(), -1) == 1,
            "add an extension to a certificate");
}

/// Built, not parsed from a text with a syntax of its own.
NamePtr alternativeName(const std::string& host) {
    if (host.empty() || host.size() > longestHost) {
        throw Error(ErrorCode::invalidArgument, "a host has 1 to 255 octets");
    }
    ASN1_OCTET_STRING* address = a2i_IPADDRESS(host.c_str());
    ERR_clear_error();
    NamePtr name(GENERAL_NAME_new());
    ASN1_IA5STRING* text = address ? nullptr : ASN1_IA5STRING_new();
    require(name && (address || text), "name a host");
    if (address) {
        GENERAL_NAME_set0_value(name.get(), GEN_IPADD, address);
    } else {
        GENERAL_NAME_set0_value(name.get(), GEN_DNS, text);
        require(ASN1_STRING_set(text, host.data(), static_cast<int>(host.size())) == 1,
                "name a host");
    }
    return name;
}

void addHosts(X509& certificate, const std::vector<std::string>& hosts) {
    if (hosts.empty()) return;
    if (hosts.size() > mostHosts) {
        throw Error(ErrorCode::limitExceeded, "more than 100 hosts in a certificate");
    }
    const NamesPtr names(GENERAL_NAMES_new());
    for (const std::string& host : hosts) {
        NamePtr name = alternativeName(host);
        require(names && sk_GENERAL_NAME_push(names.get(), name.get()) > 0, "name a host");
        name.release();  // the stack's
    }
    require(X509_add1_ext_i2d(&certificate, NID_subject_alt_name, names.get(), 0, 0) == 1,
            "add hosts to a certificate");
}

CertificatePtr blankCertificate(EVP_PKEY& key, Timestamp now, std::chrono::hours validity) {
    CertificatePtr certificate(X509_new());
    require(certificate && X509_set_version(certificate.get(), X509_VERSION_3) == 1,
            "make a certificate");
    setSerial(*certificate);
    setValidity(*certificate, now, validity);
    require(X509_set_pubkey(certificate.get(), &key) == 1, "give a certificate its key");
    return certificate;
}

CertificatePtr selfSigned(EVP_PKEY& key, Timestamp now) {
    CertificatePtr certificate = blankCertificate(key, now, authorityValidity);
    X509_NAME* name = X509_get_subject_name(certificate.get());
    addToName(*name, "O", "Coffer");
    std::array<std::uint8_t, 4> which{};  // so that people can tell two apart
    fillRandom(which);
    addToName(*name, "CN", "Coffer CA " + toHex(which));
    require(X509_set_issuer_name(certificate.get(), name) == 1, "name a certificate");
    add(*certificate, certificate.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
    add(*certificate, certificate.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
    add(*certificate, certificate.get(), NID_subject_key_identifier, "hash");
    require(X509_sign(certificate.get(), &key, EVP_sha256()) > 0, "sign a certificate");
    return certificate;
}

RequestPtr readRequest(std::string_view pem) {
    const BioPtr bio = readerOf(pem);
    RequestPtr request(PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
    ERR_clear_error();
    if (!request) throw Error(ErrorCode::invalidArgument, "no certificate request in the PEM text");
    return request;
}

/// Only what cannot be broken is worth a signature.
bool isStrong(const EVP_PKEY& key) {
    if (EVP_PKEY_is_a(&key, "EC")) return EVP_PKEY_get_bits(&key) >= weakestEc;
    if (EVP_PKEY_is_a(&key, "RSA")) return EVP_PKEY_get_bits(&key) >= weakestRsa;
    return EVP_PKEY_is_a(&key, "ED25519") || EVP_PKEY_is_a(&key, "ED448");
}

EVP_PKEY& checkedKey(X509_REQ& request) {
    EVP_PKEY* key = X509_REQ_get0_pubkey(&request);
    const bool holds = key && isStrong(*key) && X509_REQ_verify(&request, key) == 1;
    ERR_clear_error();
    if (!holds) {
        throw Error(ErrorCode::invalidArgument,
                    "a certificate request with a weak key, or not signed with its key");
    }
    return *key;
}

}  // namespace

CertificateAuthority CertificateAuthority::create(const std::string& folder, const Clock& clock) {
    if (exists(certificateIn(folder)) || exists(keyIn(folder))) {
        throw Error(ErrorCode::alreadyExists, "there is a certificate authority in " + folder);
    }
    std::string keyPem = makePrivateKey();
    const KeyPtr key = readPrivateKey(keyPem);
    std::string certificatePem = pemOf(*selfSigned(*key, clock.now()));
    writePrivateFile(keyIn(folder), keyPem);
    writePrivateFile(certificateIn(folder), certificatePem);
    return {std::move(certificatePem), std::move(keyPem), clock};
}

CertificateAuthority CertificateAuthority::load(const std::string& folder, const Clock& clock) {
    std::string certificatePem = readTextFile(certificateIn(folder));
    std::string keyPem = readTextFile(keyIn(folder));
    const CertificatePtr certificate = readCertificate(certificatePem);
    const KeyPtr key = readPrivateKey(keyPem);
    const bool together = X509_check_private_key(certificate.get(), key.get()) == 1;
    ERR_clear_error();
    if (!together) {
        throw Error(ErrorCode::wrongKey,
                    "key and certificate of the authority do not belong together");
    }
    return {std::move(certificatePem), std::move(keyPem), clock};
}

std::string CertificateAuthority::sign(std::string_view requestPem, const std::string& name,
                                       Role role, std::chrono::hours validity,
                                       const std::vector<std::string>& hosts) const {
    checkCommonName(name);
    if (validity <= std::chrono::hours(0) || validity > authorityValidity) {
        throw Error(ErrorCode::invalidArgument, "a certificate is valid for 1 hour to 20 years");
    }
    const RequestPtr request = readRequest(requestPem);
    EVP_PKEY& key = checkedKey(*request);
    const CertificatePtr issuer = readCertificate(certificate_);
    const KeyPtr signer = readPrivateKey(key_);

    const CertificatePtr certificate = blankCertificate(key, clock_->now(), validity);
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    addToName(*subject, "OU", nameOf(role));
    addToName(*subject, "CN", name);
    require(X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get())) == 1,
            "name an issuer");
    X509* from = issuer.get();
    add(*certificate, from, NID_basic_constraints, "critical,CA:FALSE");
    add(*certificate, from, NID_key_usage, "critical,digitalSignature");
    add(*certificate, from, NID_ext_key_usage,
        serves(role) ? "critical,serverAuth" : "critical,clientAuth");
    add(*certificate, from, NID_subject_key_identifier, "hash");
    add(*certificate, from, NID_authority_key_identifier, "keyid:always");
    addHosts(*certificate, hosts);
    require(X509_sign(certificate.get(), signer.get(), EVP_sha256()) > 0, "sign a certificate");
    return pemOf(*certificate);
}

}  // namespace coffer
