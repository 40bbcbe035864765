#include "management_server/server/server_certificate.h"

#include <chrono>

#include "core/base/error.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {

constexpr std::chrono::hours validity{90 * 24};

}  // namespace

ServerCertificate::ServerCertificate(const CertificateAuthority& authority, const Clock& clock,
                                     std::string file, std::vector<std::string> hosts, Role role)
    : authority_(authority),
      clock_(clock),
      file_(std::move(file)),
      hosts_(std::move(hosts)),
      role_(role) {}

bool ServerCertificate::due() const {
    try {
        const CertificateFacts facts = factsOf(readTextFile(file_));
        const std::int64_t whole = facts.notAfter.seconds - facts.notBefore.seconds;
        const Timestamp now = clock_.now();
        return now < facts.notBefore || now.seconds >= facts.notAfter.seconds - whole / 3;
    } catch (const Error& error) {
        // One that nobody can read is as good as none.
        if (error.code() == ErrorCode::notFound || error.code() == ErrorCode::corrupt) return true;
        throw;
    }
}

void ServerCertificate::renew() {
    during("renew the server's certificate", [&] { writePrivateFile(file_, make()); });
}

std::string ServerCertificate::make() const {
    const std::string key = makePrivateKey();
    const std::string name(role_ == Role::store ? storeCommonName : serverCommonName);
    return authority_.sign(makeRequest(key, name), name, role_, validity, hosts_) + key;
}

}  // namespace coffer
