#include "tests/support/memory_folder.h"

#include <filesystem>
#include <system_error>

#include "core/base/digest.h"
#include "core/base/random.h"

namespace coffer {

namespace fs = std::filesystem;

MemoryFolder::MemoryFolder() {
    const auto name = "coffer-test-" + randomId<Id<16, struct MemoryFolderTag>>().hex();
    std::error_code refused;
    fs::path path = fs::path("/dev/shm") / name;
    if (!fs::create_directory(path, refused)) {
        path = fs::temp_directory_path() / name;
        fs::create_directory(path);
    }
    path_ = path.string();
}

MemoryFolder::~MemoryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

}  // namespace coffer
