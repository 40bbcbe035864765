#include "core/pipeline/journal.h"
#include "core/snapshot/tree_node.h"

#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    mayRefuse([&] {
        JournalRecord record(Bytes(data, data + size));
        // A record borrows from itself; moved, it must still do so.
        const JournalRecord moved = std::move(record);
        for (const JournalEntry& entry : moved.entries()) {
            require(Bytes(entry.node.begin(), entry.node.end()).size() == entry.node.size(),
                    "a node lies in its record");
        }
        const Bytes encoded = JournalRecord::encode({}, moved.tree(), moved.entries());
        require(toBytes(JournalRecord(encoded).data()) == encoded, "a record comes back");
    });
    return 0;
}
