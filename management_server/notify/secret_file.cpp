#include "management_server/notify/secret_file.h"

#include <filesystem>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/trust/private_file.h"

namespace coffer {

namespace {
constexpr std::size_t longestSecret = 1'024;
}

std::string readSecretFile(const std::string& path) {
    return during("secret file " + printable(path), [&] {
        std::string secret = readTextFile(path);
        namespace fs = std::filesystem;
        std::error_code failure;
        const fs::perms others = fs::status(path, failure).permissions() &
                                 (fs::perms::group_all | fs::perms::others_all);
        if (failure || others != fs::perms::none) {
            throw Error(ErrorCode::permissionDenied,
                        "others than its owner may use it; make its mode 0600");
        }
        while (secret.ends_with('\n') || secret.ends_with('\r')) secret.pop_back();
        if (secret.empty() || secret.size() > longestSecret ||
            secret.find_first_of("\r\n") != std::string::npos) {
            throw Error(ErrorCode::invalidArgument, "holds one line of 1 to 1,024 octets");
        }
        return secret;
    });
}

}  // namespace coffer
