#include "tests/system/hostile_peer.h"

namespace coffer {

void backUp(Peer& peer, const std::string& name, const Coffer::Octets& token,
            const Coffer::Octets& base) {
    const auto store = peer.reach<Coffer::Store>("CofferStore");
    attempt(name, [&] {
        Coffer::BackupTerms_var terms;
        CORBA::Boolean pinned = false;
        Coffer::BackupSession_var(store->beginBackup(token, base, terms.out(), pinned));
    });
}

namespace {

/// Argument 0: a token of another agent's backup.
void tokens(Peer& peer) {
    const Bytes token = fromHex(peer.argument());
    backUp(peer, "stolen", rpc::toOctets(token));
    Bytes changed = token;
    changed.front() ^= 1;
    backUp(peer, "forged", rpc::toOctets(changed));
    changed = token;
    changed.pop_back();
    backUp(peer, "cut", rpc::toOctets(changed));
    backUp(peer, "empty", {});
    backUp(peer, "garbage", octetsOf(100));
    backUp(peer, "15 MiB", octetsOf(15 * mib));
    const auto store = peer.reach<Coffer::Store>("CofferStore");
    attempt("for a restore", [&] {
        Coffer::RestoreTerms_var terms;
        Coffer::RestoreSession_var(store->beginRestore(rpc::toOctets(token), terms.out()));
    });
}

/// Argument 0: a token of a backup of this agent. Says a session that another could steal.
void ownBackup(Peer& peer) {
    const Coffer::Octets token = rpc::toOctets(fromHex(peer.argument()));
    backUp(peer, "strange base", token, octetsOf(5));
    const auto store = peer.reach<Coffer::Store>("CofferStore");
    attempt("own token for a restore", [&] {
        Coffer::RestoreTerms_var terms;
        Coffer::RestoreSession_var(store->beginRestore(token, terms.out()));
    });
    Coffer::BackupTerms_var terms;
    CORBA::Boolean pinned = false;
    const Coffer::BackupSession_var session = rpc::call("begin", [&] {
        return Coffer::BackupSession_var(store->beginBackup(token, {}, terms.out(), pinned));
    });
    attempt("4,194,304 ids", [&] { Coffer::Flags_var(session->missing(octetsOf(128 * mib))); });
    attempt("400,000 ids", [&] { Coffer::Flags_var(session->missing(octetsOf(12'800'000))); });
    attempt("half an id", [&] { Coffer::Flags_var(session->missing(octetsOf(16))); });
    const Coffer::Octets_var pack = session->openPack();
    const auto append = [&](const std::string& name, const Coffer::Octets& to, std::uint64_t offset,
                            std::size_t size) {
        attempt(name, [&] { session->append(to, offset, octetsOf(size)); });
    };
    append("slice of 15 MiB", pack, 0, 15 * mib);
    append("offset behind the end", pack, 1ULL << 40, 100);
    append("offset 2^64-1", pack, ~0ULL, 100);
    append("unknown pack", octetsOf(16), 0, 100);
    append("pack of 3 octets", octetsOf(3), 0, 100);
    Coffer::PackEntry entry;
    attempt("empty entry", [&] { session->finishPack(entry); });
    entry.pack = pack;
    entry.size = 1ULL << 60;
    entry.digest = octetsOf(32);
    entry.agent = octetsOf(16);
    entry.signature = octetsOf(64);
    attempt("forged entry", [&] { session->finishPack(entry); });
    Coffer::SnapshotEntry snapshot;
    snapshot.snapshot = octetsOf(16);
    snapshot.agent = octetsOf(16);
    snapshot.domain = octetsOf(16);
    snapshot.root = octetsOf(32);
    snapshot.digest = octetsOf(32);
    snapshot.signature = octetsOf(64);
    attempt("forged snapshot", [&] { session->commit(snapshot, octetsOf(1'000)); });
    say("session " + peer.text(session));
}

/// Argument 0: a session of another agent's backup.
void foreignBackup(Peer& peer) {
    const auto session = peer.given<Coffer::BackupSession>();
    attempt("missing", [&] { Coffer::Flags_var(session->missing(octetsOf(32))); });
    attempt("suspects", [&] { Coffer::Octets_var(session->suspects()); });
    attempt("open", [&] { Coffer::Octets_var(session->openPack()); });
    attempt("keep alive", [&] { session->keepAlive(); });
    attempt("close", [&] { session->close(); });
}

}  // namespace

const Attacks& storeAttacks() {
    static const Attacks all{
        {"tokens", tokens}, {"own-backup", ownBackup}, {"foreign-backup", foreignBackup}};
    return all;
}

}  // namespace coffer
