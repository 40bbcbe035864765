#include "core/source/enclosing_repository.h"

#include <filesystem>
#include <fstream>

#include "core/base/error.h"
#include "core/base/printable.h"

namespace coffer {

namespace {

constexpr std::string_view configMagic = "CofferRp";

bool isRepository(const std::filesystem::path& folder) {
    std::error_code none;
    if (!std::filesystem::is_regular_file(folder / "config", none)) return false;
    std::string head(configMagic.size(), '\0');
    std::ifstream config(folder / "config", std::ios::binary);
    config.read(head.data(), static_cast<std::streamsize>(head.size()));
    return config && head == configMagic;
}

}  // namespace

void requireOutsideRepositories(const std::string& path) {
    std::error_code unknown;
    std::filesystem::path at = std::filesystem::weakly_canonical(path, unknown);
    if (unknown) return;  // whoever makes the folder says what is wrong with the path
    while (at.has_relative_path()) {
        at = at.parent_path();
        if (isRepository(at)) {
            throw Error(ErrorCode::invalidArgument,
                        printable(path) + " lies in the repository in " + printable(at.string()));
        }
    }
}

}  // namespace coffer
