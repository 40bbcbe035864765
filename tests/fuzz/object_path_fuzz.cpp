#include "core/agent/object_path.h"
#include "core/base/paths.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const std::string path(textOf({data, size}));
        checkObjectPath(path);
        require((path + "/").find("/../") == std::string::npos, "no way up");
        const std::string parent = parentOfObject(path);
        checkObjectPath(parent);
        require(isWithin(path, parent), "an entry is within its folder");
        require(path == "/" || !nameOfObject(path).empty(), "an entry has a name");
    });
    return 0;
}
