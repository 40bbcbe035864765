#include "core/repository/server_backup.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "core/repository/config_format.h"
#include "core/repository/recovery_kit.h"
#include "core/repository/server_backup_format.h"
#include "tests/support/expect_error.h"
#include "tests/support/test_repository.h"

namespace coffer {
namespace {

class ServerBackup : public testing::Test {
  protected:
    using Files = std::map<std::string, Bytes>;

    ServerBackup() { repository.open(); }

    const RepositoryConfig& config() { return repository->config(); }

    void write(std::uint64_t number, const Files& files) {
        ServerBackupWriter writer(repository.store, config(), repository->keys().sign, number,
                                  {1'234, 5});
        for (const auto& [name, content] : files) writer.append(name, content);
        writer.commit();
    }

    ServerBackupInfo only() {
        const auto backups = serverBackups(repository.store);
        EXPECT_EQ(backups.size(), 1U);
        return backups.at(0);
    }

    Files readWith(const RootKey& root) {
        Files files;
        readServerBackup(
            repository.store, only(), config(), root,
            [&](const std::string& name, ByteView content) { append(files[name], content); });
        return files;
    }
    Files read() { return readWith(RootKey::fromSeed(repository.kit.rootSeed)); }

    TestRepository repository;
    const std::string object = "server/0000000000000007";
};

TEST_F(ServerBackup, ComesBackWithTheKit) {
    Files files{{"empty", {}},
                {"server.db", noise((5 << 20) + 3, 1)},
                {"repositories/Main/keys", toBytes(bytesOf("secret"))},
                {"zeros", Bytes(3 << 20)}};
    write(7, files);
    EXPECT_EQ(only().name, object);
    EXPECT_EQ(only().number, 7U);
    EXPECT_LT(only().size, 5'500'000U);  // compressed
    EXPECT_EQ(checkServerBackup(repository.store, only(), config()), (Timestamp{1'234, 5}));
    EXPECT_EQ(read(), files);
}

TEST_F(ServerBackup, IsNotReadWhenItIsLargerThanAnyCanBe) {
    write(7, {{"a", {}}});
    ServerBackupInfo large = only();
    large.size = server_backup_format::sizeLimit + 1;
    expectError(
        ErrorCode::corrupt, [&] { checkServerBackup(repository.store, large, config()); },
        "larger than any");
    expectError(
        ErrorCode::corrupt, [&] { checkServerBackup(repository.store, large, config()); },
        "larger than any");
}

TEST_F(ServerBackup, ShowsNothingOfWhatIsInIt) {
    write(7, {{"authority.key", toBytes(bytesOf("a-secret-that-stands-alone"))}});
    const Bytes octets = readAll(repository.store, object, 1 << 20);
    const std::string_view text = textOf(octets);
    EXPECT_EQ(text.find("secret"), text.npos);
    EXPECT_EQ(text.find("authority"), text.npos);
}

TEST_F(ServerBackup, OpensWithNoOtherKey) {
    write(7, {{"a", {1}}});
    expectError(ErrorCode::wrongKey, [&] { readWith(RootKey::random()); });
    // Nor with what the server keeps.
    RootKey server = RootKey::random();
    server.box = repository->keys().content;
    expectError(ErrorCode::wrongKey, [&] { readWith(server); });
}

TEST_F(ServerBackup, RefusesEveryFlippedOctet) {
    write(7, {{"a", {1, 2, 3}}, {"b", {}}});
    const Bytes octets = readAll(repository.store, object, 1 << 20);
    for (std::size_t at = 0; at < octets.size(); ++at) {
        Bytes bad = octets;
        bad[at] ^= 1;
        repository.store.put(object, bad);
        EXPECT_TRUE(errorOf([&] { checkServerBackup(repository.store, only(), config()); })) << at;
        EXPECT_TRUE(errorOf([&] { read(); })) << at;
    }
    repository.store.put(object, octets);
    read();
}

TEST_F(ServerBackup, RefusesEveryTruncation) {
    write(7, {{"a", {1, 2, 3}}});
    const Bytes octets = readAll(repository.store, object, 1 << 20);
    for (std::size_t size = 0; size < octets.size(); ++size) {
        repository.store.put(object, ByteView(octets).first(size));
        EXPECT_TRUE(errorOf([&] { read(); })) << size;
    }
}

TEST_F(ServerBackup, IsBelievedOnlyInItsPlace) {
    write(7, {{"a", {1}}});
    repository.store.put("server/0000000000000008", readAll(repository.store, object, 1 << 20));
    repository.store.remove(object);
    expectError(ErrorCode::untrusted, [&] { read(); });
}

TEST_F(ServerBackup, OfAnotherRepositoryOrServerIsRefused) {
    TestRepository other;
    other.open();
    ServerBackupWriter writer(repository.store, other->config(), other->keys().sign, 7, {});
    writer.append("a", Bytes{1});
    writer.commit();
    expectError(ErrorCode::untrusted, [&] { read(); });
    repository.store.remove(object);
    ServerBackupWriter forged(repository.store, config(), SigningKey::random(), 7, {});
    forged.append("a", Bytes{1});
    forged.commit();
    expectError(ErrorCode::untrusted, [&] { read(); });
}

TEST_F(ServerBackup, ThatWasCutShortLeavesNothing) {
    {
        ServerBackupWriter writer(repository.store, config(), repository->keys().sign, 7, {});
        writer.append("a", noise(2 << 20, 1));
    }
    EXPECT_TRUE(serverBackups(repository.store).empty());
}

TEST_F(ServerBackup, OthersInItsFolderArePassedOver) {
    for (const char* other : {"server/7", "server/000000000000000g", "server/x/0000000000000007",
                              "server/00000000000000007"}) {
        repository.store.put(other, Bytes{1});
    }
    write(7, {{"a", {1}}});
    EXPECT_EQ(only().name, object);
}

TEST_F(ServerBackup, PartsThatLieAreRefused) {
    Decompressor decompressor;
    const auto decode = [&](const Bytes& plain) {
        return decodeServerBackupPart(plain, decompressor).name;
    };
    EXPECT_EQ(decode({1, 'a', 0, 0}), "a");
    for (const Bytes& bad :
         {Bytes{}, Bytes{0, 0, 0}, Bytes{1, 'a'}, Bytes{1, 'a', 0, 1}, Bytes{1, 'a', 0, 0, 9},
          Bytes{1, 'a', 7, 0}, Bytes{1, 'a', 1, 0xff, 0xff, 0xff, 0x7f, 1}}) {
        EXPECT_TRUE(errorOf([&] { decode(bad); }));
    }
}

}  // namespace
}  // namespace coffer
