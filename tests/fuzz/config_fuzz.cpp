#include "core/repository/repository_config.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] { RepositoryConfig::decode({data, size}); });
    return 0;
}
