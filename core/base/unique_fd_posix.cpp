#include <unistd.h>

#include "core/base/unique_fd.h"

namespace coffer {

UniqueFd::~UniqueFd() {
    close();
}

void UniqueFd::close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
}

}  // namespace coffer
