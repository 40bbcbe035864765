#include <sys/stat.h>

#include <cerrno>

#include "core/base/error.h"
#include "core/base/printable.h"
#include "core/trust/private_file.h"
#include "tools/update_package/release_key.h"

namespace coffer {

namespace {

constexpr std::size_t digits = 64;

}  // namespace

SigningKey makeReleaseKey(const std::string& path) {
    struct stat found {};
    if (::lstat(path.c_str(), &found) == 0) {
        throw Error(ErrorCode::alreadyExists, printable(path) + " is there already");
    }
    SigningKey key = SigningKey::random();
    writePrivateFile(path, toHex(key.seed().view()) + "\n");
    return key;
}

SigningKey readReleaseKey(const std::string& path) {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) throw Error::fromErrno(errno, printable(path));
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        throw Error(ErrorCode::permissionDenied,
                    printable(path) + " is open for others: a release key has mode 0600");
    }
    std::string text = readTextFile(path);
    while (text.ends_with('\n')) text.pop_back();
    if (text.size() != digits) {
        throw Error(ErrorCode::corrupt, printable(path) + " is no release key");
    }
    return SigningKey::fromSeed(SecretKey::from(fromHex(text)));
}

}  // namespace coffer
