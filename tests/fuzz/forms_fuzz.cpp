#include "core/rpc/store/forms.h"

#include <omniORB4/CORBA.h>

#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/fuzz_target.h"

using namespace coffer;

namespace {

// As it comes over the wire, then as the store takes it.
template <class Form, class Work>
void take(ByteView octets, Work&& work) {
    cdrMemoryStream stream(const_cast<std::uint8_t*>(octets.data()), octets.size());
    Form form;
    try {
        form <<= stream;
    } catch (const CORBA::SystemException&) {
        return;  // omniORB refuses it
    }
    mayRefuse([&] { work(form); });
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static int none = 0;
    static const CORBA::ORB_var orb = CORBA::ORB_init(none, nullptr);  // knows how text is coded
    static const AgentIdentity agent{fixedAgent, SigningKey::fromSeed(fixedKey(4))};
    if (size == 0) return 0;
    const ByteView octets{data + 1, size - 1};
    switch (data[0] % 5) {
        case 0:
            take<Coffer::PlannedBlock>(octets, [](const Coffer::PlannedBlock& form) {
                const PlannedBlock block = rpc::toBlock(form, fixedRepository);
                for (const PlannedChunk& chunk : block.chunks) {
                    require(std::uint64_t{chunk.offset} + chunk.length <= block.place.rawLength,
                            "a chunk within its block");
                }
            });
            break;
        case 1:
            take<Coffer::BackupTerms>(octets, [](const Coffer::BackupTerms& terms) {
                rpc::toChunker(terms).check();
                rpc::toKeys(terms, agent);
            });
            break;
        case 2:
            take<Coffer::PackEntry>(
                octets, [](const Coffer::PackEntry& entry) { rpc::toRegistration(entry); });
            break;
        case 3:
            take<Coffer::SnapshotEntry>(
                octets, [](const Coffer::SnapshotEntry& entry) { rpc::toRegistration(entry); });
            break;
        default:
            take<Coffer::Octets>(octets, [](const Coffer::Octets& ids) {
                require(rpc::toIds(ids, rpc::mostAsked).size() <= rpc::mostAsked, "the bound");
            });
    }
    return 0;
}
