#include "core/rpc/store/remote_restore_store.h"

#include <algorithm>
#include <iterator>

#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"
#include "idl/blocks.hh"

namespace coffer::rpc {

RemoteRestoreStore::RemoteRestoreStore(Coffer::Store_ptr store, ByteView token,
                                       const StoreCalls& calls)
    : calls_(calls) {
    const Coffer::Octets lent = lend(token);
    Coffer::RestoreSession_var session;
    Coffer::RestoreTerms_var terms;
    calls_("begin a restore", [&] { session = store->beginRestore(lent, terms.out()); });
    checkAnswer(!CORBA::is_nil(session));
    take(terms);
    session_.emplace(session._retn());
}

RemoteRestoreStore::~RemoteRestoreStore() = default;

void RemoteRestoreStore::take(const Coffer::RestoreTerms& terms) {
    repositoryId_ = toId<RepositoryId>(terms.repositoryId);
    domainKey_ = toId<Id<32, void>>(terms.domainKey).bytes;
    entries_.reserve(terms.nodes.length());
    for (CORBA::ULong i = 0; i < terms.nodes.length(); ++i) {
        const Coffer::RestoreNode& form = terms.nodes[i];
        entries_.push_back({toAbsolutePath(form.where), TreeNode::decode(viewOf(form.node))});
    }
    checkAnswer(!entries_.empty());
    fetchesSome_ = truthIn(toMap(terms.more), fetchesSome, false);
}

std::vector<PlannedBlock> RemoteRestoreStore::plan(std::span<const ChunkId> ids) {
    std::vector<PlannedBlock> plan;
    for (std::size_t first = 0; first < ids.size(); first += mostPlanned) {
        const std::size_t count = std::min<std::size_t>(ids.size() - first, mostPlanned);
        std::vector<PlannedBlock> some = planSome(ids.subspan(first, count));
        for (PlannedBlock& block : some) {
            for (PlannedChunk& chunk : block.chunks) {
                chunk.request += static_cast<std::uint32_t>(first);
            }
        }
        std::ranges::move(some, std::back_inserter(plan));
    }
    return plan;
}

// A plan that forgets a chunk or names one twice would leave files unfinished without a word.
std::vector<PlannedBlock> RemoteRestoreStore::planSome(std::span<const ChunkId> ids) const {
    const Coffer::Octets lent = lendIds(ids);
    Coffer::PlannedBlocks_var forms;
    calls_("plan blocks", [&] { forms = (*session_)->plan(lent); });
    std::vector<PlannedBlock> plan;
    plan.reserve(forms->length());
    std::vector<bool> seen(ids.size());
    std::size_t count = 0;
    for (CORBA::ULong i = 0; i < forms->length(); ++i) {
        plan.push_back(toBlock(forms[i], repositoryId_));
        for (const PlannedChunk& chunk : plan.back().chunks) {
            checkAnswer(chunk.request < ids.size() && !seen[chunk.request]);
            seen[chunk.request] = true;
            ++count;
        }
    }
    checkAnswer(count == ids.size());
    return plan;
}

Bytes RemoteRestoreStore::fetch(const PlannedBlock& block) {
    const Coffer::Octets pack = toOctets(block.access.pack);
    Coffer::Octets_var sealed;
    calls_("fetch a block", [&] { sealed = (*session_)->fetch(pack, block.access.number); });
    return toBytes(sealed);
}

bool RemoteRestoreStore::fetchSome(std::span<const PlannedBlock> blocks, const UseSealed& use) {
    if (!fetchesSome_) return false;
    Coffer::BlockNames names;
    names.length(static_cast<CORBA::ULong>(blocks.size()));
    for (CORBA::ULong i = 0; i < names.length(); ++i) {
        names[i].pack = toOctets(blocks[i].access.pack);
        names[i].number = blocks[i].access.number;
    }
    const Coffer::BlockSession_var session =
        Coffer::BlockSession::_unchecked_narrow((*session_).operator->());
    Coffer::Octets_var sealed;
    try {
        calls_("fetch blocks", [&] { sealed = session->fetchSome(names); });
    } catch (const Error& error) {
        if (error.endsRun()) throw;
        return false;
    }
    ByteView rest = viewOf(sealed);
    std::vector<ByteView> views;
    for (const PlannedBlock& block : blocks) {
        checkAnswer(block.place.sealedLength <= rest.size());
        views.push_back(rest.first(block.place.sealedLength));
        rest = rest.subspan(block.place.sealedLength);
    }
    checkAnswer(rest.empty());
    use(views);
    return true;
}

}  // namespace coffer::rpc
