#include "tests/support/scratch_folder.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <cerrno>
#include <filesystem>

#include "core/base/error.h"
#include "tests/support/nasty_tree.h"

namespace coffer {

ScratchFolder::ScratchFolder() {
    const auto parent = std::filesystem::canonical(std::filesystem::temp_directory_path());
    path_ = (parent / "coffer-test-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) throw Error::fromErrno(errno, "make scratch folder");
}

ScratchFolder::~ScratchFolder() {
    try {
        removeTree(path_);
    } catch (const Error& error) {
        ADD_FAILURE() << error.what();
    }
}

}  // namespace coffer
