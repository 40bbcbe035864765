#include "core/source/exclude_rules.h"

#include <algorithm>

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

// The first line is a path, the others are patterns.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::string_view rest = textOf({data, size});
    const auto nextLine = [&] {
        const std::string_view line = rest.substr(0, rest.find(0x0a));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        return line;
    };
    const std::string_view path = nextLine();
    ExcludeRules rules;
    while (!rest.empty()) {
        const std::string_view pattern = nextLine();
        mayRefuse([&] { rules.add(pattern); });
    }
    const bool excludesFolder = rules.excludes(path, true);
    const bool excludesFile = rules.excludes(path, false);
    require(ExcludeRules(rules).excludes(path, true) == excludesFolder, "an answer stays");
    require(ExcludeRules(rules).excludes(path, false) == excludesFile, "an answer stays");
    if (excludesFile) {
        const std::string_view folder = path.substr(0, std::min(path.rfind('/'), path.size()));
        require(rules.mayNameBelow(path.find('/') == path.npos ? "" : folder),
                "what is named lies where it may");
    }
    return 0;
}
