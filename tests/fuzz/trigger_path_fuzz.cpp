// Paths of an HTTP request that is to start a task.
#include "management_server/trigger/trigger_path.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string text(textOf({data, size}));
    taskInPath(text);
    if (const auto task = taskInPath("/tasks/" + text + "/run")) {
        require(!task->empty() && task->size() <= text.size(), "is a name within the path");
        require(task->find('\0') == task->npos || text.find('\0') != text.npos, "no zero is made");
    }
    return 0;
}
