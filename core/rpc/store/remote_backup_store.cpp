#include "core/rpc/store/remote_backup_store.h"

#include <algorithm>
#include <chrono>
#include <memory>

#include "core/rpc/convert.h"
#include "core/rpc/store/forms.h"

namespace coffer::rpc {

using std::chrono::milliseconds;

/// Sends one pack. A slice is lent to the ORB, never copied.
class RemoteBackupStore::Upload : public PackUpload {
  public:
    Upload(RemoteBackupStore& store, const PackId& id)
        : store_(store), id_(id), octets_(toOctets(id)) {}

    PackId id() const override { return id_; }

    void append(ByteView slice) override {
        while (!slice.empty()) {
            const ByteView piece = slice.first(std::min<std::size_t>(slice.size(), longestSlice));
            send(piece);
            slice = slice.subspan(piece.size());
        }
    }

    void finish(const PackRegistration& registration) override {
        const Coffer::PackEntry entry = toEntry(registration);
        store_.calls_("finish a pack", [&] { (*store_.session_)->finishPack(entry); });
    }

  private:
    void send(ByteView piece) {
        const Coffer::Octets lent = lend(piece);
        CORBA::ULong wait = 0;
        store_.calls_("send a slice",
                      [&] { wait = (*store_.session_)->append(octets_, size_, lent); });
        size_ += piece.size();
        if (wait > 0) pause(milliseconds(wait), store_.calls_.cancel);
    }

    RemoteBackupStore& store_;
    const PackId id_;
    const Coffer::Octets octets_;
    std::uint64_t size_ = 0;
};

RemoteBackupStore::RemoteBackupStore(Coffer::Store_ptr store, ByteView token,
                                     const AgentIdentity& agent, const BaseOf& baseOf,
                                     const StoreCalls& calls)
    : calls_(calls) {
    Coffer::BackupSession_var session = begin(store, token, agent, {});
    // Which journal there is can only be asked once the repository is known.
    if (const auto base = baseOf(keys_.repositoryId)) {
        const Coffer::BackupSession_var first = session._retn();
        session = begin(store, token, agent, base);
        SessionHold<Coffer::BackupSession>::closeOnce(first);
    }
    Coffer::Octets_var suspects;
    calls_("ask for damaged chunks", [&] { suspects = session->suspects(); });
    terms_.suspects = toIds(suspects, suspects->length() / sizeof(ChunkId));
    std::ranges::sort(terms_.suspects);
    session_.emplace(session._retn());
}

RemoteBackupStore::~RemoteBackupStore() = default;

Coffer::BackupSession_ptr RemoteBackupStore::begin(Coffer::Store_ptr store, ByteView token,
                                                   const AgentIdentity& agent,
                                                   const std::optional<SnapshotId>& base) {
    const Coffer::Octets lent = lend(token);
    const Coffer::Octets baseOctets = base ? toOctets(*base) : Coffer::Octets();
    Coffer::BackupSession_var session;
    Coffer::BackupTerms_var terms;
    CORBA::Boolean pinned = false;
    calls_("begin a backup",
           [&] { session = store->beginBackup(lent, baseOctets, terms.out(), pinned); });
    checkAnswer(!CORBA::is_nil(session));
    keys_ = toKeys(terms, agent);
    chunker_ = toChunker(terms);
    terms_.basePinned = pinned;
    return session._retn();
}

std::vector<bool> RemoteBackupStore::missing(std::span<const ChunkId> ids) {
    std::vector<bool> answer;
    answer.reserve(ids.size());
    while (!ids.empty()) {
        const auto asked = ids.first(std::min<std::size_t>(ids.size(), mostAsked));
        const Coffer::Octets lent = lendIds(asked);
        Coffer::Flags_var flags;
        calls_("ask for missing chunks", [&] { flags = (*session_)->missing(lent); });
        checkAnswer(flags->length() == asked.size());
        for (CORBA::ULong i = 0; i < flags->length(); ++i) answer.push_back(flags[i]);
        ids = ids.subspan(asked.size());
    }
    return answer;
}

std::unique_ptr<PackUpload> RemoteBackupStore::openPack() {
    Coffer::Octets_var id;
    calls_("open a pack", [&] { id = (*session_)->openPack(); });
    return std::make_unique<Upload>(*this, toId<PackId>(id));
}

Timestamp RemoteBackupStore::commit(const SealedSnapshot& snapshot) {
    const Coffer::SnapshotEntry entry = toEntry(snapshot.registration);
    const Coffer::Octets lent = lend(snapshot.object);
    Coffer::Moment committed{};
    calls_("commit the snapshot", [&] { committed = (*session_)->commit(entry, lent); });
    return toTimestamp(committed);
}

}  // namespace coffer::rpc
