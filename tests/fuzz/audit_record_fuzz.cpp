#include "management_server/access/audit_record.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        const ByteView input(data, size);
        const AuditRecord record = decodeAudit(input);
        require(encodeAudit(record) == toBytes(input), "a record has one form");
    });
    return 0;
}
