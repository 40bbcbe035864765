// File systems as an agent tells of them, and as its kernel does.
#include "core/service/file_systems.h"
#include "management_server/status/file_system_coverage.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(textOf({data, size}));
    for (const MountedFileSystem& each : fileSystemsIn(text)) {
        require(each.mountPoint.starts_with('/'), "is absolute");
    }
    const std::size_t half = text.size() / 2;
    const auto told = fileSystemsIn(std::map<std::string, std::string>{
        {"filesystem-01", text}, {"filesystem-02", text.substr(half)}});
    for (const AgentFileSystem& each : uncovered(told, {{text.substr(0, half), size % 2 == 0}})) {
        require(each.mountPoint.starts_with('/'), "is absolute");
    }
    return 0;
}
