// fuzz-seeds FOLDER: writes valid samples into FOLDER/<target>/<number> for the fuzz targets to
// start from.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include "core/base/error.h"
#include "core/base/wire.h"
#include "core/pipeline/journal.h"
#include "core/repository/index_catalog.h"
#include "core/repository/index_log.h"
#include "core/repository/index_segment.h"
#include "core/repository/manifest_format.h"
#include "core/repository/manifest_log.h"
#include "core/repository/owner.h"
#include "core/repository/pack_format.h"
#include "core/repository/recovery_kit.h"
#include "core/repository/repository_config.h"
#include "core/repository/server_backup.h"
#include "core/repository/server_state.h"
#include "core/repository/store_mark.h"
#include "core/snapshot/content_list.h"
#include "core/snapshot/snapshot.h"
#include "core/snapshot/tree.h"
#include "core/storage/memory_store.h"
#include "core/update/update_package.h"
#include "core/update/version_record.h"
#include "management_server/access/audit_record.h"
#include "management_server/run_archive/kept_run.h"
#include "tests/fuzz/fixed_keys.h"
#include "tests/fuzz/network_seeds.h"

namespace coffer {
namespace {

ChunkId chunkNumber(std::uint8_t number) {
    return ChunkId{{number}};
}

TreeNode nodeOf(EntryType type, const std::string& name) {
    TreeNode node;
    node.name = name;
    node.attributes.type = type;
    node.attributes.mode = 0644;
    node.attributes.owner = "owner";
    node.attributes.mtime = {1'700'000'000, 5};
    return node;
}

std::vector<TreeNode> sampleNodes() {
    TreeNode file = nodeOf(EntryType::file, "a");
    file.attributes.size = 100;
    file.content.extents = {{60, chunkNumber(1)}, {40, {}}};
    TreeNode large = nodeOf(EntryType::file, "b");
    large.attributes.size = 1ULL << 40;
    large.content = {{}, chunkNumber(2), 1};
    large.attributes.hardLink = HardLinkGroup{1, 2};
    TreeNode folder = nodeOf(EntryType::folder, "c");
    folder.tree = chunkNumber(3);
    folder.attributes.btime = Timestamp{-5, 5};
    folder.attributes.xattrs = {{"user.a", {1, 2}}, {"user.b", {}}};
    folder.streams = {{NamedStream::Kind::xattr, "user.c", 9, {{{9, chunkNumber(4)}}, {}, 0}}};
    TreeNode link = nodeOf(EntryType::symlink, "d");
    link.attributes.linkTarget = "../target";
    link.nameEncoding = NameEncoding::utf8FromUtf16;
    TreeNode device = nodeOf(EntryType::blockDevice, "e");
    device.attributes.deviceMajor = 8;
    device.attributes.inodeFlags = 16;
    device.condition = unreadable;
    return {file, large, folder, link, device};
}

Samples nodes() {
    Samples samples;
    for (const TreeNode& node : sampleNodes()) samples.push_back(node.encode());
    return samples;
}

Samples trees() {
    TreeEncoder whole(false);
    TreeEncoder segment(true);
    for (const TreeNode& node : sampleNodes()) {
        whole.add(node.encode());
        segment.add(node.encode());
    }
    return {whole.finish(), segment.finish(), TreeEncoder(false).finish(),
            encodeSegmented({1, {{chunkNumber(1), 5}, {chunkNumber(2), 300}}})};
}

Samples lists() {
    return {ContentList{}.encode(), ContentList{0, {{60, chunkNumber(1)}, {40, {}}}}.encode(),
            ContentList{2, {{1ULL << 40, chunkNumber(1)}}}.encode()};
}

Samples snapshots() {
    Snapshot snapshot;
    snapshot.host = "host";
    snapshot.paths = {"/home", "/etc"};
    snapshot.excludes = {"*.o"};
    snapshot.filters = {"include=*.c"};
    snapshot.started = {1'700'000'000, 5};
    snapshot.base = SnapshotId{{1}};
    snapshot.root = nodeOf(EntryType::folder, "");
    snapshot.root.tree = chunkNumber(1);
    snapshot.statistics.bytes = 1 << 30;
    Snapshot copy = snapshot;
    copy.origin = {RepositoryId{{1}}, SnapshotId{{2}}, AgentId{{3}}, {1'700'000'200, 7}};
    return {snapshot.encodeBody(), copy.encodeBody()};
}

std::vector<ManifestPayload> payloads() {
    SnapshotRegistration snapshot;
    snapshot.hidden = true;
    return {GenesisRecord{fixedRepository, {}},
            AgentKeyRecord{fixedAgent, {}},
            PackRecord{{fixedPack, 1000, {}, fixedAgent, {}}, {}},
            PackStateRecord{fixedPack, PackState::verified},
            SnapshotRecord{snapshot},
            ForgetRecord{},
            OwnerRecord{{}, 7},
            MarkRecord{{}, {Timestamp{1'900'000'000, 0}, {"audit", "release"}}},
            TrashRecord{{}, {1'800'000'000, 0}},
            UntrashRecord{},
            UnknownRecord{200, Bytes{1, 2, 3}}};
}

Samples manifestRecords() {
    Samples samples;
    for (const ManifestPayload& payload : payloads()) {
        samples.push_back(ManifestRecord{1, {}, {1'700'000'000, 5}, payload}.encodeBody());
    }
    return samples;
}

Samples manifestSegments() {
    MemoryStore store;
    const ManualClock clock;
    const SigningKey server = fixedServerKeys().sign;
    ManifestLog(store, server, clock).append(payloads());
    Samples samples;
    store.list(manifest_format::folder, [&](std::string_view name, std::uint64_t size) {
        samples.push_back(readAll(store, name, size));
    });
    return samples;
}

RootKey fixedRoot() {
    return {fixedKey(5), BoxKeyPair::fromSeed(fixedKey(5)), SigningKey::fromSeed(fixedKey(5))};
}

RepositoryConfig fixedConfig() {
    const ServerKeys keys = fixedServerKeys();
    const RootKey root = fixedRoot();
    RepositoryConfig config;
    config.repositoryId = fixedRepository;
    config.rootBox = root.box.publicKey;
    config.rootSign = root.sign.verifyKey();
    config.content = keys.content.publicKey;
    config.metadata = keys.metadata.publicKey;
    config.server = keys.sign.verifyKey();
    return config;
}

Samples configs() {
    return {fixedConfig().encode(fixedRoot())};
}

Samples recoveryKits() {
    const std::string text = RecoveryKit{fixedRepository, fixedKey(5)}.toText({}, "/backup");
    return {toBytes(bytesOf(text)), toBytes(bytesOf(text.substr(text.find("Key:"))))};
}

class MemoryUpload : public PackUpload {
  public:
    explicit MemoryUpload(Bytes& to) : to_(to) {}
    PackId id() const override { return fixedPack; }
    void append(ByteView slice) override { coffer::append(to_, slice); }
    void finish(const PackRegistration&) override {}

  private:
    Bytes& to_;
};

struct SamplePack {
    Bytes octets;
    Bytes directory;  // with the length of the blocks before it
};

void addBlocks(PackWriter& writer) {
    const Bytes text(1000, 'x');
    Compressor compressor(3);
    writer.add({ChunkKind::data, 1000, {{chunkNumber(1), 400, {}}, {chunkNumber(2), 600, {}}}},
               compressor.compress(text));
    const Bytes tree{1, 0, 0};
    const std::vector<ChunkId> references{chunkNumber(1), chunkNumber(2)};
    writer.add({ChunkKind::tree, 3, {{chunkNumber(3), 3, references}}}, {Codec::plain, tree});
}

SamplePack packWith(void (*add)(PackWriter&)) {
    SamplePack pack;
    const AgentKeys keys = fixedAgentKeys();
    PackWriter writer(keys, std::make_unique<MemoryUpload>(pack.octets));
    add(writer);
    WireWriter directory;
    directory.u32(static_cast<std::uint32_t>(writer.size() - pack_format::headerSize));
    directory.raw(writer.directory().encode());
    pack.directory = directory.take();
    writer.finish();
    return pack;
}

std::vector<SamplePack> samplePacks() {
    return {packWith(addBlocks), packWith([](PackWriter&) {})};
}

Samples packs() {
    Samples samples;
    for (const SamplePack& pack : samplePacks()) samples.push_back(pack.octets);
    return samples;
}

Samples packDirectories() {
    Samples samples;
    for (const SamplePack& pack : samplePacks()) samples.push_back(pack.directory);
    return samples;
}

Samples journalRecords() {
    const Bytes node = sampleNodes().front().encode();
    return {JournalRecord::encode({"/home", 3, 5}, chunkNumber(1),
                                  {{"a", {100, {1, 2}, {3, 4}, 5, true}, node}, {"b", {}, node}}),
            JournalRecord::encode({}, chunkNumber(1), {})};
}

// As chunk_index_fuzz.cpp takes them: which file, then what is in it.
Samples chunkIndexFiles() {
    class Writer : public DiskWriter {
      public:
        explicit Writer(Bytes& into) : into_(into) {}
        void write(ByteView data) override { append(into_, data); }
        void sync() override {}

      private:
        Bytes& into_;
    };
    IndexCatalog catalog;
    catalog.packs = {{PackId{}, 0}, {PackId::from(chunkNumber(1).view().first(16)), 5}};
    catalog.segments = {{1, 2}};
    Bytes encoded = catalog.encode();
    encoded.resize(encoded.size() - 8);  // the digest is put there by the target
    const IndexChange change{
        IndexChange::Kind::add, 3, PackId{}, {IndexEntry{keyOf(chunkNumber(1))}}};
    Bytes log;
    IndexLogWriter(std::make_unique<Writer>(log), 0).append(change);
    Bytes segment;
    IndexSegmentWriter writer(std::make_unique<Writer>(segment), 1);
    writer.add(change.entries.front());
    writer.finish();
    Samples samples;
    std::uint8_t kind = 0;
    for (const Bytes& file : {encoded, change.encode(), log, segment}) {
        Bytes sample{kind};
        if (kind++ == 3) sample.push_back(1);  // entries
        append(sample, file);
        samples.push_back(sample);
    }
    return samples;
}

Samples excludePatterns() {
    Samples samples;
    for (const char* text :
         {"/home/user/cache/a.o\n*.o\n!keep.o\n", "/srv/a/b/build\n/srv/**/build\n/srv/**\ncache/",
          "/a/file-7\nfile-[0-9]\n[!a-z]*\n[[:digit:]]?\n\\*x\n**/b/**/c"}) {
        samples.push_back(toBytes(bytesOf(text)));
    }
    return samples;
}

// What `write` puts into an empty store.
Samples written(const std::function<void(ObjectStore&)>& write) {
    MemoryStore store;
    write(store);
    Samples samples;
    store.list("", [&](std::string_view name, std::uint64_t size) {
        samples.push_back(readAll(store, name, size));
    });
    return samples;
}

// For a target that looks at the first octet to know which decoder is meant.
Samples numbered(const std::vector<Samples>& kinds) {
    Samples all;
    for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
        for (const Bytes& sample : kinds[kind]) {
            all.push_back({static_cast<std::uint8_t>(kind)});
            append(all.back(), sample);
        }
    }
    return all;
}

Samples keyObjects() {
    return {sealKeyObject(fixedServerKeys(), fixedRepository, fixedRoot())};
}

Samples smallObjects() {
    const ServerKeys keys = fixedServerKeys();
    ServerState state;
    state.keys = keys;
    state.rootSeed = fixedKey(5);
    const AgentIdentity agent{fixedAgent, SigningKey::fromSeed(fixedKey(4))};
    return numbered({keyObjects(), written([&](ObjectStore& store) {
                         writeOwner(store, {{}, 7}, keys.sign);
                     }),
                     written([&](ObjectStore& store) {
                         writeStoreMark(store, {{}, fixedRepository, StoreMark::Kind::replica});
                     }),
                     written([&](ObjectStore& store) { state.save(store); }),
                     written([&](ObjectStore& store) { agent.save(store); })});
}

Samples serverBackupObjects() {
    WireWriter part;
    part.sized("server.db");
    part.u8(static_cast<std::uint8_t>(Codec::plain));
    part.varint(3);
    part.raw(Bytes{1, 2, 3});
    return numbered({{part.take()}, written([](ObjectStore& store) {
                         ServerBackupWriter writer(store, fixedConfig(), fixedServerKeys().sign, 1,
                                                   {1'700'000'000, 5});
                         writer.append("server.db", Bytes(100));
                         writer.append("empty", {});
                         writer.commit();
                     })});
}

Samples keptRuns() {
    KeptRun run{{1'700'000'000, 0}, {1'700'000'100, 5}, "backup of /home", 2, {}};
    run.entries.push_back({3, 1, {1'700'000'050, 0}, LogLevel::error, "ioError", "/home/a", "no"});
    return {encodeKeptRun(run)};
}

Samples rescueObjects() {
    Samples directories;
    for (const SamplePack& pack : samplePacks()) {
        directories.emplace_back(pack.directory.begin() + 4, pack.directory.end());
    }
    return numbered({configs(), keyObjects(), recoveryKits(), manifestSegments(), directories,
                     nodes(), trees(), manifestRecords()});
}

Samples texts(const std::vector<const char*>& all) {
    Samples samples;
    for (const char* text : all) samples.push_back(toBytes(bytesOf(text)));
    return samples;
}

Samples fileSystemTexts() {
    return texts({"ext4 53687091200 /home", "28 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw\n",
                  "40 28 0:50 /@ /srv/my\\040data rw - btrfs /dev/sdb rw\n"});
}

Samples optionTexts() {
    return numbered({texts({"08:00-18:00=500K,22:00-06:00=0,20M", "none"}),
                     texts({"server:7465", "[::1]:2424", "10.0.0.1"}), texts({"1y6m2w3d5h", "36h"}),
                     texts({"keep-last=7", "keep-within=30d", "keep-tag=release"})});
}

Samples scheduleTexts() {
    return numbered({texts({"every 15 minutes", "daily at 12:00,21:30 except 2026-12-24,12-25",
                            "weekly on mon-fri,sun at 02:00", "cron */5 1-5 * jan-mar fri",
                            "monthly on 1,last,last friday at 03:00"}),
                     texts({"mon-fri 20:00-06:00; sat,sun 00:00-24:00"})});
}

Samples directoryNames() {
    return texts({"cn=Staff\\, all,ou=groups,dc=example", "CN=a+ou=b,DC=x", "#04024869=\"x\"",
                  "ann", "x)(uid=*", "uid=#04024869,dc=x"});
}

Samples triggerPaths() {
    return texts({"/tasks/office/run", "nightly%20of%2fb%C3%A4r", "%00", "a/b"});
}

// As version 2 has it: a block that nobody looks at, then one with two changes, then the rule.
Samples timeZones() {
    const std::string header("TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);
    const std::string none("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24);
    const std::string two("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\2\0\0\0\2\0\0\0\4", 24);
    const std::string times("\0\0\0\0\1\0\0\0\0\0\0\0\2\0\0\0\1\0", 18);
    const std::string kinds("\0\0\0\0\0\0\0\0\x0e\x10\1\0CET\0", 16);
    const std::string file = header + none + header + two + times + kinds;
    return {toBytes(bytesOf(file + "\nCET-1CEST,M3.5.0,M10.5.0/3\n")),
            toBytes(bytesOf(file + "\n<+01>-1<+02>,J60/-1,300/167\n"))};
}

Samples settings() {
    return texts(
        {"[agent]\nserver = host:2424\n; threads = 2\n[allow]\nfolders = /home, /etc\n"
         "backup = no\n",
         "[agent]\nthreads = 64\n"});
}

Samples auditRecords() {
    const Change change{"grant-added", "user:ann", {{"grant", "viewer"}}, {{"grant", "deleter"}}};
    return {encodeAudit({1, {1'700'000'000, 5}, "admin", "192.0.2.7", change}),
            encodeAudit({2, {}, "", "", {}})};
}

void write(const std::filesystem::path& folder, const Samples& samples) {
    std::filesystem::create_directories(folder);
    std::size_t number = 0;
    for (const Bytes& sample : samples) {
        std::ofstream file(folder / std::to_string(number++), std::ios::binary);
        const std::string_view text = textOf(sample);
        file.write(text.data(), static_cast<std::streamsize>(text.size()));
        if (!file.flush()) throw Error(ErrorCode::ioError, "write " + folder.string());
    }
}

// A head, the manifest in it, and a record of versions.
Samples updatePackages() {
    UpdateManifest manifest;
    manifest.version = Version::parse("1.4.0");
    manifest.platform = "linux-x86_64";
    manifest.made = {1'700'000'000, 5};
    for (const char* name : {UpdateManifest::workerProgram, UpdateManifest::agentProgram}) {
        manifest.files.push_back({name, 4, sha256(bytesOf("test"))});
    }
    VersionRecord record;
    record.beginTrial(manifest.version);
    record.confirm(manifest.version);
    record.start();
    return {makeHead(manifest, SigningKey::fromSeed(fixedKey(7))), manifest.encode(),
            toBytes(bytesOf(record.encode()))};
}

void writeAll(const std::filesystem::path& folder) {
    const std::map<std::string, Samples (*)()> targets{{"audit_record_fuzz", auditRecords},
                                                       {"chunk_index_fuzz", chunkIndexFiles},
                                                       {"config_fuzz", configs},
                                                       {"directory_name_fuzz", directoryNames},
                                                       {"exclude_pattern_fuzz", excludePatterns},
                                                       {"forms_fuzz", storeForms},
                                                       {"journal_record_fuzz", journalRecords},
                                                       {"kept_run_fuzz", keptRuns},
                                                       {"list_fuzz", lists},
                                                       {"manifest_record_fuzz", manifestRecords},
                                                       {"manifest_segment_fuzz", manifestSegments},
                                                       {"file_system_fuzz", fileSystemTexts},
                                                       {"node_fuzz", nodes},
                                                       {"node_id_fuzz", nodeIds},
                                                       {"object_path_fuzz", objectPaths},
                                                       {"option_text_fuzz", optionTexts},
                                                       {"pack_directory_fuzz", packDirectories},
                                                       {"pack_fuzz", packs},
                                                       {"recovery_kit_fuzz", recoveryKits},
                                                       {"rescue_fuzz", rescueObjects},
                                                       {"run_token_fuzz", runTokens},
                                                       {"agent_list_fuzz", agentLists},
                                                       {"schedule_text_fuzz", scheduleTexts},
                                                       {"server_backup_fuzz", serverBackupObjects},
                                                       {"settings_fuzz", settings},
                                                       {"small_objects_fuzz", smallObjects},
                                                       {"snapshot_fuzz", snapshots},
                                                       {"time_zone_fuzz", timeZones},
                                                       {"tree_fuzz", trees},
                                                       {"trigger_path_fuzz", triggerPaths},
                                                       {"update_package_fuzz", updatePackages},
                                                       {"worker_order_fuzz", workerOrders},
                                                       {"worker_report_fuzz", workerReports}};
    for (const auto& [name, samples] : targets) write(folder / name, samples());
}

}  // namespace
}  // namespace coffer

int main(int count, char** arguments) {
    if (count != 2) {
        std::fputs("usage: fuzz-seeds FOLDER\n", stderr);
        return 2;
    }
    try {
        coffer::writeAll(arguments[1]);
        return 0;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "fuzz-seeds: %s\n", error.what());
        return 1;
    }
}
